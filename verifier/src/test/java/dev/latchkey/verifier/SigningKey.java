package dev.latchkey.verifier;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Arrays;

/** A key pair that access tokens can be signed with, as Latchkey does or as an attacker might. */
public final class SigningKey {
    private final JWK published;
    private final Signer signer;

    private SigningKey(JWK published, Signer signer) {
        this.published = published;
        this.signer = signer;
    }

    private interface Signer {
        Base64URL sign(JWSHeader header, byte[] text) throws JOSEException, GeneralSecurityException;
    }

    public static SigningKey es256(String id) {
        return es256(id, KeyUse.SIGNATURE);
    }

    static SigningKey es256(String id, KeyUse use) {
        try {
            ECKey key = new ECKeyGenerator(Curve.P_256)
                    .keyUse(use)
                    .algorithm(JWSAlgorithm.ES256)
                    .keyID(id)
                    .generate();
            return new SigningKey(key.toPublicJWK(), new ECDSASigner(key)::sign);
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    static SigningKey es384(String id) {
        try {
            ECKey key = new ECKeyGenerator(Curve.P_384)
                    .keyUse(KeyUse.SIGNATURE)
                    .algorithm(JWSAlgorithm.ES384)
                    .keyID(id)
                    .generate();
            return new SigningKey(key.toPublicJWK(), new ECDSASigner(key)::sign);
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    static SigningKey rsa(String id, JWSAlgorithm algorithm, int bits) {
        try {
            RSAKey key = new RSAKeyGenerator(bits, true)
                    .keyUse(KeyUse.SIGNATURE)
                    .algorithm(algorithm)
                    .keyID(id)
                    .generate();
            return new SigningKey(key.toPublicJWK(), new RSASSASigner(key.toPrivateKey(), true)::sign);
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    static SigningKey ed25519(String id) {
        try {
            KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            byte[] encoded = pair.getPublic().getEncoded();
            OctetKeyPair published = new OctetKeyPair.Builder(
                            Curve.Ed25519,
                            Base64URL.encode(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length)))
                    .keyUse(KeyUse.SIGNATURE)
                    .algorithm(JWSAlgorithm.EdDSA)
                    .keyID(id)
                    .build();
            return new SigningKey(published, (header, text) -> {
                Signature signature = Signature.getInstance("Ed25519");
                signature.initSign(pair.getPrivate());
                signature.update(text);
                return Base64URL.encode(signature.sign());
            });
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    JWK published() {
        return published;
    }

    /** The header that Latchkey writes. */
    JWSHeader.Builder header() {
        return new JWSHeader.Builder(JWSAlgorithm.parse(published.getAlgorithm().getName()))
                .type(new com.nimbusds.jose.JOSEObjectType("at+jwt"))
                .keyID(published.getKeyID());
    }

    public String sign(JWTClaimsSet claims) {
        return sign(header().build(), claims);
    }

    String sign(JWSHeader header, JWTClaimsSet claims) {
        return sign(header, Base64URL.encode(claims.toString()).toString());
    }

    /** @param payload as it is written between the dots */
    String sign(JWSHeader header, String payload) {
        String text = header.toBase64URL() + "." + payload;
        try {
            return text + "." + signer.sign(header, text.getBytes(StandardCharsets.US_ASCII));
        } catch (JOSEException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
