package dev.latchkey.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.problem.Problem;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** People get a page and programs a problem document, from every part that refuses. */
class RefusalPageTest {
    private static final String BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8";
    private static HttpServer server;

    @BeforeAll
    static void start() throws Exception {
        Handler busy = request -> {
            throw Problem.busy();
        };
        Handler broken = request -> {
            throw new IllegalStateException("password=hunter2");
        };
        Routes routes = Routes.builder()
                .add("GET", "/api/busy", busy)
                .add("POST", "/api/only", busy)
                .forPeople((headers, base, request, problem) -> Response.html(
                        problem.status(),
                        "<p>page " + problem.code() + " " + (request == null ? "unread" : request.path()) + "</p>"))
                .add("GET", "/busy", busy)
                .add("GET", "/broken", broken)
                .add("POST", "/only", busy)
                .add("POST", "/small", busy, 10)
                .build();
        server =
                HttpServer.start(HttpConfig.builder().maxConcurrentRequests(100).build(), routes);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static HttpResponse<String> send(String method, String path, String accept) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                            .header("Accept", accept)
                            .method(
                                    method,
                                    method.equals("POST")
                                            ? HttpRequest.BodyPublishers.ofString("a=0123456789")
                                            : HttpRequest.BodyPublishers.noBody())
                            .build(),
                    BodyHandlers.ofString());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /busy, 503, page unavailable /busy",
        "GET, /broken, 500, page internal_error /broken",
        "GET, /only, 405, page method_not_allowed",
        "POST, /small, 413, page too_large /small",
        "GET, /nothing, 404, page not_found /nothing",
        "GET, /a//b, 400, page bad_request unread",
    })
    void aBrowserIsShownAPage(String method, String path, int status, String shown) throws Exception {
        HttpResponse<String> answer = send(method, path, BROWSER);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.body()).contains(shown).doesNotContain("hunter2");
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("text/html; charset=utf-8");
        assertThat(send(method, path, "application/json").headers().firstValue("Content-Type"))
                .hasValue("application/problem+json");
    }

    @ParameterizedTest
    @CsvSource({"GET, /api/busy, 503", "GET, /api/only, 405"})
    void whatProgramsCallStaysADocument(String method, String path, int status) throws Exception {
        HttpResponse<String> answer = send(method, path, BROWSER);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    }

    @Test
    void aPageKeepsTheFieldsOfTheRefusal() throws Exception {
        assertThat(send("GET", "/busy", BROWSER).headers().firstValue("Retry-After"))
                .hasValue("1");
        assertThat(send("GET", "/only", BROWSER).headers().firstValue("Allow")).isPresent();
    }
}
