package dev.latchkey.bench.chaos;

import dev.latchkey.bench.chaos.Change.Answer;
import dev.latchkey.bench.chaos.Change.Effect;
import dev.latchkey.bench.chaos.Client.Reply;
import dev.latchkey.bench.chaos.Held.Pass;
import dev.latchkey.bench.chaos.Use.Verdict;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Programs that get access tokens and use them at every door of one node. */
final class Programs {
    /** Longer than a node is ever frozen, so that its decisions afterwards are seen. */
    private static final Duration PATIENCE = Duration.ofSeconds(16);

    /** Well within their ten minutes, whatever a node believes the time to be. */
    private static final long PASS_MICROS = Duration.ofMinutes(7).toNanos() / 1_000;

    private static final JsonMapper JSON = new JsonMapper();

    private final Client client;
    private final Inventory inventory;
    private final History history;
    private final Credentials asker;

    /** The signing keys that were seen, by all programs together. */
    private final Set<String> keys;

    /** Each attempt comes from a different address: otherwise wrong secrets would slow down all others. */
    private final AtomicInteger addresses;

    private Programs(
            Client client,
            Inventory inventory,
            History history,
            Credentials asker,
            Set<String> keys,
            AtomicInteger addresses) {
        this.client = client;
        this.inventory = inventory;
        this.history = history;
        this.asker = asker;
        this.keys = keys;
        this.addresses = addresses;
    }

    /**
     * Those of each node.
     *
     * @param asker who may introspect every access token
     */
    static List<Programs> of(List<Client> clients, Inventory inventory, History history, Credentials asker) {
        Set<String> keys = ConcurrentHashMap.newKeySet();
        AtomicInteger addresses = new AtomicInteger();
        return clients.stream()
                .map(client -> new Programs(client, inventory, history, asker, keys, addresses))
                .toList();
    }

    /** One attempt of some kind. */
    void use(RandomGenerator random) {
        if (random.nextInt(20) == 0) {
            inventory.pickPerson(random).ifPresent(this::page);
            return;
        }
        inventory.pick(random).ifPresent(held -> {
            List<Pass> passes = held.passes().stream()
                    .filter(pass -> history.now() - pass.at() < PASS_MICROS)
                    .toList();
            if (passes.isEmpty() || random.nextInt(3) == 0) {
                List<Map.Entry<Long, String>> secrets =
                        new ArrayList<>(held.secrets().entrySet());
                grant(held, secrets.get(random.nextInt(secrets.size())), random.nextInt(3) > 0);
            } else {
                Pass pass = passes.get(random.nextInt(passes.size()));
                if (random.nextInt(3) == 0) {
                    introspection(held, pass);
                } else if (pass.forApi()) {
                    gate(held, pass);
                } else {
                    own(held, pass);
                }
            }
        });
    }

    private void grant(Held held, Map.Entry<Long, String> secret, boolean forApi) {
        Reply reply = client.form(
                "/oauth/v2/token",
                Map.of(
                        "Authorization",
                        new Credentials(held.clientId(), secret.getValue()).basic(),
                        "X-Forwarded-For",
                        address()),
                "grant_type=client_credentials" + (forApi ? "&resource=" + Stage.AUDIENCE : ""),
                PATIENCE);
        if (reply.status() == 200) {
            String accessToken = reply.json().get("access_token").asString();
            String keyId = keyId(accessToken);
            if (keys.add(keyId)) {
                history.add(new Change(
                        reply.time(),
                        client.node(),
                        "signing_key.create",
                        Thing.signingKey(keyId),
                        Effect.MAKES,
                        Answer.DONE,
                        ""));
            }
            held.add(new Pass(accessToken, keyId, forApi, reply.time().begin()));
        }
        record(
                reply,
                "token endpoint",
                List.of(held.token(), Thing.secret(held.clientId(), secret.getKey())),
                reply.status() == 200);
    }

    private void own(Held held, Pass pass) {
        Reply reply = client.get("/api/v1/me", bearer(pass), PATIENCE);
        record(reply, "management API", standingOf(held, pass), reply.status() == 200);
    }

    private void gate(Held held, Pass pass) {
        Reply reply = client.get(
                "/gate/v1/nginx/" + Stage.API,
                Map.of(
                        "Authorization",
                        "Bearer " + pass.accessToken(),
                        "X-Forwarded-For",
                        address(),
                        "X-Original-Method",
                        "GET",
                        "X-Original-URI",
                        Stage.PATH,
                        "X-Original-Host",
                        Stage.HOST),
                PATIENCE);
        List<Thing> restsOn = new ArrayList<>(standingOf(held, pass));
        restsOn.add(Thing.grant(held.role(), Stage.PRIVILEGE));
        record(reply, "gate", restsOn, reply.isSuccess());
    }

    private void introspection(Held held, Pass pass) {
        Reply reply = client.form(
                "/oauth/v2/introspect",
                Map.of("Authorization", asker.basic(), "X-Forwarded-For", address()),
                "token=" + pass.accessToken(),
                PATIENCE);
        JsonNode active = reply.status() == 200 ? reply.json().get("active") : null;
        record(reply, "introspection", standingOf(held, pass), active != null && active.asBoolean());
    }

    private void page(Inventory.SignedIn person) {
        Reply reply = client.get("/api/v1/me", Map.of("Cookie", person.cookie()), PATIENCE);
        record(
                reply,
                "session",
                List.of(Thing.person(person.userId()), Thing.session(person.userId())),
                reply.status() == 200);
    }

    /** A request that was not even sent shows nothing. */
    private void record(Reply reply, String door, List<Thing> restsOn, boolean accepted) {
        if (reply.reached()) {
            Verdict verdict = accepted
                    ? Verdict.ACCEPTED
                    : reply.status() == 0 || reply.status() == 429 || reply.status() >= 500
                            ? Verdict.UNANSWERED
                            : Verdict.REFUSED;
            history.add(new Use(reply.time(), client.node(), door, restsOn, verdict, reply.said()));
        }
    }

    private static List<Thing> standingOf(Held held, Pass pass) {
        return List.of(held.token(), Thing.signingKey(pass.keyId()));
    }

    private static Map<String, String> bearer(Pass pass) {
        return Map.of("Authorization", "Bearer " + pass.accessToken());
    }

    private String address() {
        int number = addresses.incrementAndGet();
        return "10." + (number >> 16 & 255) + "." + (number >> 8 & 255) + "." + (number & 255);
    }

    private static String keyId(String accessToken) {
        String header = accessToken.substring(0, accessToken.indexOf('.'));
        return JSON.readTree(new String(Base64.getUrlDecoder().decode(header), StandardCharsets.UTF_8))
                .get("kid")
                .asString();
    }
}
