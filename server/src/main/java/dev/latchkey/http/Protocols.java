package dev.latchkey.http;

import java.util.Map;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.api.server.ServerSessionListener;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.frames.SettingsFrame;
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

/** The protocols of a connection, and how strict they are: HTTP/1.1 and HTTP/2, with TLS or without. */
final class Protocols {
    /** A gateway passes its callers' fields on, cookies included; this is what gateways themselves accept. */
    private static final int MAX_HEADER_BYTES = 32 * 1024;

    /**
     * This much is still read in HTTP/2, to answer that it is too much: unread fields would leave the two sides with
     * different field tables, and every request on the connection would end (RFC 7541 section 4.1).
     */
    private static final int MOST_READ_HEADER_BYTES = 128 * 1024;

    /** What each field counts in addition to its name and value (RFC 9113 section 6.5.2). */
    private static final int FIELD_OVERHEAD = 32;

    /** Replaces all fields when they are too large. No caller can send a name with spaces. */
    private static final HttpField TOO_LARGE = new HttpField("too large", "");

    private static final HttpFields FIELDS_TOO_LARGE = HttpFields.from(TOO_LARGE);

    private static final int MAX_RESPONSE_HEADER_BYTES = 16 * 1024;

    private static final int MOST_CALLS = 1_000;

    private static final UriCompliance PATHS_AS_SENT = UriCompliance.RFC3986.with(
            "PATHS_AS_SENT",
            UriCompliance.Violation.ILLEGAL_PATH_CHARACTERS,
            UriCompliance.Violation.SUSPICIOUS_PATH_CHARACTERS);

    private Protocols() {}

    /** Whether this field replaces those of an HTTP/2 request, because they were too large. */
    static boolean standsForTooMany(HttpField field) {
        return field.getHeader() == null && field.getName().equals(TOO_LARGE.getName());
    }

    private static boolean isTooLarge(MetaData.Request request) {
        long bytes = (long) request.getMethod().length()
                + request.getHttpURI().toString().length();
        for (HttpField field : request.getHttpFields()) {
            @Nullable String value = field.getValue();
            bytes += field.getName().length() + (value == null ? 0 : value.length()) + FIELD_OVERHEAD;
        }
        return bytes > MAX_HEADER_BYTES;
    }

    private static HeadersFrame withinBounds(HeadersFrame frame) {
        if (!(frame.getMetaData() instanceof MetaData.Request request) || !isTooLarge(request)) {
            return frame;
        }
        // Nothing of the request is kept while it waits for its answer.
        MetaData.Request remains = new MetaData.Request(
                request.getBeginNanoTime(),
                request.getMethod().length() > FIELD_OVERHEAD ? "GET" : request.getMethod(),
                HttpURI.build()
                        .scheme(request.getHttpURI().getScheme())
                        .host("localhost")
                        .pathQuery("/"),
                request.getHttpVersion(),
                FIELDS_TOO_LARGE,
                request.getContentLength(),
                null);
        return new HeadersFrame(frame.getStreamId(), remains, frame.getPriority(), frame.isEndStream());
    }

    private static HttpConfiguration http() {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendDateHeader(true);
        http.setRequestHeaderSize(MAX_HEADER_BYTES);
        http.setResponseHeaderSize(MAX_RESPONSE_HEADER_BYTES);
        // Line ends that two programs may read differently are refused; everything else is as in RFC 9110.
        http.setHttpCompliance(HttpCompliance.STRICT);
        // Characters that must be encoded in a path get through to us: the wall refuses them, and a registered API may
        // allow some in its own paths.
        http.setUriCompliance(PATHS_AS_SENT);
        // Jetty would remember fields of earlier requests on the connection and compare without regard to case: an
        // access token with swapped letters would be read as the right one that came before it, or the other way round.
        http.setHeaderCacheSize(0);
        // The same for the few values that it knows from the start, none of which is a credential.
        http.setHeaderCacheCaseSensitive(true);
        return http;
    }

    /** @param ssl null for plain HTTP */
    static ConnectionFactory[] spokenWith(Callers callers, SslContextFactory.@Nullable Server ssl) {
        return callers == Callers.GRPC ? callsOver(ssl) : requestsOver(ssl);
    }

    private static ConnectionFactory[] requestsOver(SslContextFactory.@Nullable Server ssl) {
        HttpConfiguration http = http();
        if (ssl == null) {
            return new ConnectionFactory[] {
                new HttpConnectionFactory(http), bounded(new PriorKnowledge(readingMore(http)))
            };
        }
        http.addCustomizer(new SecureRequestCustomizer(false));
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
        alpn.setDefaultProtocol("http/1.1");
        return new ConnectionFactory[] {
            new SslConnectionFactory(ssl, alpn.getProtocol()),
            alpn,
            bounded(new Multiplexed(readingMore(http))),
            new HttpConnectionFactory(http)
        };
    }

