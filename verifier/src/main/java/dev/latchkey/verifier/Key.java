package dev.latchkey.verifier;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.SignedJWT;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A public key of Latchkey's, and the one algorithm that it is for (RFC 8725 section 3.1), with which the header of a
 * JWT must agree.
 */
final class Key {
    private static final int MINIMUM_RSA_BITS = 2048;

    private static final int ED25519_SIGNATURE_BYTES = 64;

    /** The bytes before the 32 bytes of an Ed25519 key in its X.509 form (RFC 8410 section 4). */
    private static final byte[] ED25519_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private final JWSAlgorithm algorithm;
    private final Check check;

    private Key(JWSAlgorithm algorithm, Check check) {
        this.algorithm = algorithm;
        this.check = check;
    }

    /** Checks a signature. */
    @FunctionalInterface
    private interface Check {
        boolean passes(JWSHeader header, byte[] signed, Base64URL signature) throws JOSEException;
    }

    /** The key, or null when it is not one that access tokens are signed with. */
    static @Nullable Key of(JWK jwk) throws JOSEException {
        if (!KeyUse.SIGNATURE.equals(jwk.getKeyUse())) {
            return null;
        }
        if (jwk instanceof ECKey ec
                && Curve.P_256.equals(ec.getCurve())
                && JWSAlgorithm.ES256.equals(ec.getAlgorithm())) {
            return new Key(JWSAlgorithm.ES256, new ECDSAVerifier(ec.toECPublicKey())::verify);
        }
        if (jwk instanceof RSAKey rsa
                && (JWSAlgorithm.RS256.equals(rsa.getAlgorithm()) || JWSAlgorithm.PS256.equals(rsa.getAlgorithm()))) {
            RSAPublicKey key = rsa.toRSAPublicKey();
            return key.getModulus().bitLength() < MINIMUM_RSA_BITS
                    ? null
                    : new Key(JWSAlgorithm.parse(rsa.getAlgorithm().getName()), new RSASSAVerifier(key)::verify);
        }
        if (jwk instanceof OctetKeyPair pair
                && Curve.Ed25519.equals(pair.getCurve())
                && JWSAlgorithm.EdDSA.equals(pair.getAlgorithm())) {
            PublicKey key = ed25519(pair.getDecodedX());
            return new Key(JWSAlgorithm.EdDSA, (header, signed, signature) -> ed25519(key, signed, signature));
        }
        return null;
    }

    private static PublicKey ed25519(byte[] x) throws JOSEException {
        byte[] encoded = new byte[ED25519_PREFIX.length + x.length];
        System.arraycopy(ED25519_PREFIX, 0, encoded, 0, ED25519_PREFIX.length);
        System.arraycopy(x, 0, encoded, ED25519_PREFIX.length, x.length);
        try {
            return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new JOSEException("not an Ed25519 key", e);
        }
    }

    /** Nimbus needs another library for this, but the JDK does not. */
    private static boolean ed25519(PublicKey key, byte[] signed, Base64URL signature) throws JOSEException {
        try {
            Signature check = Signature.getInstance("Ed25519");
            check.initVerify(key);
            check.update(signed);
            byte[] bytes = signature.decode();
            // Java 17 ignores bytes after the signature, so one access token would have endless spellings to
            // remember.
            return bytes.length == ED25519_SIGNATURE_BYTES && check.verify(bytes);
        } catch (SignatureException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new JOSEException("every JDK from 15 on supports Ed25519", e);
        }
    }

    /** Whether this key signed the JWT. */
    boolean signed(SignedJWT jwt) throws JOSEException {
        return algorithm.equals(jwt.getHeader().getAlgorithm())
                && check.passes(jwt.getHeader(), jwt.getSigningInput(), jwt.getSignature());
    }
}
