package dev.latchkey.verifier;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The HTTP client of Latchkey's API, as far as a verifier needs it. Safe for any number of threads. */
final class Latchkey {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** For what a caller of the API waits for. */
    private static final Duration CALLERS_PATIENCE = Duration.ofSeconds(2);

    /** The longest time before its expiry at which an access token is replaced. */
    private static final long MARGIN_MILLIS = 30_000;

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private final String api;
    private final @Nullable Credentials credentials;
    private final Clock clock;
    private final URI keys;
    private final URI tokenEndpoint;
    private final URI policy;
    private final URI verify;
    private final ReentrantLock renewing = new ReentrantLock();

    /** Read and written while {@code renewing} is held, like {@code renewAt}. */
    private @Nullable String accessToken;

    private long renewAt;

    /** The API token that the policy is fetched with. */
    record Credentials(String clientId, String clientSecret) {
        /** HTTP Basic with both halves form-encoded first (RFC 6749 section 2.3.1). */
        String basic() {
            String pair = URLEncoder.encode(clientId, StandardCharsets.UTF_8)
                    + ":"
                    + URLEncoder.encode(clientSecret, StandardCharsets.UTF_8);
            return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String toString() {
            return "Credentials[" + clientId + "]";
        }
    }

    /**
     * Reads the addresses from the issuer's metadata (RFC 8414).
     *
     * @param credentials null when only the keys are needed, which are public
     * @throws LatchkeyException when the metadata cannot be read or is not the issuer's
     */
    Latchkey(URI issuer, String api, @Nullable Credentials credentials, Clock clock) {
        this.api = api;
        this.credentials = credentials;
        this.clock = clock;
        URI address = URI.create(issuer + "/.well-known/oauth-authorization-server");
        Json metadata = json(address, ok(get(address)));
        // RFC 8414 section 3.3: otherwise one issuer could pass for another.
        if (!metadata.says("issuer", issuer.toString())) {
            throw new LatchkeyException(address + " describes an issuer other than " + issuer + ". Pass the issuer"
                    + " that Latchkey is configured with.");
        }
        this.keys = ofIssuer(issuer, metadata, "jwks_uri");
        this.tokenEndpoint = ofIssuer(issuer, metadata, "token_endpoint");
        this.policy = URI.create(issuer + "/api/v1/apis/" + api + "/policy");
        this.verify = URI.create(issuer + "/api/v1/verify");
    }

    /** The secret goes to one of these and trust comes from the other, so both must be at the issuer's address. */
    private static URI ofIssuer(URI issuer, Json metadata, String member) {
        try {
            String address = metadata.text(member);
            if (address.startsWith(issuer + "/")) {
                return URI.create(address);
            }
        } catch (ParseException | IllegalArgumentException e) {
            // answered below, like one that is somewhere else
        }
        throw new LatchkeyException("The metadata of " + issuer + " has no " + member + " below the issuer.");
    }

    /** The JWK set. */
    String keys() {
        return ok(get(keys));
    }

    /**
     * The current policy.
     *
     * @param known the policy that was read last
     * @return the known one when it has not changed
     */
    Policy policy(@Nullable Policy known) {
        HttpRequest.Builder request = HttpRequest.newBuilder(policy).header("Accept", "application/json");
        if (known != null && known.etag() != null) {
            request.header("If-None-Match", known.etag());
        }
        HttpResponse<String> response = guarded(request, PATIENCE);
        if (response.statusCode() == 304 && known != null) {
            return known;
        }
        if (response.statusCode() == 403) {
            throw new LatchkeyException(policy + " answered with 403. The role of the API token "
                    + required().clientId() + " needs the privilege apis:read.");
        }
        if (response.statusCode() == 404) {
            throw new LatchkeyException(policy + " answered with 404. Latchkey has no API named " + api + ".");
        }
        return Policy.parse(
                ok(response), api, response.headers().firstValue("ETag").orElse(null));
    }

    /**
     * What Latchkey says about a call with a credential that it can check.
     *
     * @param path of the call, without the query
     */
    Json verified(String credential, String method, String path, @Nullable String address) {
        Map<String, Object> question = new LinkedHashMap<>();
        question.put("credential", credential);
        question.put("api", api);
        question.put("method", method);
        question.put("path", path);
        if (address != null) {
            question.put("address", address);
        }
        HttpResponse<String> response = guarded(
                HttpRequest.newBuilder(verify)
                        .header("Accept", "application/json")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(JSONObjectUtils.toJSONString(question))),
                CALLERS_PATIENCE);
        if (response.statusCode() == 403) {
            throw new LatchkeyException(verify + " answered with 403. The role of the API token "
                    + required().clientId()
                    + " needs the privilege decisions:ask, and if the API token acts for an API,"
                    + " that must be " + api + ".");
        }
        if (response.statusCode() == 404) {
            throw new LatchkeyException(verify + " answered with 404. API keys need a newer Latchkey.");
        }
        return json(verify, ok(response));
    }

