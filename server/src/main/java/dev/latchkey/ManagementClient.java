package dev.latchkey;

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
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Calls the management API of a running Latchkey like any other program, with an API token of its own. */
final class ManagementClient {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI server;
    private final @Nullable String clientId;
    private final @Nullable String clientSecret;
    private String accessToken = "";

    /** @param clientId null when the environment has none; the same is true of the secret */
    ManagementClient(URI server, @Nullable String clientId, @Nullable String clientSecret) {
        this.server = server;
        this.clientId = clientId;
        this.clientSecret = clientSecret;
    }

    /**
     * A reply of the server.
     *
     * @param version the entity tag; {@code *} when there is none
     */
    record Reply(String body, String version) {}

    /**
     * @param privilege what the calls need
     * @throws FailedCallException when the credentials are missing or the address is not that of a server
     */
    void requireUsable(String privilege) {
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
    void authenticate() {
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
    }

    boolean exists(String path) {
        return exchange(call(path).build()).statusCode() != 404;
    }

    Reply post(String path, byte[] body) {
        HttpResponse<byte[]> response =
                send(call(path).POST(BodyPublishers.ofByteArray(body)).build());
        return new Reply(text(response), response.headers().firstValue("ETag").orElse("*"));
    }

    /** @param type what the reply is read as */
    <T> T getJson(String path, Class<T> type) {
        return Json.readText(text(send(call(path).build())), type);
    }

    void postJson(String path, Object body) {
        send(json(path).POST(BodyPublishers.ofByteArray(Json.write(body))).build());
    }

    /** @param type what the reply is read as */
    <T> T postJson(String path, Object body, Class<T> type) {
        return Json.readText(
                text(send(json(path)
                        .POST(BodyPublishers.ofByteArray(Json.write(body)))
                        .build())),
                type);
    }

    /** @param version the entity tag that the resource must still have */
    void putJson(String path, String version, Object body) {
        send(json(path)
                .header("If-Match", version)
                .PUT(BodyPublishers.ofByteArray(Json.write(body)))
                .build());
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private HttpRequest.Builder json(String path) {
        return call(path).header("Content-Type", "application/json");
    }

    private HttpRequest.Builder call(String path) {
        return HttpRequest.newBuilder(below(ManagementApi.BASE_PATH + path))
                .timeout(TIMEOUT)
                .header("Authorization", "Bearer " + accessToken);
    }

    /** Latchkey itself may be below a path. */
    private URI below(String path) {
        return URI.create(server.toString().replaceFirst("/$", "") + path);
    }

    private HttpResponse<byte[]> send(HttpRequest request) {
        HttpResponse<byte[]> response = exchange(request);
        if (response.statusCode() >= 300) {
            throw FailedCallException.refused(reason(response));
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
