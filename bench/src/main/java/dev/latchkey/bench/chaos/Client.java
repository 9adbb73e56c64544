package dev.latchkey.bench.chaos;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Calls one node, and records when each call began and ended. */
final class Client implements AutoCloseable {
    private static final int NOT_REACHED = -1;
    private static final int SAID = 240;
    private static final JsonMapper JSON = new JsonMapper();

    private final String node;
    private final String url;
    private final History history;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    Client(Node node, History history) {
        this.node = node.name();
        this.url = node.url();
        this.history = history;
    }

    /**
     * What came back.
     *
     * @param status 0 if there was no response, {@link #NOT_REACHED} if the request did not even arrive
     */
    record Reply(
            Span time, int status, String body, @Nullable HttpHeaders headers) {
        boolean reached() {
            return status != NOT_REACHED;
        }

        boolean isSuccess() {
            return status >= 200 && status < 300;
        }

        /** What the response says about a change. */
        Change.Answer answer() {
            return isSuccess()
                    ? Change.Answer.DONE
                    : status == NOT_REACHED || status >= 400 && status < 500
                            ? Change.Answer.REFUSED
                            : Change.Answer.UNKNOWN;
        }

        JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (JacksonException e) {
                throw new IllegalStateException("not JSON: " + body, e);
            }
        }

        /** The beginning of its text, unless it is a success, which may contain secrets. */
        String said() {
            return isSuccess() ? "" : status + " " + body.substring(0, Math.min(SAID, body.length()));
        }

        List<String> cookies() {
            return headers == null ? List.of() : headers.allValues("Set-Cookie");
        }
    }

    String node() {
        return node;
    }

    Reply get(String path, Map<String, String> fields, Duration patience) {
        return sent(request(path, fields, patience).GET());
    }

    Reply form(String path, Map<String, String> fields, String form, Duration patience) {
        return sent(request(path, fields, patience)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(form)));
    }

    Reply json(String method, String path, Map<String, String> fields, @Nullable String json, Duration patience) {
        HttpRequest.Builder request = request(path, fields, patience);
        return sent(
                json == null
                        ? request.method(method, BodyPublishers.noBody())
                        : request.header("Content-Type", "application/json")
                                .method(method, BodyPublishers.ofString(json)));
    }

    private HttpRequest.Builder request(String path, Map<String, String> fields, Duration patience) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url + path)).timeout(patience);
        fields.forEach(request::header);
        return request;
    }

    private Reply sent(HttpRequest.Builder request) {
        HttpRequest ready = request.build();
        long begin = history.now();
        try {
            HttpResponse<String> response = http.send(ready, BodyHandlers.ofString());
            return new Reply(
                    new Span(begin, history.now()), response.statusCode(), response.body(), response.headers());
        } catch (ConnectException e) {
            return new Reply(new Span(begin, history.now()), NOT_REACHED, "", null);
        } catch (IOException e) {
            return new Reply(new Span(begin, history.now()), 0, "", null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Reply(new Span(begin, history.now()), 0, "", null);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
