package dev.latchkey.oauth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.apitoken.CostlyChecks;
import dev.latchkey.apitoken.ForeignKeys;
import dev.latchkey.apitoken.KeySource;
import dev.latchkey.http.RemoteFiles;
import dev.latchkey.lane.Few;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks signatures with the registered public keys of programs and issuers, wherever those keys are. A JWT may only choose
 * among them ({@code kid}); its {@code jku}, {@code jwk} and {@code x5u} are not read.
 */
public final class PublicKeys {
    private static final Logger log = LoggerFactory.getLogger(PublicKeys.class);
    private static final Few WARNING = new Few(10);

    private static final int MAX_BYTES = 256 * 1024;
    private static final int MAX_PLACES = 1_000;

    /** A JWT without a key id is tried with at most this many keys, because each costs. */
    private static final int MAX_TRIED = 20;

    private static final int MAX_NAMED = 1_000;

    /** How many slow addresses may keep a thread and a connection each. */
    private static final int FETCHES_AT_ONCE = 16;

    private final RemoteFiles remote;
    private final Clock clock;
    private final Semaphore fetches = new Semaphore(FETCHES_AT_ONCE);
    private volatile Places places = new Places(Set.of());

    /** The unusable keys that the log has named, because each fetch finds the same ones again. */
    private final Set<String> named = ConcurrentHashMap.newKeySet();

    /** @param remote fetches keys from other hosts */
    public PublicKeys(RemoteFiles remote, Clock clock) {
        this.remote = remote;
        this.clock = clock;
    }

    /** A client that fetches keys from these hosts only. */
    public static RemoteFiles remote(Supplier<Set<String>> allowedHosts) {
        return new RemoteFiles(
                allowedHosts, "LATCHKEY_KEY_HOSTS", "application/jwk-set+json, application/json", MAX_BYTES, true);
    }

    /** What is known from these hosts. */
    private static final class Places {
        private final Set<String> hosts;
        private final Cache<Place, RemoteKeys> keys =
                Caffeine.newBuilder().maximumSize(MAX_PLACES).build();

        private Places(Set<String> hosts) {
            this.hosts = hosts;
        }
    }

    /** The keys by their place; none that was fetched before the operator allowed other hosts. */
    private Cache<Place, RemoteKeys> places() {
        Set<String> hosts = remote.allowedHosts();
        Places known = places;
        if (!known.hosts.equals(hosts)) {
            known = new Places(hosts);
            places = known;
        }
        return known.keys;
    }

    /** Where keys are: at an address, or where an issuer's metadata points. */
    private record Place(URI address, boolean isIssuer) {}

    /**
     * Why none of the keys signed the JWT; null when one did.
     *
     * @param issuer the issuer whose metadata points to keys that must be discovered
     * @param costly runs the signature checks; keys are fetched outside of it
     */
    @Nullable String whyNotSigned(SignedJWT jwt, KeySource keys, String issuer, CostlyChecks costly) {
        if (!AsymmetricSignature.ALGORITHMS.contains(jwt.getHeader().getAlgorithm())) {
            return "its algorithm is not one of " + String.join(", ", AsymmetricSignature.NAMES);
        }
        return switch (keys) {
            case KeySource.Fixed fixed ->
                isSigned(jwt, fixed.keys().getKeys(), costly) ? null : "no registered key signed it";
            case KeySource.At(URI address) -> whyNotSigned(jwt, new Place(address, false), costly);
            case KeySource.Discovered() -> whyNotSigned(jwt, new Place(URI.create(issuer), true), costly);
        };
    }

    private @Nullable String whyNotSigned(SignedJWT jwt, Place place, CostlyChecks costly) {
        RemoteKeys there = places().get(place, this::keysAt);
        try {
            RemoteKeys.Fetched known = there.get();
            if (isSigned(jwt, known.keys(), costly)) {
                return null;
            }
            RemoteKeys.Fetched newer = there.after(known);
            return newer != known && isSigned(jwt, newer.keys(), costly) ? null : "no published key signed it";
        } catch (RemoteKeys.UnavailableKeysException e) {
            // Anyone who knows a client id can cause this, so the log is limited; the audit log has each reason.
            if (WARNING.next().isPresent()) {
                log.warn("Public keys cannot be fetched: {}", e.getMessage());
            }
            return "the public keys cannot be fetched: " + e.getMessage();
        }
    }

    /**
     * Whether one of the keys signed it that have its key id or none, because the key id is a hint (RFC 7515 section 4.1.4).
     */
    private static boolean isSigned(SignedJWT jwt, List<JWK> keys, CostlyChecks costly) {
        String id = jwt.getHeader().getKeyID();
        return costly.run(() -> keys.stream()
                .filter(key -> id == null || key.getKeyID() == null || id.equals(key.getKeyID()))
                .limit(MAX_TRIED)
                .anyMatch(key -> AsymmetricSignature.isBy(key, jwt)));
    }

    private RemoteKeys keysAt(Place place) {
        return new RemoteKeys(() -> fetched(place), clock);
    }

    private List<JWK> fetched(Place place) throws ParseException {
        if (!fetches.tryAcquire()) {
            throw new ParseException("too many key addresses are slow to answer", 0);
        }
        try {
            URI address = place.isIssuer() ? discovered(place.address()) : place.address();
            ForeignKeys read = ForeignKeys.read(JSONObjectUtils.parse(text(address)));
            for (String skipped : read.skipped()) {
                if (named.size() < MAX_NAMED && named.add(address + " " + skipped)) {
                    log.warn("One of the public keys at {} cannot be used: {}", address, skipped);
                }
            }
            if (read.keys().isEmpty()) {
                throw new ParseException(address + " has no key that can check signatures", 0);
            }
            return read.keys();
        } finally {
            fetches.release();
        }
    }

    private String text(URI address) {
        return new String(remote.fetch(address), StandardCharsets.UTF_8);
    }

    /**
     * OpenID Connect Discovery 1.0 section 4: the metadata is below the issuer, path included, and must name exactly that
     * issuer (section 4.3).
     */
    private URI discovered(URI issuer) throws ParseException {
        URI address = URI.create(issuer.toString().replaceFirst("/$", "") + "/.well-known/openid-configuration");
        Map<String, Object> metadata = JSONObjectUtils.parse(text(address));
        if (!issuer.toString().equals(JSONObjectUtils.getString(metadata, "issuer"))) {
            throw new ParseException(address + " names another issuer", 0);
        }
        String keys = JSONObjectUtils.getString(metadata, "jwks_uri");
        if (keys == null) {
            throw new ParseException(address + " has no jwks_uri", 0);
        }
        return URI.create(keys);
    }
}
