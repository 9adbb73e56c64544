package dev.latchkey.console;

import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ClientAuthentication;
import dev.latchkey.apitoken.KeySource;
import dev.latchkey.apitoken.SecretUse;
import dev.latchkey.apitoken.SenderConstraint;
import dev.latchkey.crypto.Secret;
import dev.latchkey.http.AddressRange;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Plain words for how a token authenticates, and for its limits. */
public final class TokenFacts {
    /** A program that runs once a day has used its secret within this time. */
    private static final Duration IN_USE = Duration.ofHours(24);

    private static final String WITH_CERTIFICATE =
            "Present the certificate at the token endpoint under mtls_endpoint_aliases in the metadata, and send the client_id with"
                    + " grant_type=client_credentials.";

    static final String SECRET = "secret key";
    private static final String KEY = "API key";

    private TokenFacts() {}

    /** How it authenticates, in one or two sentences. */
    public static String authentication(ApiToken apiToken) {
        return switch (apiToken.authentication()) {
            case ClientAuthentication.ClientSecret() -> "A secret";
            case ClientAuthentication.ApiKey key ->
                key.importId() == null
                        ? "An API key, sent as it is with each call"
                        : "An API key that was issued elsewhere, from the import " + key.importId()
                                + ". It has no checksum, so scanners do not recognise it";
            case ClientAuthentication.PrivateKeyJwt(KeySource keys, boolean forTokenEndpoint) ->
                "The program's own key (private_key_jwt), " + keys(keys)
                        + (forTokenEndpoint
                                ? ". Its assertions may name the token endpoint as their audience, as older libraries do."
                                        + " This is less safe: turn it off once the library can name the issuer"
                                : "");
            case ClientAuthentication.TlsCertificate(ClientAuthentication.CertificateName kind, String value) ->
                "A TLS certificate from a trusted authority, for " + value;
            case ClientAuthentication.SelfSignedCertificate certificate ->
                "A registered TLS certificate, SHA-256 " + String.join(", ", certificate.thumbprints());
            case ClientAuthentication.Federated federated ->
                "A token from " + federated.issuer() + " for " + federated.audience() + " with "
                        + federated.claims().entrySet().stream()
                                .map(claim -> claim(claim.getKey(), claim.getValue()))
                                .collect(Collectors.joining(", "));
            case ClientAuthentication.Unknown unknown ->
                "In a way that this version of Latchkey does not know. Here, no program can use the token";
        };
    }

    /** How it authenticates, in one or two words. */
    public static String method(ApiToken apiToken) {
        return switch (apiToken.authentication()) {
            case ClientAuthentication.ClientSecret() -> "Secret";
            case ClientAuthentication.ApiKey key -> key.importId() == null ? "API key" : "Imported API key";
            case ClientAuthentication.PrivateKeyJwt privateKeyJwt -> "Private key";
            case ClientAuthentication.TlsCertificate certificate -> "TLS certificate";
            case ClientAuthentication.SelfSignedCertificate certificate -> "Registered certificate";
            case ClientAuthentication.Federated federated -> "Platform identity";
            case ClientAuthentication.Unknown unknown -> "Unknown";
        };
    }

    /** A condition as in forms: a value that is not text is written as JSON, after := */
    static String claim(String name, Object value) {
        return value instanceof String text ? name + " = " + text : name + " := " + value;
    }

    public static boolean hasSecret(ApiToken apiToken) {
        return apiToken.terms().secretForm() != null;
    }

    /** Whether its programs send an API key. */
    public static boolean isKey(ApiToken apiToken) {
        return apiToken.terms().secretForm() == Secret.Form.API_KEY;
    }

    /** What its secret is called. */
    public static String secret(ApiToken apiToken) {
        return isKey(apiToken) ? KEY : SECRET;
    }

    /** The same in one word. */
    public static String noun(ApiToken apiToken) {
        return isKey(apiToken) ? "key" : "secret";
    }

    /** What a program without a secret sends to the token endpoint. */
    public static String quickStart(ApiToken apiToken) {
        return switch (apiToken.authentication()) {
            case ClientAuthentication.ClientSecret() ->
                "Send the client ID and the secret to /oauth/v2/token with grant_type=client_credentials.";
            case ClientAuthentication.ApiKey key ->
                "Send the API key with each call, where the API takes keys: usually in the header X-API-Key.";
            case ClientAuthentication.PrivateKeyJwt privateKeyJwt ->
                "OAuth libraries call this private_key_jwt: they sign a client_assertion for each request to"
                        + " /oauth/v2/token, with grant_type=client_credentials.";
            case ClientAuthentication.TlsCertificate certificate -> WITH_CERTIFICATE;
            case ClientAuthentication.SelfSignedCertificate certificate -> WITH_CERTIFICATE;
            case ClientAuthentication.Federated federated ->
                "Ask the platform for a token for " + federated.audience()
                        + ", and send it as subject_token with the client_id to /oauth/v2/token, with"
                        + " grant_type=urn:ietf:params:oauth:grant-type:token-exchange and"
                        + " subject_token_type=urn:ietf:params:oauth:token-type:jwt.";
            case ClientAuthentication.Unknown unknown -> "Look at the token in a newer version of Latchkey.";
        };
    }

    private static String keys(KeySource keys) {
        return switch (keys) {
            case KeySource.Fixed fixed ->
                fixed.keys().getKeys().stream()
                        .map(key -> key.getKeyID() == null ? "without an ID" : key.getKeyID())
                        .collect(Collectors.joining(", "));
            case KeySource.At at -> "published at " + at.address();
            case KeySource.Discovered() -> "published by its issuer";
        };
    }

    /** What its access tokens are bound to. */
    public static String binding(SenderConstraint constraint) {
        return switch (constraint) {
            case NONE -> "Nothing: anyone who has one can use it";
            case DPOP -> "The program's key (DPoP)";
            case CERTIFICATE -> "The program's TLS certificate";
        };
    }

    public static String addresses(List<AddressRange> addresses) {
        return addresses.isEmpty()
                ? "Anywhere"
                : addresses.stream().map(AddressRange::toString).collect(Collectors.joining(", "));
    }

    /**
     * A secret, and what to do about it.
     *
     * @param safeToRemove whether no program seems to use it any longer
     */
    public record SecretRow(SecretUse use, String advice, boolean safeToRemove) {}

    /**
     * The secrets, the oldest first. While there are two, the old one says whether it can be removed.
     *
     * @param noun what they are called
     */
    static List<SecretRow> secrets(String noun, List<SecretUse> uses, Instant now) {
        return IntStream.range(0, uses.size())
                .mapToObj(i -> i < uses.size() - 1 ? old(noun, uses.get(i), now) : newest(uses.get(i), now))
                .toList();
    }

    private static SecretRow newest(SecretUse use, Instant now) {
        return new SecretRow(
                use,
                use.lastUsedAt() == null ? "Not used yet" : "Last used " + Times.relative(use.lastUsedAt(), now),
                false);
    }

    private static SecretRow old(String noun, SecretUse use, Instant now) {
        if (use.lastUsedAt() == null) {
            return new SecretRow(use, "The old " + noun + " was never used: safe to remove", true);
        }
        boolean inUse = use.lastUsedAt().isAfter(now.minus(IN_USE));
        String when = "The old " + noun + " was last used " + Times.relative(use.lastUsedAt(), now);
        return new SecretRow(use, when + (inUse ? ": a program still uses it" : ": safe to remove"), !inUse);
    }
}
