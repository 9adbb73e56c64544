package dev.latchkey.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import dev.latchkey.http.RawHttp2;
import dev.latchkey.oauth.ProgramKey;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Credentials that differ in the case of one letter are different credentials, whatever was said before on the same
 * connection: a connection that a gateway keeps carries everybody's.
 */
class ExactCredentialsTest {
    private static RunningServer server;
    private static Billing billing;
    private static Upstream upstream;

    @BeforeAll
    static void start() {
        server = RunningServer.start(TestEngine.SQLITE);
        billing = new Billing(server);
        upstream = new Upstream();
    }

    @AfterAll
    static void stop() throws IOException {
        upstream.close();
        server.close();
    }

    /** How requests reach Latchkey. */
    enum Way {
        HTTP_1,
        HTTP_2
    }

    /** One connection to Latchkey. */
    private interface Line extends AutoCloseable {
        int status(String method, String path, String body, String... fields) throws IOException;

        @Override
        void close() throws IOException;
    }

    private static Line connect(Way way) throws IOException {
        int port = URI.create(server.url()).getPort();
        return switch (way) {
            case HTTP_1 -> new Http1Line(new RawHttp(port), "localhost");
            case HTTP_2 -> new Http2Line(new RawHttp2(port));
        };
    }

    private record Http1Line(RawHttp connection, String host) implements Line {
        @Override
        public int status(String method, String path, String body, String... fields) throws IOException {
            StringBuilder request = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\n");
            for (int i = 0; i < fields.length; i += 2) {
                request.append(fields[i]).append(": ").append(fields[i + 1]).append("\r\n");
            }
            request.append("Content-Length: ")
                    .append(body.length())
                    .append("\r\n\r\n")
                    .append(body);
            return connection.exchange(request.toString()).orElseThrow().status();
        }

        @Override
        public void close() throws IOException {
            connection.close();
        }
    }

    private record Http2Line(RawHttp2 connection) implements Line {
        @Override
        public int status(String method, String path, String body, String... fields) throws IOException {
            String[] lower = fields.clone();
            for (int i = 0; i < lower.length; i += 2) {
                lower[i] = lower[i].toLowerCase(java.util.Locale.ROOT);
            }
            return connection
                    .exchange(method, path, body.getBytes(StandardCharsets.US_ASCII), lower)
                    .status();
        }

        @Override
        public void close() throws IOException {
            connection.close();
        }
    }

    /** Presents a credential once. */
    private interface Shown {
        int status(Line line, String credential) throws IOException;
    }

    /** Right and swapped in turn, beginning with either, each time on a connection of its own. */
    private static void assertExact(Opened opened, String right, Shown shown, int accepted, int refused)
            throws IOException {
        String swapped = withOneLetterSwapped(right);
        for (List<String> order : List.of(List.of(right, swapped), List.of(swapped, right))) {
            List<Integer> answers = new ArrayList<>();
            List<Integer> expected = new ArrayList<>();
            try (Line line = opened.line()) {
                for (int round = 0; round < 3; round++) {
                    for (String credential : order) {
                        answers.add(shown.status(line, credential));
                        expected.add(credential.equals(right) ? accepted : refused);
                    }
                }
            }
            assertThat(answers).isEqualTo(expected);
        }
    }

    private interface Opened {
        Line line() throws IOException;
    }

