package dev.latchkey.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Requests one by one: the preparation of a server for a load, and requests that are timed individually. */
public final class Http {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private Http() {}

    /** One answer, whatever its status. */
    static HttpResponse<String> answer(Call call) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(call.url()));
        call.fields().forEach(request::header);
        if (call.body() != null) {
            request.header("Content-Type", call.type()).POST(HttpRequest.BodyPublishers.ofString(call.body()));
        }
        return sent(request.build());
    }

    /** The body of the response to a form, which must be a success. */
    static String form(String url, Map<String, String> fields, String form) {
        return success(url, answer(Call.form("", url, fields, form)));
    }

    /**
     * An access token of Latchkey's.
     *
     * @param more further parameters of the form, each with an ampersand before it
     */
    public static String accessToken(String url, String clientId, String secret, String more) {
        return field(
                form(
                        url + "/oauth/v2/token",
                        Map.of("Authorization", Latchkey.basic(clientId, secret)),
                        "grant_type=client_credentials" + more),
                "access_token");
    }

    /** The body of the response to JSON, which must be a success. */
    static String json(String url, String accessToken, String json) {
        return success(
                url,
                sent(HttpRequest.newBuilder(URI.create(url))
                        .header("Authorization", "Bearer " + accessToken)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(json))
                        .build()));
    }

    private static String success(String url, HttpResponse<String> response) {
        if (response.statusCode() >= 300) {
            throw new IllegalStateException(url + " " + response.statusCode() + " " + response.body());
        }
        return response.body();
    }

    private static HttpResponse<String> sent(HttpRequest request) {
        try {
            return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A text in a JSON object. */
    static String field(String json, String name) {
        Matcher value = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(json);
        if (!value.find()) {
            throw new IllegalStateException("no " + name + " in the answer");
        }
        return value.group(1);
    }
}
