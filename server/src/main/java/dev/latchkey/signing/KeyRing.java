package dev.latchkey.signing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.crypto.UnusableKeyException;
import dev.latchkey.crypto.Vault;
import dev.latchkey.problem.Json;
import dev.latchkey.signing.SigningKeyStore.Row;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** All keys at one time, ready to sign and to check. It is replaced as a whole when a key changes. */
final class KeyRing {
    /** The members of our own JWS headers. Anything else is an attempt to bring a key along. */
    private static final Set<String> HEADER = Set.of("alg", "typ", "kid");

    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private final List<SigningKey> keys;
    private final SigningPolicy policy;
    private final Map<String, Checking> checking = new HashMap<>();
    private final Map<String, Signing> signers = new HashMap<>();

    /**
     * A key that signs.
     *
     * @param plain a header that only tells the signer its algorithm
     * @param headers the encoded headers by their type, each encoded once
     */
    record Signing(SigningKey key, JWSSigner signer, JWSHeader plain, Map<JOSEObjectType, String> headers) {
        static Signing of(SigningKey key, JWK privateJwk) throws JOSEException {
            return new Signing(
                    key,
                    key.algorithm().signer(privateJwk),
                    new JWSHeader(key.algorithm().jws()),
                    new ConcurrentHashMap<>());
        }

        /** Whether a signature takes too long for the threads on which requests begin. */
        boolean isSlow() {
            return key.algorithm().isRsa();
        }

        /** A JWT in its compact form. */
        String sign(JOSEObjectType type, Map<String, Object> claims) {
            String input = header(type) + "." + BASE64.encodeToString(Json.write(claims));
            try {
                return input + "." + signer.sign(plain, input.getBytes(StandardCharsets.US_ASCII));
            } catch (JOSEException e) {
                throw new IllegalStateException("signing with the key " + key.id() + " failed", e);
            }
        }

        private String header(JOSEObjectType type) {
            String known = headers.get(type);
            return known != null ? known : headers.computeIfAbsent(type, this::encoded);
        }

        private String encoded(JOSEObjectType type) {
            return new JWSHeader.Builder(key.algorithm().jws())
                    .type(type)
                    .keyID(key.id())
                    .build()
                    .toBase64URL()
                    .toString();
        }
    }

    /** A key that checks signatures. */
    private record Checking(SigningKey key, JWK publicJwk, JWSVerifier verifier) {}

    /**
     * @param rows in {@link SigningKey#ORDER}
     * @throws UnusableKeyException when the vault does not decrypt a key, or one is damaged
     */
    KeyRing(List<Row> rows, SigningPolicy policy, Vault vault) {
        this.keys = rows.stream().map(Row::key).toList();
        this.policy = policy;
        for (Row row : rows) {
            SigningKey key = row.key();
            if (key.withdrawal() == null) {
                try {
                    JWK publicJwk = JWK.parse(row.publicJwk());
                    checking.put(
                            key.id(),
                            new Checking(key, publicJwk, key.algorithm().verifier(publicJwk)));
                    String sealed = row.sealedPrivateJwk();
                    if (sealed != null) {
                        signers.put(key.id(), Signing.of(key, JWK.parse(vault.open(sealed, key.id()))));
                    }
                } catch (ParseException | JOSEException | IllegalStateException e) {
                    throw new UnusableKeyException("The signing key " + key.id() + " in the database is damaged.", e);
                }
            }
        }
    }

    /** In {@link SigningKey#ORDER}, including ended ones. */
    List<SigningKey> keys() {
        return keys;
    }

    SigningPolicy policy() {
        return policy;
    }

    /** The current signing key. */
    Signing signing(Instant now) {
        SigningKey key = SigningKey.signing(keys, now);
        Signing signing = signers.get(key.id());
        if (signing == null) {
            throw new IllegalStateException("the signing key " + key.id() + " has no private key");
        }
        return signing;
    }

    /**
     * Whether one of these keys signed it. The header only chooses among our keys: the algorithm is the key's own (RFC 8725
     * section 3.1), and a header that contains a key, or names where to find one, is refused (section 3.10).
     */
    boolean signed(Instant now, SignedJWT jwt) throws JOSEException {
        JWSHeader header = jwt.getHeader();
        @Nullable Checking known = header.getKeyID() == null ? null : checking.get(header.getKeyID());
        return known != null
                && known.key().isTrusted(now)
                && known.key().algorithm().jws().equals(header.getAlgorithm())
                && HEADER.containsAll(header.getIncludedParams())
                && jwt.verify(known.verifier());
    }

    boolean isTrusted(Instant now, String keyId) {
        Checking known = checking.get(keyId);
        return known != null && known.key().isTrusted(now);
    }

    /** The public keys that are trusted now or soon (RFC 7517 section 5), the newest first. */
    JWKSet published(Instant now) {
        List<JWK> published = new ArrayList<>();
        for (SigningKey key : keys.reversed()) {
            Checking known = checking.get(key.id());
            if (known != null && key.isTrusted(now)) {
                published.add(known.publicJwk());
            }
        }
        return new JWKSet(published);
    }
}
