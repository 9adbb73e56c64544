package dev.latchkey.http;

import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;

/** What is spoken on a connection, and how strictly: HTTP/1.1 and HTTP/2, with TLS or without. */
final class Protocols {
    /** A gateway passes its callers' fields on, cookies included; this is what gateways themselves accept. */
    private static final int MAX_HEADER_BYTES = 32 * 1024;

    private static final int MAX_RESPONSE_HEADER_BYTES = 16 * 1024;

    private Protocols() {}

    private static HttpConfiguration http() {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendDateHeader(true);
        http.setRequestHeaderSize(MAX_HEADER_BYTES);
        http.setResponseHeaderSize(MAX_RESPONSE_HEADER_BYTES);
        // Line ends that two programs may read differently are refused; everything else is as in RFC 9110.
        http.setHttpCompliance(HttpCompliance.STRICT);
        http.setUriCompliance(UriCompliance.RFC3986);
        // Jetty would remember fields of earlier requests on the connection and compare without regard to case: an
        // access
        // token with swapped letters would be read as the right one that came before it, or the other way round.
        http.setHeaderCacheSize(0);
        // The same for the few values that it knows from the start, none of which is a credential.
        http.setHeaderCacheCaseSensitive(true);
        return http;
    }

    /** @param ssl null for plain HTTP */
    static ConnectionFactory[] spokenOver(SslContextFactory.@Nullable Server ssl) {
        HttpConfiguration http = http();
        if (ssl == null) {
            return new ConnectionFactory[] {new HttpConnectionFactory(http), bounded(new PriorKnowledge(http))};
        }
        http.addCustomizer(new SecureRequestCustomizer(false));
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
        alpn.setDefaultProtocol("http/1.1");
        return new ConnectionFactory[] {
            new SslConnectionFactory(ssl, alpn.getProtocol()),
            alpn,
            bounded(new HTTP2ServerConnectionFactory(http)),
            new HttpConnectionFactory(http)
        };
    }

    /** What one caller may send before anything of it is read. */
    private static HTTP2ServerConnectionFactory bounded(HTTP2ServerConnectionFactory http2) {
        http2.setInitialStreamRecvWindow(Routes.DEFAULT_MAX_BODY_BYTES);
        http2.setInitialSessionRecvWindow(4 * Routes.DEFAULT_MAX_BODY_BYTES);
        return http2;
    }

    /**
     * HTTP/2 without TLS for those who begin with it (RFC 9113 section 3.3). The upgrade from HTTP/1.1 is obsolete, and
     * lets a caller tunnel requests of its own making, forwarded addresses included, through a proxy that passes it on.
     */
    private static final class PriorKnowledge extends HTTP2CServerConnectionFactory {
        PriorKnowledge(HttpConfiguration http) {
            super(http);
        }

        @Override
        public @Nullable Connection upgradeConnection(
                Connector connector, EndPoint endPoint, MetaData.Request request, HttpFields.Mutable response) {
            boolean begunWithIt = request.getHttpVersion() == HttpVersion.HTTP_2;
            return begunWithIt ? super.upgradeConnection(connector, endPoint, request, response) : null;
        }
    }

    /** @param asksForCertificates whether callers are asked for one, too */
    static SslContextFactory.Server tls(TlsCertificate certificate, boolean asksForCertificates) {
        SslContextFactory.Server ssl =
                asksForCertificates ? new AnyClientCertificate() : new SslContextFactory.Server();
        ssl.setKeyStore(certificate.load());
        ssl.setKeyStorePassword(TlsCertificate.STORE_PASSWORD);
        ssl.setIncludeProtocols("TLSv1.3", "TLSv1.2");
        // Forward secrecy and authenticated encryption only; HTTP/2 wants no less (RFC 9113 section 9.2.2).
        ssl.setIncludeCipherSuites("TLS_AES_.*", "TLS_CHACHA20_.*", "TLS_ECDHE_.*_GCM_.*", "TLS_ECDHE_.*_CHACHA20_.*");
        ssl.setRenegotiationAllowed(false);
        ssl.setSniRequired(false);
        return ssl;
    }
}
