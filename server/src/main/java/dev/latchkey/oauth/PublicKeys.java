package dev.latchkey.oauth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetRetrievalException;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.apitoken.KeySource;
import dev.latchkey.http.RemoteFiles;
import dev.latchkey.lane.Few;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks signatures against the public keys of whoever is registered, wherever those keys are. What a JWT itself says about
 * its key counts for nothing but to choose among them ({@code kid}); {@code jku}, {@code jwk} and {@code x5u} are not read.
 *
 * <p>Fetched keys are kept for five minutes. An unknown key id fetches them again, at most twice in half a minute; while
 * their address does not answer, known ones count for another hour.
 */
public final class PublicKeys {
    private static final Logger log = LoggerFactory.getLogger(PublicKeys.class);
    private static final Few WARNING = new Few(10);

    private static final int MAX_BYTES = 256 * 1024;
    private static final Duration KEPT = Duration.ofMinutes(5);
    private static final Duration FETCH_PATIENCE = Duration.ofSeconds(15);
    private static final Duration MIN_INTERVAL = Duration.ofSeconds(30);
    private static final Duration OUTAGE = Duration.ofHours(1);

    /** Slow addresses must not take all places at work. */
    private static final int FETCHES_AT_ONCE = 16;

    private final RemoteFiles remote;
    private final Semaphore fetches = new Semaphore(FETCHES_AT_ONCE);
    private final Cache<Place, JWKSource<SecurityContext>> sources =
            Caffeine.newBuilder().maximumSize(1_000).build();

    /** @param remote fetches the keys that are elsewhere */
    public PublicKeys(RemoteFiles remote) {
        this.remote = remote;
    }

    /** Fetches keys from these hosts. */
    public static RemoteFiles remote(Set<String> allowedHosts) {
        return new RemoteFiles(
                allowedHosts, "LATCHKEY_KEY_HOSTS", "application/jwk-set+json, application/json", MAX_BYTES);
    }

    /** Where keys are: an address, or what an issuer's metadata leads to. */
    private record Place(URI address, boolean isIssuer) {}

    /**
     * Why none of the keys signed the JWT; null when one did.
     *
     * @param issuer whose metadata leads to keys that are to be discovered
     */
    @Nullable String whyNotSigned(SignedJWT jwt, KeySource keys, String issuer) {
        JWKSource<SecurityContext> source = switch (keys) {
            case KeySource.Fixed fixed -> new ImmutableJWKSet<>(fixed.keys());
            case KeySource.At(URI address) -> sources.get(new Place(address, false), this::source);
            case KeySource.Discovered() -> sources.get(new Place(URI.create(issuer), true), this::source);
        };
        if (!AsymmetricSignature.ALGORITHMS.contains(jwt.getHeader().getAlgorithm())) {
            return "its algorithm is none of " + String.join(", ", AsymmetricSignature.NAMES);
        }
        JWKMatcher matcher = JWKMatcher.forJWSHeader(jwt.getHeader());
        if (matcher == null) {
            return "its algorithm is unknown";
        }
        try {
            return source.get(new JWKSelector(matcher), null).stream()
                            .anyMatch(key -> AsymmetricSignature.isBy(key, jwt))
                    ? null
                    : "no registered key signed it";
        } catch (KeySourceException e) {
            // Whoever knows a client id can have this said; the log of events has each reason.
            if (WARNING.next().isPresent()) {
                log.warn("Public keys cannot be had: {}", reason(e));
            }
            return "the public keys cannot be had: " + reason(e);
        }
    }

    private static String reason(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }

    private JWKSource<SecurityContext> source(Place place) {
        return JWKSourceBuilder.create(new Remote(place))
                .cache(KEPT.toMillis(), FETCH_PATIENCE.toMillis())
                .refreshAheadCache(false)
                .rateLimited(MIN_INTERVAL.toMillis())
                .outageTolerant(OUTAGE.toMillis())
                .build();
    }

    private final class Remote implements JWKSetSource<SecurityContext> {
        private final Place place;

        Remote(Place place) {
            this.place = place;
        }

        @Override
        public JWKSet getJWKSet(
                @Nullable JWKSetCacheRefreshEvaluator evaluator, long time, @Nullable SecurityContext context)
                throws KeySourceException {
            if (!fetches.tryAcquire()) {
                throw new JWKSetRetrievalException("too many addresses of keys answer slowly", null);
            }
            try {
                return JWKSet.parse(text(place.isIssuer() ? discovered(place.address()) : place.address()));
            } catch (ParseException | RemoteFiles.UnavailableException | IllegalArgumentException e) {
                throw new JWKSetRetrievalException(String.valueOf(e.getMessage()), e);
            } finally {
                fetches.release();
            }
        }

        private String text(URI address) {
            return new String(remote.fetch(address), StandardCharsets.UTF_8);
        }

        /**
         * OpenID Connect Discovery 1.0 section 4: the metadata must name the very issuer (section 4.3), and lies below it,
         * path included.
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

        @Override
        public void close() {}
    }
}
