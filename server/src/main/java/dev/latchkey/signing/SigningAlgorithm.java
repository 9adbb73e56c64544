package dev.latchkey.signing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import dev.latchkey.crypto.SigningProvider;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Optional;

/** How access tokens can be signed (RFC 7518 section 3.1, RFC 8037 section 3.1). Each key is for exactly one of these. */
public enum SigningAlgorithm {
    ES256(JWSAlgorithm.ES256, "SHA256withECDSA"),
    /** With Ed25519. */
    EDDSA(JWSAlgorithm.EdDSA, "Ed25519"),
    RS256(JWSAlgorithm.RS256, "SHA256withRSA"),
    PS256(JWSAlgorithm.PS256, "RSASSA-PSS");

    private static final int RSA_BITS = 3072;

    private final JWSAlgorithm jws;
    private final String jcaName;

    SigningAlgorithm(JWSAlgorithm jws, String jcaName) {
        this.jws = jws;
        this.jcaName = jcaName;
    }

    /** The algorithm of this name in JOSE's spelling; empty for any other. */
    public static Optional<SigningAlgorithm> named(String name) {
        return Arrays.stream(values())
                .filter(algorithm -> algorithm.text().equals(name))
                .findFirst();
    }

    /** Its name in JOSE's spelling, such as {@code EdDSA}. */
    public String text() {
        return jws.getName();
    }

    public JWSAlgorithm jws() {
        return jws;
    }

    /** A new key, named by its thumbprint (RFC 7638). */
    public JWK generate() {
        try {
            return switch (this) {
                case ES256 ->
                    new ECKeyGenerator(Curve.P_256)
                            .keyUse(KeyUse.SIGNATURE)
                            .algorithm(jws)
                            .keyIDFromThumbprint(true)
                            .generate();
                case EDDSA -> Ed25519.generate();
                case RS256, PS256 ->
                    new RSAKeyGenerator(RSA_BITS)
                            .keyUse(KeyUse.SIGNATURE)
                            .algorithm(jws)
                            .keyIDFromThumbprint(true)
                            .generate();
            };
        } catch (JOSEException e) {
            throw new IllegalStateException("every JDK can generate a key for " + text(), e);
        }
    }

    boolean isRsa() {
        return this == RS256 || this == PS256;
    }

    public JWSSigner signer(JWK key) throws JOSEException {
        Provider provider = SigningProvider.forSignature(jcaName);
        JWSSigner signer = switch (this) {
            case ES256 ->
                new ECDSASigner(ownKey(provider, key.toECKey().toECPrivateKey(), PrivateKey.class), Curve.P_256);
            case EDDSA -> new Ed25519.Signer(key.toOctetKeyPair());
            case RS256, PS256 ->
                new RSASSASigner(ownKey(provider, key.toRSAKey().toRSAPrivateKey(), PrivateKey.class));
        };
        signer.getJCAContext().setProvider(provider);
        return signer;
    }

    public JWSVerifier verifier(JWK key) throws JOSEException {
        Provider provider = SigningProvider.forSignature(jcaName);
        JWSVerifier verifier = switch (this) {
            case ES256 -> new ECDSAVerifier(ownKey(provider, key.toECKey().toECPublicKey(), ECPublicKey.class));
            case EDDSA -> new Ed25519.Verifier(key.toOctetKeyPair());
            case RS256, PS256 ->
                new RSASSAVerifier(ownKey(provider, key.toRSAKey().toRSAPublicKey(), RSAPublicKey.class));
        };
        verifier.getJCAContext().setProvider(provider);
        return verifier;
    }

    private static <K extends Key> K ownKey(Provider provider, Key key, Class<K> kind) throws JOSEException {
        try {
            return SigningProvider.ownKey(provider, key, kind);
        } catch (InvalidKeyException e) {
            throw new JOSEException("not a key to sign with", e);
        }
    }
}
