package dev.latchkey.oauth;

import dev.latchkey.http.TestCertificate;
import java.io.IOException;
import java.math.BigInteger;
import java.net.http.HttpClient;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import javax.net.ssl.KeyManager;
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
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A program with a TLS certificate: its own, an authority's, or an authority itself. */
record ClientIdentity(KeyPair keys, X509Certificate certificate) {
    static ClientIdentity selfSigned(String name) {
        return make(name, null, false, Duration.ofDays(1));
    }

    static ClientIdentity authority(String name) {
        return make(name, null, true, Duration.ofDays(1));
    }

    /** One that this authority issues, also for {@code <name>.example} and 192.0.2.7. */
    ClientIdentity issue(String name) {
        return make(name, this, false, Duration.ofDays(1));
    }

    static ClientIdentity expired(String name) {
        return make(name, null, false, Duration.ofMinutes(-1));
    }

    /**
     * One that this authority issues, of this very kind.
     *
     * @param subject as RFC 4514 writes it
     * @param use what it is for; null for whatever
     */
    ClientIdentity issue(String subject, KeyPurposeId use, Duration lasts, GeneralName... names) {
        return make(
                X500Name.getInstance(new X500Principal(subject).getEncoded()), this, false, lasts, use, List.of(names));
    }

    private static ClientIdentity make(String name, ClientIdentity issuer, boolean authority, Duration lasts) {
        return make(
                new X500Name("O=Example,CN=" + name),
                issuer,
                authority,
                lasts,
                null,
                List.of(
                        new GeneralName(GeneralName.dNSName, name + ".example"),
                        new GeneralName(GeneralName.iPAddress, "192.0.2.7"),
                        new GeneralName(GeneralName.uniformResourceIdentifier, "spiffe://example/" + name)));
    }

    private static ClientIdentity make(
            X500Name subject,
            ClientIdentity issuer,
            boolean authority,
            Duration lasts,
            KeyPurposeId use,
            List<GeneralName> names) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            KeyPair keys = generator.generateKeyPair();
            Instant now = Instant.now();
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    issuer == null
                            ? subject
                            : X500Name.getInstance(
                                    issuer.certificate.getSubjectX500Principal().getEncoded()),
                    BigInteger.valueOf(System.nanoTime()),
                    Date.from(now.minus(Duration.ofHours(1))),
                    Date.from(now.plus(lasts)),
                    subject,
                    keys.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            if (use != null) {
                builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(use));
            }
            if (!authority && !names.isEmpty()) {
                builder.addExtension(
                        Extension.subjectAlternativeName, false, new GeneralNames(names.toArray(GeneralName[]::new)));
            }
            return new ClientIdentity(
                    keys,
                    new JcaX509CertificateConverter()
                            .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA")
                                    .build((issuer == null ? keys : issuer.keys).getPrivate()))));
        } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
            throw new IllegalStateException(e);
        }
    }

    String pem() {
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der()) + "\n-----END CERTIFICATE-----\n";
    }

    /** As RFC 9440 section 2.1 writes it into a field. */
    String field() {
        return ":" + Base64.getEncoder().encodeToString(der()) + ":";
    }

    byte[] der() {
        try {
            return certificate.getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A client that presents this certificate to a server with that one. */
    HttpClient client(TestCertificate server) {
        try {
            KeyStore own = KeyStore.getInstance("PKCS12");
            own.load(null, null);
            own.setKeyEntry("own", keys.getPrivate(), new char[0], new X509Certificate[] {certificate});
            KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(own, new char[0]);
            return client(server, managers.getKeyManagers());
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static HttpClient client(TestCertificate server, KeyManager[] own) {
        try {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("server", server.certificate());
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(own, trust.getTrustManagers(), null);
            return HttpClient.newBuilder().sslContext(context).build();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
