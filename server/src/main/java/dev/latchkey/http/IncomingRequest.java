package dev.latchkey.http;

import dev.latchkey.path.DoubtfulPathException;
import dev.latchkey.path.RequestPath;
import dev.latchkey.problem.Problem;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.io.EndPoint;
import org.jspecify.annotations.Nullable;

/** One of the server's requests and who sent it, of which {@link Request}s are made once its route is known. */
final class IncomingRequest {
    private static final byte[] NO_BODY = new byte[0];

    private final org.eclipse.jetty.server.Request incoming;
    private final Headers headers;
    private final BasePath base;
    private final TrustedProxies.Caller caller;
    private final boolean mayHaveCertificates;

    /**
     * @param mayHaveCertificates whether the port asks callers for certificates
     * @throws Problem 400 when its fields could be read in more than one way, 431 when they are too large
     */
    IncomingRequest(
            org.eclipse.jetty.server.Request incoming,
            Headers headers,
            BasePath base,
            TrustedProxies.Caller caller,
            boolean mayHaveCertificates) {
        this.incoming = incoming;
        this.headers = headers;
        this.base = base;
        this.caller = caller;
        this.mayHaveCertificates = mayHaveCertificates;
        requirePlainFields();
    }

    String method() {
        return incoming.getMethod();
    }

    /** The path as the routes spell it, still encoded. */
    String rawPath() {
        HttpURI target = incoming.getHttpURI();
        @Nullable String path = target.getPath();
        if (path == null || target.getFragment() != null || target.getUser() != null) {
            throw Problem.badRequest("The request target holds more than a path and a query.");
        }
        return inward(path);
    }

    /**
     * A path as the routes compare it.
     *
     * @throws Problem 400 when it could be read in more than one way
     */
    static String decoded(String rawPath) {
        try {
            return RequestPath.decode(rawPath);
        } catch (DoubtfulPathException e) {
            throw Problem.badRequest("The path is ambiguous: " + e.getMessage() + ". Send it in its plain form.");
        }
    }

    /** The request at a route, without its body. */
    Request at(String path, Map<String, String> pathParameters) {
        @Nullable String query = incoming.getHttpURI().getQuery();
        return request(path, pathParameters, query == null ? Parameters.NONE : Parameters.parse(query), NO_BODY);
    }

    /** The request for a handler that judges the path itself. */
    Request asSent(String rawPath, byte[] body) {
        return request(rawPath, Map.of(), Parameters.NONE, body);
    }

    private Request request(String path, Map<String, String> pathParameters, Parameters query, byte[] body) {
        String target = inward(incoming.getHttpURI().getPathQuery());
        return new Request(
                incoming.getMethod(),
                new Request.Resource(path, target, pathParameters, query),
                headers,
                body,
                new Request.Sender(caller.address(), caller.secure(), certificates()),
                base);
    }

    private List<X509Certificate> certificates() {
        if (caller.certificates() != null) {
            return caller.certificates();
        }
        X509Certificate @Nullable [] presented = mayHaveCertificates
                        && incoming.getAttribute(EndPoint.SslSessionData.ATTRIBUTE)
                                instanceof EndPoint.SslSessionData session
                ? session.peerCertificates()
                : null;
        return presented == null ? List.of() : List.of(presented);
    }

    /**
     * The path or target as the routes spell it. A proxy that strips our base path should say so: a path that still begins
     * with it was then sent with the base path twice, which would be a second spelling. A caller who claims this falsely
     * reaches less, not more.
     */
    private String inward(String sent) {
        boolean stripped = !base.isRoot()
                && headers.first("X-Forwarded-Prefix")
                        .filter(base.path()::equals)
                        .isPresent();
        return stripped ? sent : base.inward(sent);
    }

    /**
     * Refuses too many fields, and repeated ones that may occur only once: two programs along the way could each trust a
     * different one (RFC 9110 section 5.3).
     */
    private void requirePlainFields() {
        boolean authorization = false;
        boolean contentType = false;
        for (HttpField field : incoming.getHeaders()) {
            if (field.getHeader() == HttpHeader.AUTHORIZATION) {
                if (authorization) {
                    throw Problem.badRequest("Send the Authorization field once.");
                }
                authorization = true;
            } else if (field.getHeader() == HttpHeader.CONTENT_TYPE) {
                if (contentType) {
                    throw Problem.badRequest("Send the Content-Type field once.");
                }
                contentType = true;
            } else if (Protocols.standsForTooMany(field)) {
                throw ServerErrors.headersTooLarge();
            }
        }
    }
}
