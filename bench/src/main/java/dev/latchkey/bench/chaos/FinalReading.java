package dev.latchkey.bench.chaos;

import dev.latchkey.bench.chaos.Client.Reply;
import dev.latchkey.bench.chaos.Ending.Count;
import dev.latchkey.bench.chaos.Ending.LostChange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the final state through the management API. */
final class FinalReading {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final long PAUSE_MILLIS = 200;

    private final Client client;
    private final Administrator administrator;
    private String unwell = "";

    private FinalReading(Client client, Credentials administrator) {
        this.client = client;
        this.administrator = new Administrator(administrator);
    }

    /**
     * Asks each node, and reads from the first that answers.
     *
     * @param verified how {@code audit verify} ended
     */
    static Ending read(List<Client> clients, Credentials credentials, Recorded recorded, Command.Result verified) {
        List<String> unwell = new ArrayList<>();
        List<FinalReading> well = new ArrayList<>();
        for (Client client : clients) {
            FinalReading reading = new FinalReading(client, credentials);
            if (reading.isWell()) {
                well.add(reading);
            } else {
                unwell.add(client.node() + ": " + reading.unwell);
            }
        }
        return well.isEmpty()
                ? new Ending(Map.of(), List.of(), verified.status(), verified.said(), List.of(), unwell)
                : well.getFirst().read(recorded, verified, unwell);
    }

    private boolean isWell() {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Reply reply = administrator.call(client, "GET", "/tokens?pageSize=1", null);
            if (reply.status() == 200) {
                return true;
            }
            if (System.nanoTime() > end) {
                unwell = reply.status() + " " + reply.body();
                return false;
            }
            sleep();
        }
    }

    private Ending read(Recorded recorded, Command.Result verified, List<String> unwell) {
        Map<Thing, Boolean> standing = new HashMap<>();
        Map<String, Long> active = new TreeMap<>();
        for (JsonNode token : all("/tokens")) {
            boolean counts = text(token, "status").equals("active");
            standing.put(Thing.token(text(token, "clientId")), counts);
            if (counts) {
                active.merge(text(token, "role"), 1L, Long::sum);
            }
        }
        secrets(recorded, standing);
        for (JsonNode user : all("/users")) {
            String status = text(user, "status");
            standing.put(Thing.session(text(user, "id")), status.equals("active"));
            standing.put(Thing.person(text(user, "id")), status.equals("active") || status.equals("invited"));
        }
        for (JsonNode key : all("/signing-keys")) {
            String state = text(key, "state");
            standing.put(Thing.signingKey(text(key, "keyId")), !state.equals("withdrawn") && !state.equals("ended"));
        }
        List<Count> counts = new ArrayList<>();
        for (JsonNode role : all("/roles")) {
            String name = text(role, "name");
            counts.add(new Count(name, role.get("directTokens").asLong(), active.getOrDefault(name, 0L)));
            standing.put(Thing.grant(name, Stage.PRIVILEGE), false);
            for (JsonNode grant : role.get("privileges")) {
                if (text(grant, "api").equals(Stage.API)
                        && text(grant, "effect").equals("allow")) {
                    standing.put(Thing.grant(name, text(grant, "privilege")), true);
                }
            }
        }
        return new Ending(standing, lost(), verified.status(), verified.said(), counts, unwell);
    }

    /** Only for tokens whose secrets were changed: otherwise the first secret lives as long as its token. */
    private void secrets(Recorded recorded, Map<Thing, Boolean> standing) {
        Set<String> changed = recorded.changes().stream()
                .filter(change -> change.operation().endsWith("_secret"))
                .map(change -> change.thing().owner())
                .collect(Collectors.toSet());
        recorded.changes().stream()
                .map(Change::thing)
                .filter(thing -> thing.kind() == Thing.Kind.SECRET && !changed.contains(thing.owner()))
                .filter(thing -> standing.containsKey(Thing.token(thing.owner())))
                .forEach(thing -> standing.put(thing, true));
        for (String clientId : changed) {
            if (standing.containsKey(Thing.token(clientId))) {
                for (JsonNode secret : all("/tokens/" + clientId + "/secrets")) {
                    standing.put(Thing.secret(clientId, secret.get("number").asLong()), true);
                }
            }
        }
    }

    /** The changes that the service lists as lost; empty if it has no such list. */
    private List<LostChange> lost() {
        List<LostChange> lost = new ArrayList<>();
        if (page("/events/lost", null) == null) {
            return lost;
        }
        for (JsonNode change : all("/events/lost")) {
            JsonNode event = change.get("event");
            lost.add(new LostChange(text(event, "operation"), text(event.get("target"), "id")));
        }
        return lost;
    }

    private List<JsonNode> all(String path) {
        List<JsonNode> items = new ArrayList<>();
        String token = "";
        while (token != null) {
            JsonNode page = page(path, token);
            if (page == null) {
                throw new IllegalStateException(path + " is missing");
            }
            page.get("items").forEach(items::add);
            JsonNode next = page.get("nextPageToken");
            token = next == null || next.isNull() ? null : next.asString();
        }
        return items;
    }

    /** One page, or null when there is no such list. */
    private @Nullable JsonNode page(String path, @Nullable String token) {
        boolean paged = !path.endsWith("/secrets") && !path.endsWith("/signing-keys");
        String query = paged ? "?pageSize=100" + (token == null || token.isEmpty() ? "" : "&pageToken=" + token) : "";
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Reply reply = administrator.call(client, "GET", path + query, null);
            if (reply.status() == 200) {
                return reply.json();
            }
            if (reply.status() == 404) {
                return null;
            }
            if (System.nanoTime() > end) {
                throw new IllegalStateException(path + " cannot be read: " + reply.status() + " " + reply.body());
            }
            sleep();
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(JsonNode node, String field) {
        JsonNode value = node.get(field);
        return value == null ? "" : value.asString();
    }
}
