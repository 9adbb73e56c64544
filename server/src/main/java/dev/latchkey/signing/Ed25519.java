package dev.latchkey.signing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.impl.EdDSAProvider;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.util.Base64URL;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/** EdDSA with Ed25519 (RFC 8037), by the JDK and its providers: Nimbus needs another library for it. */
final class Ed25519 {
    private static final String NAME = "Ed25519";
    private static final int SIGNATURE_BYTES = 64;

    /** The bytes before the 32 bytes of a public key in its X.509 form (RFC 8410 section 4). */
    private static final byte[] X509_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private Ed25519() {}

    static OctetKeyPair generate() throws JOSEException {
        try {
            KeyPair pair = KeyPairGenerator.getInstance(NAME).generateKeyPair();
            byte[] encoded = pair.getPublic().getEncoded();
            byte[] x = Arrays.copyOfRange(encoded, X509_PREFIX.length, encoded.length);
            byte[] d = ((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow();
            return new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(x))
                    .d(Base64URL.encode(d))
                    .keyUse(KeyUse.SIGNATURE)
                    .algorithm(JWSAlgorithm.EdDSA)
                    .keyIDFromThumbprint()
                    .build();
        } catch (GeneralSecurityException e) {
            throw new JOSEException("an Ed25519 key cannot be generated", e);
        }
    }

    /** Signs with the private key. */
    static final class Signer extends EdDSAProvider implements JWSSigner {
        private final PrivateKey key;

        Signer(OctetKeyPair pair) throws JOSEException {
            try {
                key = KeyFactory.getInstance(NAME)
                        .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, pair.getDecodedD()));
            } catch (GeneralSecurityException e) {
                throw new JOSEException("not an Ed25519 key", e);
            }
        }

        @Override
        public Base64URL sign(JWSHeader header, byte[] signed) throws JOSEException {
            try {
                Signature signature =
                        Signature.getInstance(NAME, getJCAContext().getProvider());
                signature.initSign(key);
                signature.update(signed);
                return Base64URL.encode(signature.sign());
            } catch (GeneralSecurityException e) {
                throw new JOSEException("signing with Ed25519 failed", e);
            }
        }
    }

    /** Checks with the public key. */
    static final class Verifier extends EdDSAProvider implements JWSVerifier {
        private final PublicKey key;

        Verifier(OctetKeyPair pair) throws JOSEException {
            byte[] x = pair.getDecodedX();
            byte[] encoded = Arrays.copyOf(X509_PREFIX, X509_PREFIX.length + x.length);
            System.arraycopy(x, 0, encoded, X509_PREFIX.length, x.length);
            try {
                key = KeyFactory.getInstance(NAME).generatePublic(new X509EncodedKeySpec(encoded));
            } catch (GeneralSecurityException e) {
                throw new JOSEException("not an Ed25519 key", e);
            }
        }

        @Override
        public boolean verify(JWSHeader header, byte[] signed, Base64URL signature) throws JOSEException {
            byte[] bytes = signature.decode();
            if (bytes.length != SIGNATURE_BYTES) {
                return false;
            }
            try {
                Signature check = Signature.getInstance(NAME, getJCAContext().getProvider());
                check.initVerify(key);
                check.update(signed);
                return check.verify(bytes);
            } catch (SignatureException e) {
                return false;
            } catch (GeneralSecurityException e) {
                throw new JOSEException("checking an Ed25519 signature failed", e);
            }
        }
    }
}
