package dev.latchkey.apitoken;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a program proves at the token endpoint that the API token is its own (RFC 6749 section 2.3). Each API token has exactly
 * one way: attackers would choose the weaker of two.
 */
public sealed interface ClientAuthentication {
    /** A secret that both sides know: {@code client_secret_basic} or {@code client_secret_post}. */
    record ClientSecret() implements ClientAuthentication {}

    /**
     * An API key, for programs that speak no OAuth: they send it unchanged with each call, to APIs that take keys. It never obtains an
     * access token.
     *
     * @param importId the import that brought the key, which was issued elsewhere and has no checksum; null for a key of ours
     */
    record ApiKey(@Nullable String importId) implements ClientAuthentication {}

    /**
     * A short-lived assertion that the program signs with a key of its own (RFC 7523 section 2.2).
     *
     * @param forTokenEndpoint whether the assertion may also name the token endpoint as its audience, as libraries older than
     *     RFC 10070 do
     */
    record PrivateKeyJwt(KeySource keys, boolean forTokenEndpoint) implements ClientAuthentication {}

    /**
     * A TLS certificate of an authority that Latchkey trusts, issued to this name (RFC 8705 section 2.1).
     *
     * @param value the name that the certificate must contain
     */
    record TlsCertificate(CertificateName kind, String value) implements ClientAuthentication {}

    /**
     * One of these TLS certificates, regardless of its issuer (RFC 8705 section 2.2).
     *
     * @param certificates in PEM
     * @param thumbprints the SHA-256 of each in base64url ({@code x5t#S256})
     */
    record SelfSignedCertificate(List<String> certificates, List<String> thumbprints) implements ClientAuthentication {}

    /**
     * A token of an outside issuer, such as that of a build or a cluster, exchanged for one of ours (RFC 8693, RFC 7523 section
     * 2.1).
     *
     * @param audience the audience that the outside token must have
     * @param claims the value that each of these claims must have: a boolean, a number, or a text in which {@code *} matches anything
     */
    record Federated(String issuer, KeySource keys, String audience, Map<String, Object> claims)
            implements ClientAuthentication {}

    /**
     * A way that this version does not know, because a newer node stored it. It lets no one in.
     *
     * @param stored as it is in the database
     */
    record Unknown(String stored) implements ClientAuthentication {}

    /** The kinds of names in a certificate (RFC 8705 section 2.1.2). */
    enum CertificateName {
        SUBJECT_DN,
        SAN_DNS,
        SAN_URI,
        SAN_IP,
        SAN_EMAIL
    }

    /**
     * The methods by their registered names (RFC 7591 section 2, RFC 8705 section 2). {@code api_key} and {@code federated} are not registered. A
     * method says which settings belong to it.
     */
    enum Method {
        CLIENT_SECRET,
        API_KEY("importId"),
        PRIVATE_KEY_JWT("jwks", "jwksUri", "tokenEndpointAudience"),
        TLS_CLIENT_AUTH("subjectDn", "sanDns", "sanUri", "sanIp", "sanEmail"),
        SELF_SIGNED_TLS_CLIENT_AUTH("certificates"),
        FEDERATED("jwks", "jwksUri", "issuer", "audience", "claims");

        private final Set<String> settings;

        Method(String... settings) {
            this.settings = Set.of(settings);
        }

        /** Its name in the management API and in rows. */
        String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        boolean has(String setting) {
            return settings.contains(setting);
        }

        static Optional<Method> named(String text) {
            return Arrays.stream(values())
                    .filter(method -> method.text().equals(text))
                    .findFirst();
        }
    }

    /** The name of its method. */
    default String method() {
        return switch (this) {
            case ClientSecret() -> Method.CLIENT_SECRET.text();
            case ApiKey key -> Method.API_KEY.text();
            case PrivateKeyJwt privateKeyJwt -> Method.PRIVATE_KEY_JWT.text();
            case TlsCertificate certificate -> Method.TLS_CLIENT_AUTH.text();
            case SelfSignedCertificate certificate -> Method.SELF_SIGNED_TLS_CLIENT_AUTH.text();
            case Federated federated -> Method.FEDERATED.text();
            case Unknown unknown -> "unknown";
        };
    }

    /** Whether everyone whom this lets in could get in before: it has fewer keys or certificates, or more conditions. */
    default boolean onlyNarrows(ClientAuthentication old) {
        return equals(old)
                || switch (this) {
                    case ClientSecret() -> false;
                    case ApiKey key -> false;
                    case TlsCertificate certificate -> false;
                    case Unknown unknown -> false;
                    case PrivateKeyJwt(KeySource keys, boolean forTokenEndpoint) ->
                        old instanceof PrivateKeyJwt(KeySource oldKeys, boolean oldForTokenEndpoint)
                                && keys.areAmong(oldKeys)
                                && (oldForTokenEndpoint || !forTokenEndpoint);
                    case SelfSignedCertificate(List<String> certificates, List<String> thumbprints) ->
                        old instanceof SelfSignedCertificate(List<String> oldOnes, List<String> oldThumbprints)
                                && oldThumbprints.containsAll(thumbprints);
                    case Federated(String issuer, KeySource keys, String audience, Map<String, Object> claims) ->
                        old instanceof Federated before
                                && issuer.equals(before.issuer())
                                && audience.equals(before.audience())
                                && keys.areAmong(before.keys())
                                && claims.entrySet().containsAll(before.claims().entrySet());
                };
    }
}
