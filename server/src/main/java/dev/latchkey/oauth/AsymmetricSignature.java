package dev.latchkey.oauth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.SignedJWT;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.List;

/**
 * Signatures of others: of programs, of outside issuers, of DPoP proofs. Only with public keys: whoever could make us check
 * an HMAC would choose a public key as its secret (RFC 8725 section 2.1).
 */
final class AsymmetricSignature {
    /** In the order of our metadata. */
    static final List<JWSAlgorithm> ALGORITHMS = List.of(
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512,
            JWSAlgorithm.EdDSA,
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512);

    static final List<String> NAMES =
            ALGORITHMS.stream().map(JWSAlgorithm::getName).toList();

    private static final int MIN_RSA_BITS = 2_048;
    private static final int ED25519_SIGNATURE_BYTES = 64;

    /** What stands before the 32 bytes of an Ed25519 key in its X.509 form (RFC 8410 section 4). */
    private static final byte[] ED25519_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private AsymmetricSignature() {}

    /**
     * Whether the key signed the JWT with an algorithm that belongs to the key. Extensions that must be understood
     * ({@code crit}) are not, so they fail (RFC 7515 section 4.1.11).
     */
    static boolean isBy(JWK key, SignedJWT jwt) {
        JWSAlgorithm algorithm = jwt.getHeader().getAlgorithm();
        if (!ALGORITHMS.contains(algorithm)
                || jwt.getHeader().getCriticalParams() != null
                || (key.getAlgorithm() != null && !key.getAlgorithm().equals(algorithm))) {
            return false;
        }
        try {
            return switch (key) {
                case ECKey ec ->
                    new ECDSAVerifier(ec.toECPublicKey())
                            .verify(jwt.getHeader(), jwt.getSigningInput(), jwt.getSignature());
                case RSAKey rsa ->
                    rsa.size() >= MIN_RSA_BITS
                            && new RSASSAVerifier(rsa.toRSAPublicKey())
                                    .verify(jwt.getHeader(), jwt.getSigningInput(), jwt.getSignature());
                case OctetKeyPair pair ->
                    Curve.Ed25519.equals(pair.getCurve())
                            && JWSAlgorithm.EdDSA.equals(algorithm)
                            && isByEd25519(pair, jwt);
                default -> false;
            };
        } catch (JOSEException e) {
            // The algorithm belongs to another kind of key, or to another curve.
            return false;
        }
    }

    /** Nimbus needs a further library for this, the JDK does not. */
    private static boolean isByEd25519(OctetKeyPair pair, SignedJWT jwt) {
        byte[] x = pair.getDecodedX();
        byte[] encoded = new byte[ED25519_PREFIX.length + x.length];
        System.arraycopy(ED25519_PREFIX, 0, encoded, 0, ED25519_PREFIX.length);
        System.arraycopy(x, 0, encoded, ED25519_PREFIX.length, x.length);
        byte[] signature = jwt.getSignature().decode();
        try {
            PublicKey key = KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
            Signature check = Signature.getInstance("Ed25519");
            check.initVerify(key);
            check.update(jwt.getSigningInput());
            return signature.length == ED25519_SIGNATURE_BYTES && check.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
