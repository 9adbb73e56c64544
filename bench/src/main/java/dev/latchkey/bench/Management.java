package dev.latchkey.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;

/** Calls of the management API by an administrator's program; only the heads of the responses are kept. */
final class Management implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String url;
    private final String authorization;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();

    /** @param authorization the field's value */
    Management(String url, String authorization) {
        this.url = url + "/api/v1";
        this.authorization = authorization;
    }

    HttpResponse<Void> get(String path) throws IOException, InterruptedException {
        return sent(path, HttpRequest.newBuilder().GET(), Map.of());
    }

    HttpResponse<Void> send(String method, String path, Map<String, String> fields, byte[] body)
            throws IOException, InterruptedException {
        return sent(path, HttpRequest.newBuilder().method(method, BodyPublishers.ofByteArray(body)), fields);
    }

    private HttpResponse<Void> sent(String path, HttpRequest.Builder request, Map<String, String> fields)
            throws IOException, InterruptedException {
        fields.forEach(request::header);
        return client.send(
                request.uri(URI.create(url + path))
                        .timeout(PATIENCE)
                        .header("Authorization", authorization)
                        .build(),
                BodyHandlers.discarding());
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
