package dev.latchkey.http;

import dev.latchkey.crypto.Sha256;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A certificate chain and its private key in two PEM files. */
record TlsCertificate(Path certificateFile, Path keyFile) {
    private static final Pattern PKCS8 =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final List<String> KEY_TYPES = List.of("EC", "RSA", "EdDSA");

    /** In memory, a password would protect nothing. */
    static final String STORE_PASSWORD = "";

    /**
     * Reads both files.
     *
     * @throws StartException when they cannot be read or do not belong together
     */
    KeyStore load() {
        try {
            List<Certificate> chain = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(certificateFile)))
                    .stream()
                    .map(Certificate.class::cast)
                    .toList();
            if (chain.isEmpty()) {
                throw new StartException(
                        "The file " + certificateFile + " contains no certificate in PEM format.", null);
            }
            PrivateKey key = privateKey();
            if (!belongTogether(key, chain.getFirst().getPublicKey())) {
                throw new StartException(
                        "The key in " + keyFile + " does not belong to the first certificate in " + certificateFile
                                + ".",
                        null);
            }
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("latchkey", key, STORE_PASSWORD.toCharArray(), chain.toArray(Certificate[]::new));
            return store;
        } catch (IOException e) {
            throw new StartException(
                    "The TLS files " + certificateFile + " and " + keyFile + " cannot be read. Check the paths and"
                            + " permissions.",
                    e);
        } catch (GeneralSecurityException e) {
            throw new StartException(
                    "The TLS files " + certificateFile + " and " + keyFile + " are not a certificate and its key.", e);
        }
    }

    private PrivateKey privateKey() throws IOException, GeneralSecurityException {
        Matcher pem = PKCS8.matcher(Files.readString(keyFile, StandardCharsets.US_ASCII));
        if (pem.find()) {
            PKCS8EncodedKeySpec key = new PKCS8EncodedKeySpec(decoded(pem.group(1)));
            for (String type : KEY_TYPES) {
                try {
                    return KeyFactory.getInstance(type).generatePrivate(key);
                } catch (InvalidKeySpecException e) {
                    // a key of another type
                }
            }
        }
        throw new StartException(
                "The file " + keyFile
                        + " holds no private key in PKCS #8 PEM. Convert it with: openssl pkcs8 -topk8 -nocrypt",
                null);
    }

    private static byte[] decoded(String base64) throws GeneralSecurityException {
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new InvalidKeySpecException("not Base64", e);
        }
    }

    /** While two files are being replaced, one may be new and the other old; such a pair would fail every handshake. */
    private static boolean belongTogether(PrivateKey key, PublicKey certified) throws GeneralSecurityException {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        byte[] message = "latchkey".getBytes(StandardCharsets.US_ASCII);
        Signature signer = Signature.getInstance(algorithm);
        signer.initSign(key);
        signer.update(message);
        byte[] signature = signer.sign();
        Signature verifier = Signature.getInstance(algorithm);
        try {
            verifier.initVerify(certified);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            // a key of another kind or size
            return false;
        }
    }

    /** A value that changes when one of the files does. */
    String fingerprint() {
        try {
            // Hashes the contents, because links may be switched and file times are coarse.
            MessageDigest digest = Sha256.begin();
            digest.update(Files.readAllBytes(certificateFile));
            digest.update(Files.readAllBytes(keyFile));
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            return "unreadable";
        }
    }
}
