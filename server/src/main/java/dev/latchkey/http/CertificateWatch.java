package dev.latchkey.http;

import java.security.KeyStore;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reloads a TLS certificate when its files have changed. Not thread-safe. */
final class CertificateWatch implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(CertificateWatch.class);

    private final TlsCertificate certificate;
    private final SslContextFactory.Server ssl;
    private String known;

    /** @param known the fingerprint of the certificate in use */
    CertificateWatch(TlsCertificate certificate, String known, SslContextFactory.Server ssl) {
        this.certificate = certificate;
        this.known = known;
        this.ssl = ssl;
    }

    /** A renewed certificate is used from the next connection; an unusable one leaves the old one in place. */
    @Override
    public void run() {
        String now = certificate.fingerprint();
        if (now.equals(known)) {
            return;
        }
        known = now;
        try {
            KeyStore store = certificate.load();
            ssl.reload(factory -> factory.setKeyStore(store));
            log.info("The TLS certificate {} was reloaded", certificate.certificateFile());
        } catch (Exception e) {
            log.warn("The changed TLS certificate is unusable, so the previous one stays in use: {}", e.getMessage());
        }
    }
}
