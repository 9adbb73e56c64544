package dev.latchkey.client;

import dev.latchkey.access.ManagementApi;
import dev.latchkey.oauth.OAuthPaths;
import dev.latchkey.problem.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Calls the management API of a running Latchkey like any other program, with an API token of its own. */
public final class ManagementClient {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    /** An access token lives for ten minutes. */
    private static final Duration RENEWED_AFTER = Duration.ofMinutes(5);

    private static final int PAGE_SIZE = 100;

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI server;
    private final @Nullable String clientId;
    private final @Nullable String clientSecret;
    private final String userAgent;
    private String accessToken = "";
    private long authenticatedAt;

    /** @param clientId null when the environment has none; the same is true of the secret */
    public ManagementClient(URI server, @Nullable String clientId, @Nullable String clientSecret) {
        this(server, clientId, clientSecret, "latchkey");
    }

    private ManagementClient(URI server, @Nullable String clientId, @Nullable String clientSecret, String userAgent) {
        this.server = server;
        this.clientId = clientId;
        this.clientSecret = clientSecret;
        this.userAgent = userAgent;
    }

    /** The same client under another name for itself (User-Agent), which is in the event of each of its changes. */
    public ManagementClient named(String name) {
        return new ManagementClient(server, clientId, clientSecret, name);
    }

    /**
     * A reply of the server.
     *
     * @param version the entity tag; {@code *} when there is none
     */
    public record Reply(String body, String version) {
        /** The members of the reply, which is an object. */
        @SuppressWarnings("unchecked")
        public Map<String, Object> members() {
            return Json.readText(body, Map.class);
        }

        @Override
        public String toString() {
            // The body may contain a secret.
            return "Reply[" + version + "]";
        }
    }

    /**
     * @param privilege what the calls need
     * @throws FailedCallException when the credentials are missing or the address is not that of a server
     */
    public void requireUsable(String privilege) {
        if (clientId == null || clientSecret == null) {
            throw FailedCallException.impossible(
                    "Set CLIENT_ID and CLIENT_SECRET in the environment to an API token whose role has " + privilege
                            + ".");
        }
        boolean web = "http".equals(server.getScheme()) || "https".equals(server.getScheme());
        if (!web || server.getHost() == null) {
            throw FailedCallException.impossible(
                    "--server is \"" + server + "\". Pass a URL such as http://localhost:8080.");
        }
    }

