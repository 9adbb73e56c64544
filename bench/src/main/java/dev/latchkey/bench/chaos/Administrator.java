package dev.latchkey.bench.chaos;

import dev.latchkey.bench.chaos.Client.Reply;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Calls the management API with the token of the first start; for one thread. */
final class Administrator {
    /** A change is confirmed or refused within five seconds. */
    private static final Duration PATIENCE = Duration.ofSeconds(6);

    private final Credentials credentials;
    private @Nullable String accessToken;

    Administrator(Credentials credentials) {
        this.credentials = credentials;
    }

    /** One call, with a fresh access token if the previous one has ended, as happens when its signing key is withdrawn. */
    Reply call(Client client, String method, String path, @Nullable String json) {
        Reply reply = once(client, method, path, json);
        if (reply.status() == 401) {
            accessToken = null;
            reply = once(client, method, path, json);
        }
        return reply;
    }

    private Reply once(Client client, String method, String path, @Nullable String json) {
        if (accessToken == null) {
            Reply granted = client.form(
                    "/oauth/v2/token",
                    Map.of("Authorization", credentials.basic()),
                    "grant_type=client_credentials",
                    PATIENCE);
            if (granted.status() != 200) {
                // Nothing was requested yet, so nothing can have changed.
                return granted.reached() ? new Reply(granted.time(), 401, granted.body(), granted.headers()) : granted;
            }
            accessToken = granted.json().get("access_token").asString();
        }
        Map<String, String> fields = new HashMap<>(Map.of("Authorization", "Bearer " + accessToken));
        return client.json(method, "/api/v1" + path, fields, json, PATIENCE);
    }
}
