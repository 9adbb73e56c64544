package dev.latchkey.oauth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A key pair outside of Latchkey, and what it signs: right in every way until a test changes it. */
public final class ProgramKey {
    private final JWSAlgorithm algorithm;
    private final JWK jwk;
    private final KeyPair ed25519;

    private ProgramKey(JWSAlgorithm algorithm, JWK jwk, KeyPair ed25519) {
        this.algorithm = algorithm;
        this.jwk = jwk;
        this.ed25519 = ed25519;
    }

    public static ProgramKey make() {
        return make(JWSAlgorithm.ES256);
    }

    static ProgramKey make(JWSAlgorithm algorithm) {
        String id = UUID.randomUUID().toString();
        try {
            if (JWSAlgorithm.EdDSA.equals(algorithm)) {
                KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
                byte[] encoded = pair.getPublic().getEncoded();
                Base64URL x = Base64URL.encode(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length));
                return new ProgramKey(
                        algorithm,
                        new OctetKeyPair.Builder(Curve.Ed25519, x).keyID(id).build(),
                        pair);
            }
            return new ProgramKey(
                    algorithm,
                    JWSAlgorithm.Family.EC.contains(algorithm)
                            ? new ECKeyGenerator(Curve.forJWSAlgorithm(algorithm)
                                            .iterator()
                                            .next())
                                    .keyID(id)
                                    .generate()
                            : new RSAKeyGenerator(2_048).keyID(id).generate(),
                    null);
        } catch (JOSEException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    JWK publicKey() {
        return jwk.toPublicJWK();
    }

    JWK privateKey() {
        return jwk;
    }

    /** The public half as a set, in JSON. */
    public String jwks() {
        return new JWKSet(publicKey()).toString(true);
    }

    String thumbprint() {
        try {
            return jwk.computeThumbprint().toString();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A client assertion (RFC 7523 section 3). */
    public Draft assertion(String clientId, String audience) {
        return new Draft(this)
                .header("kid", jwk.getKeyID())
                .claim("iss", clientId)
                .claim("sub", clientId)
                .claim("aud", audience)
                .claim("iat", now())
                .claim("exp", now() + 60)
                .claim("jti", UUID.randomUUID().toString());
    }

    /** A DPoP proof (RFC 9449 section 4.2). */
    public Draft proof(String method, String address) {
        return new Draft(this)
                .header("typ", "dpop+jwt")
                .header("jwk", publicKey().toJSONObject())
                .claim("htm", method)
                .claim("htu", address)
                .claim("iat", now())
                .claim("jti", UUID.randomUUID().toString());
    }

    public static long now() {
        return Instant.now().getEpochSecond();
    }

    /** The {@code ath} of an access token. */
    public static String hash(String accessToken) {
        try {
            return Base64URL.encode(MessageDigest.getInstance("SHA-256")
                            .digest(accessToken.getBytes(StandardCharsets.US_ASCII)))
                    .toString();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A JWT before it is signed, in which nothing is checked. */
    public static final class Draft {
        private final Map<String, Object> header = new LinkedHashMap<>();
        private final Map<String, Object> claims = new LinkedHashMap<>();
        private ProgramKey signer;

        private Draft(ProgramKey signer) {
            this.signer = signer;
            header.put("alg", signer.algorithm.getName());
        }

        /** @param value null takes it out */
        Draft header(String name, Object value) {
            return set(header, name, value);
        }

        /** @param value null takes it out */
        public Draft claim(String name, Object value) {
            return set(claims, name, value);
        }

        private Draft set(Map<String, Object> values, String name, Object value) {
            if (value == null) {
                values.remove(name);
            } else {
                values.put(name, value);
            }
            return this;
        }

        /** Signed with another key; the header stays. */
        Draft by(ProgramKey other) {
            signer = other;
            return this;
        }

        private String input() {
            return Base64URL.encode(JSONObjectUtils.toJSONString(header)) + "."
                    + Base64URL.encode(JSONObjectUtils.toJSONString(claims));
        }

        public String signed() {
            return signed(input());
        }

        /** With this as what is signed, whatever it is. */
        String signed(String input) {
            byte[] bytes = input.getBytes(StandardCharsets.US_ASCII);
            try {
                if (signer.ed25519 != null) {
                    Signature signature = Signature.getInstance("Ed25519");
                    signature.initSign(signer.ed25519.getPrivate());
                    signature.update(bytes);
                    return input + "." + Base64URL.encode(signature.sign());
                }
                JWSHeader plain = new JWSHeader(signer.algorithm);
                return input + "."
                        + (signer.jwk instanceof ECKey ec
                                ? new ECDSASigner(ec).sign(plain, bytes)
                                : new RSASSASigner((RSAKey) signer.jwk).sign(plain, bytes));
            } catch (JOSEException | GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        /** Without a signature, saying so in each of the ways that some library once accepted. */
        List<String> unsigned() {
            String right = signed();
            String signature = right.substring(right.lastIndexOf('.') + 1);
            return List.of(
                    header("alg", "none").input() + ".",
                    header("alg", "none").input() + "." + signature,
                    header("alg", "None").input() + ".",
                    header("alg", "nOnE").input() + "." + signature,
                    header("alg", "").input() + ".",
                    header("alg", null).input() + ".");
        }

        /** Signed with HS256, with each spelling of the public key as the shared secret. */
        List<String> signedWithThePublicKey() {
            try {
                header("alg", "HS256");
                byte[] der = signer.jwk instanceof ECKey ec
                        ? ec.toECPublicKey().getEncoded()
                        : ((RSAKey) signer.jwk).toRSAPublicKey().getEncoded();
                String pem = "-----BEGIN PUBLIC KEY-----\n"
                        + java.util.Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                        + "\n-----END PUBLIC KEY-----\n";
                return List.of(
                        mac(signer.publicKey().toJSONString().getBytes(StandardCharsets.UTF_8)),
                        mac(signer.jwks().getBytes(StandardCharsets.UTF_8)),
                        mac(der),
                        mac(pem.getBytes(StandardCharsets.UTF_8)));
            } catch (JOSEException e) {
                throw new IllegalStateException(e);
            }
        }

        private String mac(byte[] secret) throws JOSEException {
            String input = input();
            return input + "."
                    + new MACSigner(secret)
                            .sign(new JWSHeader(JWSAlgorithm.HS256), input.getBytes(StandardCharsets.US_ASCII));
        }
    }
}
