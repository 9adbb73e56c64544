package dev.latchkey.verifier;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** An HTTP server that answers like Latchkey, as far as a verifier asks, and misbehaves when told to. */
public final class PlayedLatchkey implements AutoCloseable {
    static final String CLIENT_ID = "abc123.verifier";

    /** With characters that HTTP Basic must form-encode first. */
    static final String SECRET = "lks_a:b+c%d é&=";

    static final String AUDIENCE = "https://billing.example";
    static final String POLICY = """
            {"api":"billing","audience":"https://billing.example","basePath":"/v1","future":{"x":[1]},
             "endpoints":[
              {"method":"GET","path":"/invoices/{id}","access":"privilege","privilege":"invoices:read","note":"new"},
              {"method":"POST","path":"/invoices","access":"privilege","privilege":"invoices:write"},
              {"method":"GET","path":"/files/{path...}","access":"privilege","privilege":"invoices:read"},
              {"method":"POST","path":"/moves","access":"privileges","privileges":["invoices:write","fleet:read"]},
              {"method":"GET","path":"/health","access":"public"},
              {"method":"GET","path":"/me","access":"token"}],
             "roles":[
              {"name":"reader","privileges":["invoices:read"]},
              {"name":"mover","privileges":["fleet:read","invoices:write"]},
              {"name":"writer","privileges":["invoices:read","invoices:write"],"future":true}]}
            """;

    private final HttpServer server;
    private final Clock clock;
    private final Map<String, AtomicInteger> requests = new ConcurrentHashMap<>();
    private final Map<String, Integer> broken = new ConcurrentHashMap<>();
    private final Map<String, Duration> slow = new ConcurrentHashMap<>();
    private final Map<String, String> known = new ConcurrentHashMap<>();

    /** The bodies of the questions about API keys, in order. */
    public final Queue<String> questions = new ConcurrentLinkedQueue<>();

    private volatile List<SigningKey> keys;
    volatile String metadata;
    volatile String jwks;
    volatile String policy = POLICY;
    volatile String accessToken = "first";
    volatile int lifetime = 600;
    volatile boolean conditional = true;
    volatile int notModified;

    public PlayedLatchkey(Clock clock, SigningKey... keys) {
        this.clock = clock;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(Executors.newCachedThreadPool(task -> {
            Thread daemon = new Thread(task);
            daemon.setDaemon(true);
            return daemon;
        }));
        server.createContext("/", this::answer);
        server.start();
        metadata = "{\"issuer\":\"" + issuer() + "\",\"jwks_uri\":\"" + issuer()
                + "/oauth/v2/jwks\",\"token_endpoint\":\"" + issuer() + "/oauth/v2/token\"}";
        publish(keys);
    }

    public String issuer() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    void publish(SigningKey... published) {
        keys = List.of(published);
        jwks = new JWKSet(Stream.of(published).map(SigningKey::published).toList()).toString();
    }

    /** From now on with an API that takes API keys everywhere; older verifiers do not notice. */
    public PlayedLatchkey takingKeys() {
        policy = POLICY.replace(
                "\"basePath\"",
                "\"apiKeys\":{\"bearer\":true,\"header\":\"X-API-Key\",\"basic\":true,\"query\":\"api_key\"},\"basePath\"");
        return this;
    }

    /** Knows an API key, from the next question on. */
    public void know(String key, String clientId, String role) {
        known.put(
                key,
                "{\"allowed\":true,\"clientId\":\"" + clientId + "\",\"account\":\"abc123\",\"role\":\"" + role
                        + "\",\"description\":\"Nightly\",\"privileges\":[\"invoices:read\"],\"future\":1}");
    }

    /** What it answers about an API key. */
    void say(String key, String reply) {
        known.put(key, reply);
    }

    void forget(String key) {
        known.remove(key);
    }

    SigningKey key() {
        return keys.get(0);
    }

    /** Answers with this status from now on; 200 for the normal answer. */
    void answer(String path, int status) {
        broken.put(path, status);
    }

    /** Lets callers wait before the body is sent. */
    void delay(String path, Duration delay) {
        slow.put(path, delay);
    }