    /** Gets an access token for the calls that follow. */
    public void authenticate() {
        String pair = encoded(String.valueOf(clientId)) + ":" + encoded(String.valueOf(clientSecret));
        HttpResponse<byte[]> granted = send(HttpRequest.newBuilder(below(OAuthPaths.TOKEN))
                .timeout(TIMEOUT)
                .header(
                        "Authorization",
                        "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("grant_type=client_credentials"))
                .build());
        accessToken = String.valueOf(Json.readText(text(granted), Map.class).get("access_token"));
        authenticatedAt = System.nanoTime();
    }

    /** The issuer, as Latchkey's metadata names it. */
    public String issuer() {
        HttpResponse<byte[]> metadata = send(HttpRequest.newBuilder(below("/.well-known/openid-configuration"))
                .timeout(TIMEOUT)
                .build());
        return String.valueOf(Json.readText(text(metadata), Map.class).get("issuer"));
    }

    public Reply get(String path) {
        return reply(send(call(path).build()));
    }

    /** What is at the path; empty when nothing is. */
    public Optional<Reply> find(String path) {
        HttpResponse<byte[]> response = exchange(call(path).build());
        return response.statusCode() == 404 ? Optional.empty() : Optional.of(reply(accepted(response)));
    }

    /** All items of a list. */
    public List<Map<String, Object>> all(String path) {
        List<Map<String, Object>> all = new ArrayList<>();
        each(path, all::add);
        return all;
    }

    /** Hands over the items of a list, page by page. */
    public void each(String path, Consumer<Map<String, Object>> taker) {
        String first = path + (path.contains("?") ? "&" : "?") + "pageSize=" + PAGE_SIZE;
        for (String page = first; page != null; ) {
            Map<String, Object> members = get(page).members();
            if (members.get("items") instanceof List<?> items) {
                items.forEach(item -> taker.accept(members(item)));
            }
            Object token = members.get("nextPageToken");
            page = token == null ? null : first + "&pageToken=" + encoded(String.valueOf(token));
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> members(Object item) {
        return (Map<String, Object>) item;
    }

    /** @param version the entity tag that the resource must still have */
    public Reply patchJson(String path, String version, Object body) {
        return reply(send(json(path)
                .header("If-Match", version)
                .method("PATCH", BodyPublishers.ofByteArray(Json.write(body)))
                .build()));
    }

    /** @param version the entity tag that the resource must still have */
    public void delete(String path, String version) {
        send(call(path).header("If-Match", version).DELETE().build());
    }

    public void delete(String path) {
        send(call(path).DELETE().build());
    }

    /** Posts JSON; the reply has the version of what was made or changed. */
    public Reply create(String path, Object body) {
        return reply(send(
                json(path).POST(BodyPublishers.ofByteArray(Json.write(body))).build()));
    }

    /**
     * The same, if something still has the version that is known.
     *
     * @param version its entity tag
     */
    public Reply create(String path, String version, Object body) {
        return reply(send(json(path)
                .header("If-Match", version)
                .POST(BodyPublishers.ofByteArray(Json.write(body)))
                .build()));
    }

    public boolean exists(String path) {
        return exchange(call(path).build()).statusCode() != 404;
    }

    public Reply post(String path, byte[] body) {
        HttpResponse<byte[]> response =
                send(call(path).POST(BodyPublishers.ofByteArray(body)).build());
        return reply(response);
    }

    private static Reply reply(HttpResponse<byte[]> response) {
        return new Reply(text(response), response.headers().firstValue("ETag").orElse("*"));
    }

    /** @param type what the reply is read as */
    public <T> T getJson(String path, Class<T> type) {
        return Json.readText(text(send(call(path).build())), type);
    }

    public void postJson(String path, Object body) {
        send(json(path).POST(BodyPublishers.ofByteArray(Json.write(body))).build());
    }

    /** @param type what the reply is read as */
    public <T> T postJson(String path, Object body, Class<T> type) {
        return Json.readText(
                text(send(json(path)
                        .POST(BodyPublishers.ofByteArray(Json.write(body)))
                        .build())),
                type);
    }

    /** @param version the entity tag that the resource must still have */
    public void putJson(String path, String version, Object body) {
        send(json(path)
                .header("If-Match", version)
                .PUT(BodyPublishers.ofByteArray(Json.write(body)))
                .build());
    }

    public static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private HttpRequest.Builder json(String path) {
        return call(path).header("Content-Type", "application/json");
    }

    private HttpRequest.Builder call(String path) {
        if (!accessToken.isEmpty() && System.nanoTime() - authenticatedAt > RENEWED_AFTER.toNanos()) {
            authenticate();
        }
        return HttpRequest.newBuilder(below(ManagementApi.BASE_PATH + path))
                .timeout(TIMEOUT)
                .header("User-Agent", userAgent)
                .header("Authorization", "Bearer " + accessToken);
    }

    /** Latchkey itself may be below a path. */
    private URI below(String path) {
        return URI.create(server.toString().replaceFirst("/$", "") + path);
    }

    private HttpResponse<byte[]> send(HttpRequest request) {
        return accepted(exchange(request));
    }

    private static HttpResponse<byte[]> accepted(HttpResponse<byte[]> response) {
        if (response.statusCode() >= 300) {
            throw FailedCallException.refused(response.statusCode(), reason(response));
        }
        return response;
    }

    private HttpResponse<byte[]> exchange(HttpRequest request) {
        try {
            return http.send(request, BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw FailedCallException.impossible(
                    "Latchkey cannot be reached at " + request.uri().resolve("/")
                            + ". Check that it is running there, or pass another URL with --server.");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw FailedCallException.impossible("The command was interrupted.");
        }
    }

    private static String reason(HttpResponse<byte[]> response) {
        try {
            Map<?, ?> problem = Json.readText(text(response), Map.class);
            Object detail = problem.containsKey("detail") ? problem.get("detail") : problem.get("error_description");
            StringBuilder reason = new StringBuilder(String.valueOf(detail));
            if (problem.get("errors") instanceof List<?> errors && errors.size() > 1) {
                errors.forEach(error -> reason.append("\n  ").append(error));
            }
            return reason.toString();
        } catch (RuntimeException e) {
            return "The server answered " + response.statusCode() + ".";
        }
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }
}
