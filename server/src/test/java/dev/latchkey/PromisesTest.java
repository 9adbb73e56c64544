package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Promises of docs/architecture.md that involve several features. */
class PromisesTest {
    private RunningServer server;

    @BeforeEach
    void start() {
        server = RunningServer.start(TestEngine.SQLITE);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aSecretIsKeptNowhereInTheClear() throws Exception {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Logger own = (Logger) LoggerFactory.getLogger("dev.latchkey");
        ListAppender<ILoggingEvent> appender = new ListAppender<>();
        appender.start();
        List<String> secrets = new ArrayList<>();
        root.addAppender(appender);
        // As with LATCHKEY_LOG_LEVEL=debug: it raises our own loggers, never those of the libraries.
        own.setLevel(Level.DEBUG);
        try {
            RunningServer.Api admin = server.admin();
            Credentials created = admin.createToken("By API", "public");
            String accessToken = server.accessToken(created);
            server.requestAccessToken(new Credentials("zzzzzz.zzzzzzzzzzzzzzzz", created.clientSecret()), "");
            server.requestAccessToken(new Credentials(created.clientSecret(), created.clientSecret()), "");
            RunningServer.Browser browser =
                    server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
            String page = browser.post(
                            "/tokens",
                            Map.of(
                                    "csrf", browser.csrf(),
                                    "nonce", "n1",
                                    "description", "By console",
                                    "role", "public",
                                    "expires", "never"))
                    .body();
            Matcher shown = Pattern.compile("lks_[0-9A-Za-z]{49}").matcher(page);
            assertThat(shown.find()).isTrue();
            secrets.addAll(List.of(
                    created.clientSecret(),
                    shown.group(),
                    server.bootstrap().clientSecret(),
                    accessToken,
                    RunningServer.ADMIN_PASSWORD));
            assertThat(browser.get("/tokens").body()).doesNotContain("lks_");
            assertThat(browser.get("/audit").body()).doesNotContain(shown.group());
            // Refused requests are written to the log in the background.
            Waiting.until(
                    "the refusals in the log",
                    () -> admin.get("/events?operation=access_token.refuse")
                                    .json()
                                    .get("items")
                                    .size()
                            >= 2);
            for (String secret : secrets) {
                assertThat(admin.get("/events").body()).doesNotContain(secret);
            }
        } finally {
            own.setLevel(null);
            root.detachAppender(appender);
        }
        String files = stored();
        String logged = String.join(
                "\n",
                appender.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
        for (String secret : secrets) {
            assertThat(files).doesNotContain(secret);
            assertThat(logged).doesNotContain(secret);
        }
    }

    private String stored() throws Exception {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try (Stream<Path> files = Files.walk(server.folder().resolve("data"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.write(Files.readAllBytes(file));
            }
        }
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    @Test
    void issuingAndCheckingTokensWaitsForNoWriter() throws Exception {
        Credentials program = server.admin().createToken("Program", "public");
        server.admin()
                .send(
                        "PATCH",
                        "/tokens/" + program.clientId(),
                        "{\"limits\": {\"perSecond\": 1000, \"perDay\": 10000, \"accessTokensPerHour\": 1000}}");
        String accessToken = server.accessToken(program);
        // Another process holds the only write lock for as long as this takes.
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:sqlite:" + server.folder().resolve("data/latchkey.db"));
                Statement statement = connection.createStatement()) {
            statement.execute("begin immediate");
            for (int i = 0; i < 20; i++) {
                assertThat(server.requestAccessToken(program, "").status()).isEqualTo(200);
                assertThat(server.send(server.request("/api/v1/me")
                                        .header("Authorization", "Bearer " + accessToken)
                                        .build())
                                .status())
                        .isEqualTo(200);
            }
            statement.execute("rollback");
        }
    }

    @Test
    void theFourReasonsForInvalidClientLookAlike() {
        RunningServer.Api admin = server.admin();
        Credentials active = admin.createToken("Active", "public");
        Credentials revoked = admin.createToken("Revoked", "public");
        admin.post("/tokens/" + revoked.clientId() + "/revoke", "");
        List<Credentials> refused = List.of(
                new Credentials("zzzzzz.zzzzzzzzzzzzzzzz", active.clientSecret()),
                new Credentials("not a client id", active.clientSecret()),
                new Credentials(active.clientId(), revoked.clientSecret()),
                revoked);
        List<String> answers = refused.stream()
                .map(credentials -> server.requestAccessToken(credentials, ""))
                .map(answer -> answer.status()
                        + answer.body()
                        + answer.header("WWW-Authenticate")
                        + answer.header("Cache-Control"))
                .distinct()
                .toList();
        assertThat(answers).hasSize(1);
        assertThat(answers.getFirst())
                .startsWith("401")
                .contains("invalid_client")
                .contains("no-store");
    }

    @Test
    void thePagesCarryTheStrictPolicy() {
        RunningServer.Browser browser =
                server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        for (String path : List.of("/tokens", "/sign-in", "/tokens/none")) {
            RunningServer.Answer page = browser.get(path);
            assertThat(page.header("Content-Security-Policy"))
                    .contains("default-src 'none'")
                    .contains("script-src 'self'")
                    .contains("frame-ancestors 'none'")
                    .doesNotContain("unsafe");
            assertThat(page.header("X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(page.header("Cache-Control")).isEqualTo("no-store");
            assertThat(page.body()).doesNotContain(" style=").doesNotContain("onclick");
        }
    }

    @Test
    void theSessionCookieIsForThisSiteAndNoScript() {
        RunningServer.Answer answer = server.browser()
                .post("/sign-in", Map.of("email", RunningServer.ADMIN_EMAIL, "password", RunningServer.ADMIN_PASSWORD));
        assertThat(answer.header("Set-Cookie")).contains("HttpOnly").contains("SameSite=");
    }

    @Test
    void signingInIsSlowedDownForOneAddressAndSaysTheSameForAll() {
        RunningServer.Browser browser = server.browser();
        String unknown = browser.post("/sign-in", Map.of("email", "nobody@example.com", "password", "wrong password"))
                .body();
        String wrong = browser.post(
                        "/sign-in", Map.of("email", RunningServer.ADMIN_EMAIL, "password", "wrong password"))
                .body();
        assertThat(unknown.replace("nobody@example.com", "")).isEqualTo(wrong.replace(RunningServer.ADMIN_EMAIL, ""));
        int status = 0;
        for (int i = 0; i < 10 && status != 429; i++) {
            status = browser.post("/sign-in", Map.of("email", "nobody@example.com", "password", "wrong password"))
                    .status();
        }
        assertThat(status).isEqualTo(429);
    }

    @Test
    void theNextPageAfterSigningInIsNeverElsewhere() {
        for (String next :
                List.of("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)")) {
            assertThat(server.browser()
                            .post(
                                    "/sign-in",
                                    Map.of(
                                            "email", RunningServer.ADMIN_EMAIL,
                                            "password", RunningServer.ADMIN_PASSWORD,
                                            "next", next))
                            .header("Location"))
                    .isEqualTo("/overview");
        }
    }

    @Test
    void aPathThatLeadsNowhereIsAPageForBrowsersAndAProblemForPrograms() {
        RunningServer.Browser browser =
                server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        RunningServer.Answer page = server.send(server.request("/nowhere")
                .header("Cookie", browser.cookieHeader())
                .header("Accept", "text/html")
                .build());
        assertThat(page.status()).isEqualTo(404);
        assertThat(page.header("Content-Type")).startsWith("text/html");
        RunningServer.Answer problem = server.get("/api/v1/nowhere");
        assertThat(problem.status()).isEqualTo(404);
        assertThat(problem.header("Content-Type")).isEqualTo("application/problem+json");
    }
}
