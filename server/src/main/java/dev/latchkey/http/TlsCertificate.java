package dev.latchkey.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A certificate chain and its private key in two PEM files. */
record TlsCertificate(Path certificateFile, Path keyFile) {
    private static final Pattern PKCS8 =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final List<String> KEY_TYPES = List.of("EC", "RSA", "EdDSA");

    /** No password protects anything in memory. */
    static final String STORE_PASSWORD = "";

    /**
     * Reads both files.
     *
     * @throws HttpServer.StartException when they cannot be read or do not belong together
     */
    KeyStore load() {
        try {
            List<Certificate> chain = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(certificateFile)))
                    .stream()
                    .map(Certificate.class::cast)
                    .toList();
            if (chain.isEmpty()) {
                throw new HttpServer.StartException(
                        "The file " + certificateFile + " holds no certificate in PEM.", null);
            }
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry(
                    "latchkey", privateKey(), STORE_PASSWORD.toCharArray(), chain.toArray(Certificate[]::new));
            return store;
        } catch (IOException e) {
            throw new HttpServer.StartException(
                    "The TLS files " + certificateFile + " and " + keyFile + " cannot be read. Check the paths and"
                            + " permissions.",
                    e);
        } catch (GeneralSecurityException e) {
            throw new HttpServer.StartException(
                    "The TLS files " + certificateFile + " and " + keyFile + " do not make a certificate with its key.",
                    e);
        }
    }

    private PrivateKey privateKey() throws IOException, GeneralSecurityException {
        Matcher pem = PKCS8.matcher(Files.readString(keyFile, StandardCharsets.US_ASCII));
        if (pem.find()) {
            PKCS8EncodedKeySpec key =
                    new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1)));
            for (String type : KEY_TYPES) {
                try {
                    return KeyFactory.getInstance(type).generatePrivate(key);
                } catch (InvalidKeySpecException e) {
                    continue;
                }
            }
        }
        throw new HttpServer.StartException(
                "The file " + keyFile
                        + " holds no private key in PKCS #8 PEM. Convert it with: openssl pkcs8 -topk8 -nocrypt",
                null);
    }

    /** A value that changes when one of the files does. */
    String fingerprint() {
        try {
            return Files.getLastModifiedTime(certificateFile).toMillis() + " " + Files.size(certificateFile) + " "
                    + Files.getLastModifiedTime(keyFile).toMillis() + " " + Files.size(keyFile);
        } catch (IOException e) {
            return "unreadable";
        }
    }
}
