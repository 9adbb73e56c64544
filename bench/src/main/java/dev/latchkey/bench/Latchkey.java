package dev.latchkey.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** This project's own server, started as its users start it, and the calls that the measurements make. */
final class Latchkey implements AutoCloseable {
    private static final String ASKED =
            ", \"action\": {\"name\": \"GET\"}, \"resource\": {\"type\": \"path\", \"id\": \"bench/invoices/42\"}";

    private final Served served;
    private final Path bootstrap;
    private @Nullable String adminToken;

    private Latchkey(Served served, Path bootstrap) {
        this.served = served;
        this.bootstrap = bootstrap;
    }

    /**
     * Starts it on a data folder, which may be one of an earlier start.
     *
     * @param command how it is started
     * @param more further settings, as environment variables
     */
    static Latchkey start(List<String> command, Path data, Map<String, String> more) {
        int port = Ports.free();
        Path bootstrap = data.resolveSibling(data.getFileName() + ".env");
        Map<String, String> environment = new HashMap<>(Map.of(
                "LATCHKEY_PORT",
                Integer.toString(port),
                "LATCHKEY_DATA",
                data.toString(),
                "LATCHKEY_ISSUER",
                "http://localhost:" + port,
                "LATCHKEY_ADMIN_EMAIL",
                "bench@example.com",
                "LATCHKEY_ADMIN_PASSWORD",
                "a password for the bench",
                "LATCHKEY_BOOTSTRAP_TOKEN_FILE",
                bootstrap.toString()));
        environment.putAll(more);
        String url = (more.containsKey("LATCHKEY_TLS_CERTIFICATE_FILE") ? "https" : "http") + "://localhost:" + port;
        return new Latchkey(
                Served.start(
                        "Latchkey",
                        "this checkout",
                        url,
                        url + "/health/live",
                        data.toAbsolutePath().getParent(),
                        data.resolveSibling(data.getFileName() + ".log"),
                        environment,
                        command),
                bootstrap);
    }

