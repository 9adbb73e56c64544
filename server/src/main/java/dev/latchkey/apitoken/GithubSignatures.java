package dev.latchkey.apitoken;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.latchkey.http.RemoteFiles;
import dev.latchkey.http.Request;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The signatures with which GitHub's secret scanning proves that a report is its own: ECDSA with P-256 and SHA-256 over the body.
 * GitHub publishes the keys at an address. They are fetched when a report names one that is not known, at most once in half a
 * minute and by one request at a time; the others do not wait. When the address does not answer, known keys remain usable for
 * a day.
 */
public final class GithubSignatures {
    private static final Logger log = LoggerFactory.getLogger(GithubSignatures.class);

    private static final Duration KEPT = Duration.ofHours(1);
    private static final Duration OUTAGE = Duration.ofDays(1);
    private static final Duration BETWEEN_FETCHES = Duration.ofSeconds(30);
    private static final int MAX_BYTES = 64 * 1024;
    private static final int MOST_KEYS = 100;

    private final RemoteFiles remote;
    private final URI address;
    private final Clock clock;
    private final ReentrantLock fetching = new ReentrantLock();
    private volatile Known known = new Known(Map.of(), Instant.MIN);

    /** Read and written by the one who fetches. */
    private Instant nextFetch = Instant.MIN;

    /** @param address where GitHub publishes the keys */
    public GithubSignatures(RemoteFiles remote, URI address, Clock clock) {
        this.remote = remote;
        this.address = address;
        this.clock = clock;
    }

    /** A client that fetches the keys from these hosts only. */
    public static RemoteFiles remote(Supplier<Set<String>> allowedHosts) {
        return new RemoteFiles(allowedHosts, "LATCHKEY_KEY_HOSTS", "application/json", MAX_BYTES, true);
    }

    /** What a request's signature says. */
    enum Outcome {
        /** It has none, or names a key that is not known, perhaps because the keys cannot be fetched now. */
        UNSIGNED,
        RIGHT,
        WRONG
    }

    /** Keys by their id, and when they were fetched. */
    private record Known(Map<String, ECPublicKey> keys, Instant at) {}

    Outcome check(Request request) {
        String id = request.header("Github-Public-Key-Identifier").orElse("");
        String signature = request.header("Github-Public-Key-Signature").orElse("");
        if (id.isEmpty() || signature.isEmpty()) {
            return Outcome.UNSIGNED;
        }
        ECPublicKey key = keys(id).get(id);
        if (key == null) {
            return Outcome.UNSIGNED;
        }
        return isBy(key, request.body(), signature) ? Outcome.RIGHT : Outcome.WRONG;
    }

    private static boolean isBy(ECPublicKey key, byte[] body, String signature) {
        try {
            Signature check = Signature.getInstance("SHA256withECDSA");
            check.initVerify(key);
            check.update(body);
            return check.verify(Base64.getDecoder().decode(signature));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false;
        }
    }

    /** The keys that are usable now: newer ones if the known ones are old, or lack this one. */
    private Map<String, ECPublicKey> keys(String id) {
        Known now = known;
        boolean isFresh = clock.instant().isBefore(now.at().plus(KEPT));
        if (!(isFresh && now.keys().containsKey(id)) && fetching.tryLock()) {
            try {
                fetch();
            } finally {
                fetching.unlock();
            }
            now = known;
        }
        return clock.instant().isBefore(now.at().plus(OUTAGE)) ? now.keys() : Map.of();
    }

    private void fetch() {
        if (clock.instant().isBefore(nextFetch)) {
            return;
        }
        nextFetch = clock.instant().plus(BETWEEN_FETCHES);
        try {
            known = new Known(read(new String(remote.fetch(address), StandardCharsets.UTF_8)), clock.instant());
        } catch (RemoteFiles.UnavailableException | ParseException | IllegalArgumentException e) {
            log.warn(
                    "The public keys of GitHub's secret scanning cannot be fetched, so its reports are treated as"
                            + " anyone's: {}",
                    e.getMessage());
        }
    }

    private static Map<String, ECPublicKey> read(String document) throws ParseException {
        Map<String, Object>[] published =
                JSONObjectUtils.getJSONObjectArray(JSONObjectUtils.parse(document), "public_keys");
        if (published == null || published.length > MOST_KEYS) {
            throw new ParseException("the file is not a list of public keys", 0);
        }
        Map<String, ECPublicKey> keys = new HashMap<>();
        for (Map<String, Object> one : published) {
            String id = JSONObjectUtils.getString(one, "key_identifier");
            String pem = JSONObjectUtils.getString(one, "key");
            if (id != null && pem != null) {
                keys.put(id, key(pem));
            }
        }
        return Map.copyOf(keys);
    }

    private static ECPublicKey key(String pem) throws ParseException {
        String encoded = pem.replaceAll("-----(BEGIN|END) PUBLIC KEY-----", "");
        try {
            if (KeyFactory.getInstance("EC")
                                    .generatePublic(new X509EncodedKeySpec(
                                            Base64.getMimeDecoder().decode(encoded)))
                            instanceof ECPublicKey key
                    && Curve.P_256.equals(Curve.forECParameterSpec(key.getParams()))) {
                return key;
            }
        } catch (GeneralSecurityException e) {
            // Answered like a key of another kind.
        }
        throw new ParseException("one of the keys is not an ECDSA key with P-256", 0);
    }
}
