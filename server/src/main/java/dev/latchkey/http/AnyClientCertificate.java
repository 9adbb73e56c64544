package dev.latchkey.http;

import java.net.Socket;
import java.security.KeyStore;
import java.security.cert.CRL;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a certificate and accepts any: TLS proves that the caller holds its private key. Whether the certificate is
 * trusted is not for the handshake to decide, because self-signed ones may be (RFC 8705 section 2.2.1).
 */
final class AnyClientCertificate extends SslContextFactory.Server {
    AnyClientCertificate() {
        setWantClientAuth(true);
    }

    @Override
    protected TrustManager[] getTrustManagers(
            @Nullable KeyStore trustStore, @Nullable Collection<? extends CRL> revoked) {
        return new TrustManager[] {
            new X509ExtendedTrustManager() {
                @Override
                public void checkClientTrusted(X509Certificate[] chain, String type) {}

                @Override
                public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

                @Override
                public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

                @Override
                public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
                    throw new CertificateException("this checks client certificates only");
                }

                @Override
                public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                        throws CertificateException {
                    checkServerTrusted(chain, type);
                }

                @Override
                public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                        throws CertificateException {
                    checkServerTrusted(chain, type);
                }

                @Override
                public X509Certificate[] getAcceptedIssuers() {
                    return new X509Certificate[0];
                }
            }
        };
    }
}