    /** A letter in the last third, which belongs to the signature of an access token and to the secret of a pair. */
    private static String withOneLetterSwapped(String credential) {
        char[] letters = credential.toCharArray();
        for (int i = letters.length * 2 / 3; i < letters.length; i++) {
            if (Character.isLetter(letters[i])) {
                letters[i] = (char) (letters[i] ^ 0x20);
                return new String(letters);
            }
        }
        throw new AssertionError("there is no letter in it");
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void anAccessToken(Way way) throws IOException {
        assertExact(
                () -> connect(way),
                server.accessToken(server.bootstrap()),
                (line, token) -> line.status("GET", "/api/v1/me", "", "Authorization", "Bearer " + token),
                200,
                401);
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void anAccessTokenThatIsBoundToAKey(Way way) throws IOException {
        ProgramKey key = ProgramKey.make();
        assertExact(
                () -> connect(way),
                boundTo(key, server.bootstrap(), ""),
                (line, token) -> line.status(
                        "GET",
                        "/api/v1/me",
                        "",
                        "Authorization",
                        "DPoP " + token,
                        "DPoP",
                        key.proof("GET", server.url() + "/api/v1/me")
                                .claim("ath", ProgramKey.hash(token))
                                .signed()),
                200,
                401);
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void aProofOfPossession(Way way) throws IOException {
        ProgramKey key = ProgramKey.make();
        String token = boundTo(key, server.bootstrap(), "");
        try (Line line = connect(way)) {
            for (int round = 0; round < 3; round++) {
                String proof = key.proof("GET", server.url() + "/api/v1/me")
                        .claim("ath", ProgramKey.hash(token))
                        .signed();
                for (String shown : List.of(withOneLetterSwapped(proof), proof)) {
                    assertThat(line.status("GET", "/api/v1/me", "", "Authorization", "DPoP " + token, "DPoP", shown))
                            .isEqualTo(shown.equals(proof) ? 200 : 401);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void aClientIdAndItsSecret(Way way) throws IOException {
        Credentials credentials = billing.clerk;
        String pair = credentials.clientId() + ":" + credentials.clientSecret();
        assertExact(
                () -> connect(way),
                Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)),
                (line, basic) -> line.status(
                        "POST",
                        "/oauth/v2/token",
                        "grant_type=client_credentials",
                        "Content-Type",
                        "application/x-www-form-urlencoded",
                        "Authorization",
                        "Basic " + basic),
                200,
                401);
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void aSession(Way way) throws IOException {
        RunningServer.Browser browser =
                server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        // Without a session the page sends to the one for signing in.
        assertExact(
                () -> connect(way),
                Arrays.stream(browser.cookieHeader().split("; "))
                        .filter(cookie -> cookie.startsWith("latchkey_session="))
                        .findFirst()
                        .orElseThrow(),
                (line, cookie) -> line.status("GET", "/profile", "", "Cookie", cookie),
                200,
                303);
    }

    @ParameterizedTest
    @EnumSource(Gateway.Kind.class)
    void anAccessTokenThroughAGateway(Gateway.Kind kind) throws IOException {
        try (Gateway gateway = Gateway.start(kind, server.url(), upstream.port(), "billing")) {
            assertExact(
                    () -> new Http1Line(new RawHttp(gateway.port()), "billing.example"),
                    billing.accessToken(billing.clerk),
                    (line, token) -> line.status("GET", "/v1/invoices/42", "", "Authorization", "Bearer " + token),
                    200,
                    401);
        }
    }

    @ParameterizedTest
    @EnumSource(Gateway.Kind.class)
    void anAccessTokenThatIsBoundToAKeyThroughAGateway(Gateway.Kind kind) throws IOException {
        ProgramKey key = ProgramKey.make();
        try (Gateway gateway = Gateway.start(kind, server.url(), upstream.port(), "billing")) {
            assertExact(
                    () -> new Http1Line(new RawHttp(gateway.port()), "billing.example"),
                    boundTo(key, billing.clerk, "&resource=" + Billing.AUDIENCE),
                    (line, token) -> line.status(
                            "GET",
                            "/v1/invoices/42",
                            "",
                            "Authorization",
                            "DPoP " + token,
                            "DPoP",
                            key.proof("GET", "http://billing.example/v1/invoices/42")
                                    .claim("ath", ProgramKey.hash(token))
                                    .signed()),
                    200,
                    401);
        }
    }

    private static String boundTo(ProgramKey key, Credentials credentials, String more) {
        String tokenEndpoint = server.url() + "/oauth/v2/token";
        String form = "grant_type=client_credentials" + more + "&client_id=" + credentials.clientId()
                + "&client_secret=" + credentials.clientSecret();
        String nonce = server.postForm(
                        "/oauth/v2/token",
                        form,
                        "DPoP",
                        key.proof("POST", tokenEndpoint).signed())
                .header("DPoP-Nonce");
        return server.postForm(
                        "/oauth/v2/token",
                        form,
                        "DPoP",
                        key.proof("POST", tokenEndpoint).claim("nonce", nonce).signed())
                .json()
                .get("access_token")
                .asString();
    }
}
