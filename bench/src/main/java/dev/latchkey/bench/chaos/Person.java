package dev.latchkey.bench.chaos;

import dev.latchkey.bench.chaos.Change.Answer;
import dev.latchkey.bench.chaos.Change.Effect;
import dev.latchkey.bench.chaos.Client.Reply;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A person who creates, changes and ends their own things, one call at a time, so that the order of the changes to each thing is
 * known. A thing whose state is unknown after a call without a response is no longer changed, only ended.
 */
final class Person {
    private static final int TOKENS = 25;
    private static final String PASSWORD = "a password for the chaos";

    private final String name;
    private final List<Client> clients;
    private final Administrator administrator;
    private final Inventory inventory;
    private final History history;
    private final RandomGenerator random;

    private final List<Own> tokens = new ArrayList<>();
    private final List<String> users = new ArrayList<>();
    private @Nullable Role role;
    private int made;
    private int turn;

    Person(
            String name,
            List<Client> clients,
            Credentials administrator,
            Inventory inventory,
            History history,
            RandomGenerator random) {
        this.name = name;
        this.clients = clients;
        this.administrator = new Administrator(administrator);
        this.inventory = inventory;
        this.history = history;
        this.random = random;
    }

    private static final class Own {
        private final Held held;
        private final List<Long> live = new ArrayList<>(List.of(1L));
        private boolean open = true;

        Own(Held held) {
            this.held = held;
        }
    }

    private static final class Role {
        private final String name;
        private boolean allows = true;

        Role(String name) {
            this.name = name;
        }
    }

    /** One change of some kind, at some node; the next one elsewhere, if this one is away. */
    void act() {
        Client client = clients.get(turn % clients.size());
        Role current = role;
        if (current == null) {
            createRole(client);
            return;
        }
        int dice = random.nextInt(100);
        if (dice < 34 || tokens.isEmpty()) {
            createToken(client, current);
        } else if (dice < 62) {
            revoke(client, pick());
        } else if (dice < 73) {
            addSecret(client, pick());
        } else if (dice < 82) {
            removeSecret(client, pick());
        } else if (dice < 93) {
            changeRole(client, current);
        } else if (dice < 96) {
            invite(client);
        } else if (dice < 99) {
            disable(client);
        } else {
            withdraw(client);
        }
        if (tokens.size() > TOKENS) {
            revoke(client, tokens.getFirst());
        }
    }

    private Own pick() {
        return tokens.get(random.nextInt(tokens.size()));
    }

    private Reply call(Client client, String method, String path, @Nullable String json) {
        Reply reply = administrator.call(client, method, path, json);
        turn = reply.reached() ? random.nextInt(clients.size()) : turn + 1;
        return reply;
    }

    private Answer record(Reply reply, Client client, String operation, Thing thing, Effect effect) {
        if (reply.reached()) {
            history.add(
                    new Change(reply.time(), client.node(), operation, thing, effect, reply.answer(), reply.said()));
        }
        return reply.answer();
    }

    private void createRole(Client client) {
        String called = name + "_" + made++;
        Reply reply = call(client, "POST", "/roles", """
                {"name": "%s", "privileges": [{"api": "%s", "privilege": "%s", "effect": "allow"}]}""".formatted(called, Stage.API, Stage.PRIVILEGE));
        Answer answer = record(reply, client, "role.create", Thing.grant(called, Stage.PRIVILEGE), Effect.MAKES);
        if (answer == Answer.DONE) {
            role = new Role(called);
        }
    }

    private void createToken(Client client, Role current) {
        Reply reply = call(client, "POST", "/tokens", """
                {"description": "Of %s", "role": "%s"}""".formatted(name, current.name));
        if (reply.answer() == Answer.DONE) {
            JsonNode created = reply.json();
            String clientId = created.get("clientId").asString();
            Held held =
                    new Held(clientId, current.name, created.get("clientSecret").asString());
            record(reply, client, "api_token.create", held.token(), Effect.MAKES);
            record(reply, client, "api_token.create", Thing.secret(clientId, 1), Effect.MAKES);
            tokens.add(new Own(held));
            inventory.add(held);
            inventory.touched(held);
        } else if (reply.status() == 422) {
            // The role was lost.
            role = null;
        }
    }

    private void revoke(Client client, Own own) {
        Reply reply = call(client, "POST", "/tokens/" + own.held.clientId() + "/revoke", "{}");
        Answer answer = record(reply, client, "api_token.revoke", own.held.token(), Effect.ENDS);
        inventory.touched(own.held);
        if (answer == Answer.DONE || reply.status() == 404) {
            tokens.remove(own);
        }
    }