    int requests(String path) {
        return requests.getOrDefault(path, new AtomicInteger()).get();
    }

    Verifier.Builder verifier() {
        return Verifier.of(issuer(), "billing").credentials(CLIENT_ID, SECRET).clock(clock);
    }

    public Verifier start() {
        return verifier().start();
    }

    /** What Latchkey would put into an access token for a program with this role. */
    public JWTClaimsSet.Builder claims(String role) {
        Instant now = clock.instant();
        return new JWTClaimsSet.Builder()
                .issuer(issuer())
                .subject("abc123.program")
                .claim("client_id", "abc123.program")
                .audience(AUDIENCE)
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plusSeconds(600)))
                .jwtID("01")
                .claim("scope", "invoices:read")
                .claim("roles", List.of(role))
                .claim("account", "abc123");
    }

    /** The value of an {@code Authorization} header with a good access token. */
    public String bearer(String role) {
        return "Bearer " + key().sign(claims(role).build());
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        requests.computeIfAbsent(path, unused -> new AtomicInteger()).incrementAndGet();
        String sent = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        int status = broken.getOrDefault(path, 200);
        if (status != 200) {
            exchange.getResponseHeaders().set("Location", issuer() + "/elsewhere");
            reply(exchange, status, "{}");
        } else if (path.equals("/.well-known/oauth-authorization-server")) {
            reply(exchange, 200, metadata);
        } else if (path.equals("/oauth/v2/jwks")) {
            reply(exchange, 200, jwks);
        } else if (path.equals("/oauth/v2/token")) {
            boolean known = isKnown(exchange.getRequestHeaders().getFirst("Authorization"));
            if (!known || !sent.equals("grant_type=client_credentials")) {
                reply(exchange, 401, "{\"error\":\"invalid_client\"}");
            } else {
                reply(
                        exchange,
                        200,
                        "{\"access_token\":\"" + accessToken + "\",\"token_type\":\"Bearer\",\"expires_in\":" + lifetime
                                + "}");
            }
        } else if (path.equals("/api/v1/apis/billing/policy")) {
            policy(exchange);
        } else if (path.equals("/api/v1/verify")) {
            verify(exchange, sent);
        } else {
            reply(exchange, 404, "{}");
        }
    }

    private void policy(HttpExchange exchange) throws IOException {
        String etag = "\"" + Integer.toHexString(policy.hashCode()) + "\"";
        if (!("Bearer " + accessToken).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            reply(exchange, 401, "{}");
        } else if (conditional && etag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
            notModified++;
            reply(exchange, 304, "");
        } else {
            exchange.getResponseHeaders().set("ETag", etag);
            reply(exchange, 200, policy);
        }
    }

    private void verify(HttpExchange exchange, String sent) throws IOException {
        if (!("Bearer " + accessToken).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            reply(exchange, 401, "{}");
            return;
        }
        questions.add(sent);
        try {
            String key = JSONObjectUtils.getString(JSONObjectUtils.parse(sent), "credential");
            reply(
                    exchange,
                    200,
                    known.getOrDefault(
                            key,
                            "{\"allowed\":false,\"code\":\"invalid_token\",\"detail\":\"The API key is not valid.\"}"));
        } catch (ParseException e) {
            reply(exchange, 400, "{}");
        }
    }

    private static boolean isKnown(String authorization) {
        if (authorization == null || !authorization.startsWith("Basic ")) {
            return false;
        }
        String[] pair = new String(Base64.getDecoder().decode(authorization.substring(6)), StandardCharsets.US_ASCII)
                .split(":", -1);
        return pair.length == 2
                && URLDecoder.decode(pair[0], StandardCharsets.UTF_8).equals(CLIENT_ID)
                && URLDecoder.decode(pair[1], StandardCharsets.UTF_8).equals(SECRET);
    }

    private void reply(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, status == 304 ? -1 : bytes.length);
        Duration delay = slow.get(exchange.getRequestURI().getPath());
        if (delay != null) {
            exchange.getResponseBody().flush();
            Waiting.pause(delay);
        }
        if (status != 304) {
            exchange.getResponseBody().write(bytes);
        }
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