    private static ConnectionFactory[] callsOver(SslContextFactory.@Nullable Server ssl) {
        HttpConfiguration http = http();
        // Answers are never cached, so their age does not matter.
        http.setSendDateHeader(false);
        if (ssl == null) {
            return new ConnectionFactory[] {withManyCalls(new PriorKnowledge(readingMore(http)))};
        }
        http.addCustomizer(new SecureRequestCustomizer(false));
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
        return new ConnectionFactory[] {
            new SslConnectionFactory(ssl, alpn.getProtocol()), alpn, withManyCalls(new Multiplexed(readingMore(http)))
        };
    }

    /** A gateway makes the calls for all its callers on one connection. */
    private static HTTP2ServerConnectionFactory withManyCalls(HTTP2ServerConnectionFactory http2) {
        http2.setMaxConcurrentStreams(MOST_CALLS);
        http2.setRateControlFactory(FrameAllowance.OF_CALLS);
        return bounded(http2);
    }

    private static HttpConfiguration readingMore(HttpConfiguration http) {
        HttpConfiguration http2 = new HttpConfiguration(http);
        http2.setRequestHeaderSize(MOST_READ_HEADER_BYTES);
        return http2;
    }

    /** Limits what one caller may send before any of it is read. */
    private static HTTP2ServerConnectionFactory bounded(HTTP2ServerConnectionFactory http2) {
        http2.setInitialStreamRecvWindow(Routes.DEFAULT_MAX_BODY_BYTES);
        http2.setInitialSessionRecvWindow(4 * Routes.DEFAULT_MAX_BODY_BYTES);
        return http2;
    }

    /** HTTP/2 over TLS. */
    private static final class Multiplexed extends HTTP2ServerConnectionFactory {
        Multiplexed(HttpConfiguration http) {
            super(http);
        }

        @Override
        protected Map<Integer, Integer> newSettings() {
            return withoutHeaderSize(super.newSettings());
        }

        @Override
        protected ServerSessionListener newSessionListener(Connector connector, EndPoint endPoint) {
            return new HTTPServerSessionListener(endPoint) {
                @Override
                public Stream.Listener onNewStream(Stream stream, HeadersFrame frame) {
                    return super.onNewStream(stream, withinBounds(frame));
                }
            };
        }
    }

    /**
     * Not announced, because Jetty would read no more than that. Few callers heed it (RFC 9113 section 6.5.2), and 431
     * tells them as well.
     */
    private static Map<Integer, Integer> withoutHeaderSize(Map<Integer, Integer> settings) {
        settings.remove(SettingsFrame.MAX_HEADER_LIST_SIZE);
        return settings;
    }

    /**
     * HTTP/2 without TLS, for callers who begin with it (RFC 9113 section 3.3). The upgrade from HTTP/1.1 is obsolete,
     * and would let a caller tunnel requests of its own making, forwarded addresses included, through a proxy that
     * passes it on.
     */
    private static final class PriorKnowledge extends HTTP2CServerConnectionFactory {
        PriorKnowledge(HttpConfiguration http) {
            super(http);
        }

        @Override
        protected Map<Integer, Integer> newSettings() {
            return withoutHeaderSize(super.newSettings());
        }

        @Override
        protected ServerSessionListener newSessionListener(Connector connector, EndPoint endPoint) {
            return new HTTPServerSessionListener(endPoint) {
                @Override
                public Stream.Listener onNewStream(Stream stream, HeadersFrame frame) {
                    return super.onNewStream(stream, withinBounds(frame));
                }
            };
        }

        @Override
        public @Nullable Connection upgradeConnection(
                Connector connector, EndPoint endPoint, MetaData.Request request, HttpFields.Mutable response) {
            boolean begunWithIt = request.getHttpVersion() == HttpVersion.HTTP_2;
            return begunWithIt ? super.upgradeConnection(connector, endPoint, request, response) : null;
        }
    }

    /** @param asksForCertificates whether callers are asked for one as well */
    static SslContextFactory.Server tls(TlsCertificate certificate, boolean asksForCertificates) {
        SslContextFactory.Server ssl =
                asksForCertificates ? new AnyClientCertificate() : new SslContextFactory.Server();
        ssl.setKeyStore(certificate.load());
        ssl.setKeyStorePassword(TlsCertificate.STORE_PASSWORD);
        ssl.setIncludeProtocols("TLSv1.3", "TLSv1.2");
        // Forward secrecy and authenticated encryption only; HTTP/2 requires no less (RFC 9113 section 9.2.2).
        ssl.setIncludeCipherSuites("TLS_AES_.*", "TLS_CHACHA20_.*", "TLS_ECDHE_.*_GCM_.*", "TLS_ECDHE_.*_CHACHA20_.*");
        ssl.setRenegotiationAllowed(false);
        ssl.setSniRequired(false);
        return ssl;
    }
}