    private void addSecret(Client client, Own own) {
        if (!own.open || own.live.size() > 1) {
            return;
        }
        String path = "/tokens/" + own.held.clientId() + "/secrets";
        Reply reply = call(client, "POST", path, null);
        own.open = reply.answer() != Answer.UNKNOWN;
        if (reply.answer() == Answer.DONE) {
            String secret = reply.json().get("clientSecret").asString();
            // The reply contains the secret but not its number.
            Reply listed = call(client, "GET", path, null);
            if (listed.status() != 200) {
                own.open = false;
                return;
            }
            long number = 0;
            for (JsonNode item : listed.json().get("items")) {
                number = Math.max(number, item.get("number").asLong());
            }
            Thing thing = Thing.secret(own.held.clientId(), number);
            if (own.held.secrets().containsKey(number)) {
                // Lost just now, and its number may be assigned again.
                own.open = false;
                return;
            }
            record(reply, client, "api_token.add_secret", thing, Effect.MAKES);
            own.live.add(number);
            own.held.add(number, secret);
        }
    }

    private void removeSecret(Client client, Own own) {
        if (!own.open || own.live.size() < 2) {
            return;
        }
        long number = own.live.getFirst();
        Reply reply = call(client, "DELETE", "/tokens/" + own.held.clientId() + "/secrets/" + number, null);
        Answer answer = record(
                reply, client, "api_token.remove_secret", Thing.secret(own.held.clientId(), number), Effect.ENDS);
        own.open = answer == Answer.DONE;
        own.live.remove(number);
        inventory.touched(own.held);
    }

    private void changeRole(Client client, Role current) {
        boolean allow = !current.allows;
        Reply reply = call(
                client,
                "PUT",
                "/roles/" + current.name + "/privileges/" + Stage.API + "/" + Stage.PRIVILEGE,
                "{\"effect\": \"" + (allow ? "allow" : "deny") + "\"}");
        Answer answer = record(
                reply,
                client,
                "role.update",
                Thing.grant(current.name, Stage.PRIVILEGE),
                allow ? Effect.RESTORES : Effect.ENDS);
        current.allows = allow;
        if (answer != Answer.DONE || random.nextInt(8) == 0) {
            role = null;
        }
    }

    private void invite(Client client) {
        Reply invited = call(client, "POST", "/users", """
                {"email": "%s-%d@example.com", "name": "Person", "roles": ["public"]}""".formatted(name, made++));
        if (invited.answer() != Answer.DONE) {
            return;
        }
        String userId = invited.json().get("id").asString();
        record(invited, client, "user.invite", Thing.person(userId), Effect.MAKES);
        users.add(userId);
        Reply accepted = client.form(
                URI.create(invited.json().get("invitationUrl").asString()).getPath(),
                Map.of(),
                "name=Person&password=" + PASSWORD.replace(' ', '+'),
                Duration.ofSeconds(15));
        if (accepted.status() > 0
                && accepted.status() < 400
                && !accepted.cookies().isEmpty()) {
            history.add(new Change(
                    accepted.time(),
                    client.node(),
                    "user.accept",
                    Thing.session(userId),
                    Effect.MAKES,
                    Answer.DONE,
                    ""));
            inventory.add(new Inventory.SignedIn(
                    userId,
                    accepted.cookies().stream()
                            .map(cookie -> cookie.split(";", 2)[0])
                            .collect(Collectors.joining("; "))));
        }
    }

    private void disable(Client client) {
        Iterator<String> all = users.iterator();
        if (!all.hasNext()) {
            return;
        }
        String userId = all.next();
        Reply reply = call(client, "POST", "/users/" + userId + "/disable", null);
        Answer answer = record(reply, client, "user.disable", Thing.person(userId), Effect.ENDS);
        record(reply, client, "user.disable", Thing.session(userId), Effect.ENDS);
        if (answer == Answer.DONE || reply.status() == 404) {
            all.remove();
        }
    }

    private void withdraw(Client client) {
        Reply listed = call(client, "GET", "/signing-keys", null);
        if (listed.status() != 200) {
            return;
        }
        for (JsonNode key : listed.json().get("items")) {
            if (key.get("state").asString().equals("signing")) {
                String keyId = key.get("keyId").asString();
                Reply reply = call(client, "POST", "/signing-keys/" + keyId + "/withdraw", "{}");
                record(reply, client, "signing_key.withdraw", Thing.signingKey(keyId), Effect.ENDS);
                return;
            }
        }
    }
}
