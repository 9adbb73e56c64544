package dev.latchkey.oauth;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Issues certificates, right ones and wrong ones. */
final class TestAuthority {
    private final Holder own;

    private TestAuthority(Holder own) {
        this.own = own;
    }

    static TestAuthority make(String subject) {
        return new TestAuthority(certificate(subject, null, true, null, Duration.ofDays(1)));
    }

    /** Somebody who issues with a certificate that is for no such thing. */
    static TestAuthority with(Holder holder) {
        return new TestAuthority(holder);
    }

    X509Certificate certificate() {
        return own.certificate();
    }

    Holder issue(String subject, GeneralName... names) {
        return certificate(subject, own, false, null, Duration.ofDays(1), names);
    }

    Holder issueFor(KeyPurposeId use, String subject, GeneralName... names) {
        return certificate(subject, own, false, use, Duration.ofDays(1), names);
    }

    /** One that has expired already. */
    Holder issueExpired(String subject) {
        return certificate(subject, own, false, null, Duration.ofMinutes(-5));
    }

    static Holder selfSigned(String subject, Duration life) {
        return certificate(subject, null, false, null, life);
    }

    /** As RFC 4514 reads it: the last part of the text stands first in the certificate. */
    private static X500Name name(String subject) {
        return X500Name.getInstance(new X500Principal(subject).getEncoded());
    }

    private static Holder certificate(
            String subject, Holder issuer, boolean authority, KeyPurposeId use, Duration life, GeneralName... names) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            KeyPair keys = generator.generateKeyPair();
            Instant now = Instant.now();
            var builder = new JcaX509v3CertificateBuilder(
                    issuer == null
                            ? name(subject)
                            : X500Name.getInstance(issuer.certificate()
                                    .getSubjectX500Principal()
                                    .getEncoded()),
                    BigInteger.valueOf(System.nanoTime()),
                    Date.from(now.minus(Duration.ofHours(1))),
                    Date.from(now.plus(life)),
                    name(subject),
                    keys.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            if (use != null) {
                builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(use));
            }
            if (names.length > 0) {
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
            }
            PrivateKey signer = issuer == null ? keys.getPrivate() : issuer.key();
            return new Holder(
                    keys.getPrivate(),
                    new JcaX509CertificateConverter()
                            .getCertificate(
                                    builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer))));
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A certificate and its private key, or somebody else's. */
    record Holder(PrivateKey key, X509Certificate certificate) {
        String pem() {
            return pem("CERTIFICATE", der());
        }

        byte[] der() {
            try {
                return certificate.getEncoded();
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        /** As RFC 9440 section 2.1 writes it into a field. */
        String field() {
            return ":" + Base64.getEncoder().encodeToString(der()) + ":";
        }

        Path writeCertificate(Path file) {
            return write(file, pem());
        }

        Path writeKey(Path file) {
            return write(file, pem("PRIVATE KEY", key.getEncoded()));
        }

        private static Path write(Path file, String pem) {
            try {
                return Files.writeString(file, pem);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        private static String pem(String label, byte[] content) {
            return "-----BEGIN " + label + "-----\n"
                    + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                            .encodeToString(content)
                    + "\n-----END " + label + "-----\n";
        }

        /** Shows this certificate, and trusts the other. */
        SSLContext trusting(X509Certificate server) {
            return context(this, server);
        }
    }

    /** Shows nothing. */
    SSLContext trusted() {
        return context(null, own.certificate());
    }

    private static SSLContext context(Holder shown, X509Certificate trusted) {
        try {
            KeyStore trust = KeyStore.getInstance("PKCS12");
            trust.load(null, null);
            trust.setCertificateEntry("server", trusted);
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trust);
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            KeyStore own = KeyStore.getInstance("PKCS12");
            own.load(null, null);
            if (shown != null) {
                own.setKeyEntry("own", shown.key(), new char[0], new Certificate[] {shown.certificate()});
            }
            keys.init(own, new char[0]);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), managers.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