    /** The administrator's API token, as the variables that commands read. */
    Map<String, String> bootstrap() {
        try {
            Matcher lines =
                    Pattern.compile("CLIENT_ID=(.*)\nCLIENT_SECRET=(.*)\n").matcher(Files.readString(bootstrap));
            if (!lines.find()) {
                throw new IllegalStateException("no bootstrap token");
            }
            return Map.of("CLIENT_ID", lines.group(1), "CLIENT_SECRET", lines.group(2));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An access token of the administrator's; each lasts ten minutes, so a long run asks again. */
    private String adminToken() {
        String known = adminToken;
        if (known == null) {
            Map<String, String> program = bootstrap();
            known = Http.accessToken(served.url(), program.get("CLIENT_ID"), program.get("CLIENT_SECRET"), "");
            adminToken = known;
        }
        return known;
    }

    /** The credential of the administrator's calls. */
    String authorization() {
        return "Bearer " + adminToken();
    }

    /** Makes the next call use another access token. */
    void renew() {
        adminToken = null;
    }

    static String basic(String id, String secret) {
        return "Basic " + Base64.getEncoder().encodeToString((id + ":" + secret).getBytes(StandardCharsets.UTF_8));
    }

    private String post(String path, String json) {
        return Http.json(served.url() + "/api/v1" + path, adminToken(), json);
    }

    Served served() {
        return served;
    }

    /** The two halves of a token. */
    record Credentials(String id, String secret) {
        String basic() {
            return Latchkey.basic(id, secret);
        }
    }

    Credentials createToken(String more) {
        String created = post("/tokens", "{\"description\":\"Bench\"," + more + "}");
        return new Credentials(Http.field(created, "clientId"), Http.field(created, "clientSecret"));
    }

    /** A new API key. */
    String createKey(String role) {
        String created = post("/tokens", """
                {"description": "Bench", "role": "%s", "authentication": {"method": "api_key"},
                 "expiresAt": "%s"}""".formatted(role, Instant.now().plus(Duration.ofDays(30))));
        return Http.field(created, "apiKey");
    }

    /** Registers the API {@code bench}, which takes API keys, and a role that may call it. */
    void registerApi() {
        post("/apis", """
                {"name": "bench", "audience": "https://bench.example", "hosts": ["bench.example"], "basePath": "/",
                 "apiKeys": {"header": "X-API-Key"},
                 "endpoints": [{"method": "GET", "path": "/invoices/{id}", "privilege": "invoices:read"}]}""");
        post("/roles", """
                {"name": "caller", "privileges": [{"api": "bench", "privilege": "invoices:read", "effect": "allow"}]}""");
    }

    /** Registers an API into which endpoints can be imported. */
    void registerEmptyApi(String name) {
        post("/apis", """
                {"name": "%s", "audience": "https://%s.example", "hosts": ["%s.example"], "basePath": "/"}""".formatted(name, name, name));
    }

    void revoke(Credentials token) {
        post("/tokens/" + token.id() + "/revoke", "{}");
    }

    Call health() {
        return Call.get("`GET /health/live` (the ceiling)", served.url() + "/health/live", Map.of());
    }

    Call token(Credentials token) {
        return Call.form(
                "token endpoint",
                served.url() + "/oauth/v2/token",
                Map.of("Authorization", token.basic()),
                "grant_type=client_credentials");
    }

    /** An access token for the API {@code bench}. */
    String accessTokenForApi(Credentials token) {
        return Http.accessToken(served.url(), token.id(), token.secret(), "&resource=https://bench.example");
    }

    Call introspection(Credentials api, String accessToken) {
        return Call.form(
                "introspection",
                served.url() + "/oauth/v2/introspect",
                Map.of("Authorization", api.basic()),
                "token=" + accessToken);
    }

    Call gate(String accessToken) {
        return gate("gate check", "Authorization", "Bearer " + accessToken);
    }

    Call gateWithKey(String key) {
        return gate("gate check with an API key", "X-API-Key", key);
    }

    private Call gate(String name, String field, String credential) {
        return Call.get(
                name,
                served.url() + "/gate/v1/nginx/bench",
                Map.of(
                        field,
                        credential,
                        "X-Original-Method",
                        "GET",
                        "X-Original-URI",
                        "/invoices/42",
                        "X-Original-Host",
                        "bench.example"));
    }

    /** AuthZEN's question whether a token may make the call that is measured at the gate. */
    Call evaluation(String clientId) {
        return asking(
                "AuthZEN, one question", "/access/v1/evaluation", "{\"subject\": " + subject(clientId) + ASKED + "}");
    }

    /** The same question about several tokens at once. */
    Call evaluations(List<String> clientIds) {
        String about = clientIds.stream()
                .map(id -> "{\"subject\": " + subject(id) + "}")
                .collect(Collectors.joining(", "));
        return asking(
                "AuthZEN, " + clientIds.size() + " questions at once",
                "/access/v1/evaluations",
                "{\"evaluations\": [" + about + "]" + ASKED + "}");
    }

    private static String subject(String clientId) {
        return "{\"type\": \"token\", \"id\": \"" + clientId + "\"}";
    }

    private Call asking(String name, String path, String json) {
        return Call.json(name, served.url() + path, Map.of("Authorization", authorization()), json);
    }

    Call list(String query) {
        return Call.get(
                "list of tokens",
                served.url() + "/api/v1/tokens" + query,
                Map.of("Authorization", "Bearer " + adminToken()));
    }

    Call signInPage() {
        return Call.get("sign-in page", served.url() + "/sign-in", Map.of());
    }

    /** The cookie of a signed-in person. */
    String signIn() {
        return Http.answer(Call.form(
                        "",
                        served.url() + "/sign-in",
                        Map.of(),
                        "email=bench%40example.com&password=a+password+for+the+bench"))
                .headers()
                .allValues("Set-Cookie")
                .stream()
                .map(cookie -> cookie.split(";", 2)[0])
                .collect(Collectors.joining("; "));
    }

    @Override
    public void close() {
        served.close();
    }
}