    private HttpResponse<String> guarded(HttpRequest.Builder request, Duration patience) {
        String used = accessToken(patience);
        HttpResponse<String> response = send(request.setHeader("Authorization", "Bearer " + used), patience);
        if (response.statusCode() != 401) {
            return response;
        }
        // Latchkey may no longer accept the access token, although it has not expired here.
        forget(used);
        return send(request.setHeader("Authorization", "Bearer " + accessToken(patience)), patience);
    }

    private Credentials required() {
        if (credentials == null) {
            throw new IllegalStateException("only the keys can be read without credentials");
        }
        return credentials;
    }

    private void forget(String used) {
        renewing.lock();
        try {
            if (used.equals(accessToken)) {
                accessToken = null;
            }
        } finally {
            renewing.unlock();
        }
    }

    /** An access token for Latchkey's own API (RFC 6749 section 4.4). One thread fetches it, and the others wait a while. */
    private String accessToken(Duration patience) {
        try {
            if (!renewing.tryLock(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new LatchkeyException("An access token from " + tokenEndpoint + " is still being waited for.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LatchkeyException("Waiting for an access token was interrupted.");
        }
        try {
            return accessToken != null && clock.millis() < renewAt ? accessToken : fetchedAccessToken();
        } finally {
            renewing.unlock();
        }
    }

    private String fetchedAccessToken() {
        Credentials own = required();
        long now = clock.millis();
        HttpResponse<String> response = send(
                HttpRequest.newBuilder(tokenEndpoint)
                        .header("Accept", "application/json")
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .header("Authorization", own.basic())
                        .POST(BodyPublishers.ofString("grant_type=client_credentials")),
                PATIENCE);
        if (response.statusCode() == 401 || response.statusCode() == 400) {
            throw new LatchkeyException(tokenEndpoint + " answered with " + response.statusCode()
                    + ". The client id or the secret is wrong, or the API token " + own.clientId()
                    + " was revoked or has expired.");
        }
        Json reply = json(tokenEndpoint, ok(response));
        String text = b64token(reply);
        long lifetime = reply.number("expires_in") * 1_000;
        renewAt = now + lifetime - Math.min(MARGIN_MILLIS, lifetime / 2);
        accessToken = text;
        return text;
    }

    /**
     * The access token, if it has the syntax of RFC 6750 section 2.1: a line break in it would begin another header.
     */
    private String b64token(Json reply) {
        try {
            String text = reply.text("access_token");
            if (text.matches("[A-Za-z0-9._~+/-]+=*")) {
                return text;
            }
        } catch (ParseException e) {
            // answered below, like one that is misspelled
        }
        throw new LatchkeyException(tokenEndpoint + " answered without an access token.");
    }

    private HttpResponse<String> get(URI address) {
        return send(
                HttpRequest.newBuilder(address)
                        .header("Accept", "application/json")
                        // A cache on the way may still have the previous keys.
                        .header("Cache-Control", "no-cache"),
                PATIENCE);
    }

    private HttpResponse<String> send(HttpRequest.Builder builder, Duration patience) {
        HttpRequest request = builder.timeout(patience).build();
        String what = request.method() + " " + request.uri();
        CompletableFuture<HttpResponse<String>> response = http.sendAsync(request, info -> new BoundedBody());
        try {
            // The request's own time limit ends with the headers, this one covers the body, too.
            return response.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new LatchkeyException(what + " failed: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new LatchkeyException(what + " was not answered in " + patience.toSeconds() + " seconds.");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LatchkeyException(what + " was interrupted.");
        } finally {
            response.cancel(true);
        }
    }

    private static String ok(HttpResponse<String> response) {
        if (response.statusCode() != 200) {
            throw new LatchkeyException(response.request().method() + " " + response.uri() + " answered with "
                    + response.statusCode() + ".");
        }
        return response.body();
    }

    private static Json json(URI address, String text) {
        try {
            return Json.parse(text);
        } catch (ParseException e) {
            throw new LatchkeyException(address + " did not answer with a JSON object.");
        }
    }
}
