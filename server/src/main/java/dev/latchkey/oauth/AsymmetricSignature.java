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
import dev.latchkey.apitoken.ForeignKeys;
import dev.latchkey.signing.SigningAlgorithm;
import java.util.List;

/**
 * Checks signatures of programs, outside issuers and DPoP proofs, with public keys only: an attacker who could make us check
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
                    ForeignKeys.whyUnusable(rsa) == null
                            && new RSASSAVerifier(rsa.toRSAPublicKey())
                                    .verify(jwt.getHeader(), jwt.getSigningInput(), jwt.getSignature());
                case OctetKeyPair pair ->
                    Curve.Ed25519.equals(pair.getCurve())
                            && JWSAlgorithm.EdDSA.equals(algorithm)
                            && SigningAlgorithm.EDDSA
                                    .verifier(pair)
                                    .verify(jwt.getHeader(), jwt.getSigningInput(), jwt.getSignature());
                default -> false;
            };
        } catch (JOSEException e) {
            // The algorithm belongs to another kind of key, or to another curve.
            return false;
        }
    }
}
