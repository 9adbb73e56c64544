package dev.latchkey.http;

import dev.latchkey.http.Routes.Destination;
import dev.latchkey.http.Routes.Refusals;
import dev.latchkey.lane.Few;
import dev.latchkey.lane.Lane;
import dev.latchkey.path.DoubtfulPathException;
import dev.latchkey.path.RequestPath;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Text;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns the server's requests into ours and our responses into the server's; the one place that renders failures. */
final class Wall extends org.eclipse.jetty.server.Handler.Abstract {
    private static final Logger log = LoggerFactory.getLogger(Wall.class);

    /** What every response carries unless its handler says otherwise. */
    static final List<HttpField> DEFAULTS = List.of(
            new HttpField("X-Content-Type-Options", "nosniff"),
            new HttpField("Referrer-Policy", "no-referrer"),
            new HttpField("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
            new HttpField("Cross-Origin-Resource-Policy", "same-origin"),
            new HttpField("Cache-Control", "no-store"));

    static final HttpField STRICT_TRANSPORT = new HttpField("Strict-Transport-Security", "max-age=31536000");

    // A quick refusal keeps the accepted requests fast; waiting in line would slow all of them.
    private static final Response BUSY = Response.of(Problem.busy());

    private static final Few FAILURES = new Few(60);

    private static final String STATUS_OF_CALL = "grpc-status";

    private static final int MOST_LARGE_BODY_BYTES = 128 * 1024 * 1024;

    private static final byte[] NO_BODY = new byte[0];

    private final Routes routes;
    private final BasePath base;
    private final TrustedProxies proxies;
    private final boolean asksForCertificates;
    private final BodyReader bodies;
    private final Semaphore places;
    private final Semaphore largeBodies = new Semaphore(MOST_LARGE_BODY_BYTES);
    private final Backlog backlog;
    private volatile boolean closing;

    Wall(Routes routes, HttpConfig config, HttpServer.Times times, Backlog backlog) {
        this.routes = routes;
        this.base = config.base();
        this.proxies =
                new TrustedProxies(config.trustedProxies(), config.clientCertificateField(), config.publicHttps());
        this.asksForCertificates = config.asksForCertificates();
        this.bodies = new BodyReader(times.body());
        this.places = new Semaphore(config.maxConcurrentRequests());
        this.backlog = backlog;
    }

    /** From now on every answer says that it is the last one on its connection. */
    void lastAnswers() {
        closing = true;
    }

    @Override
    public boolean handle(
            org.eclipse.jetty.server.Request incoming, org.eclipse.jetty.server.Response outgoing, Callback callback) {
        Headers headers = new Headers(incoming.getHeaders());
        boolean secure = isSecure(incoming);
        Course course = new Course(Text.shortened(incoming.getMethod(), 20), headers, base, routes.refusals());
        Response response;
        try {
            TrustedProxies.Caller caller = caller(incoming, headers);
            secure = caller.secure();
            course.from = caller.address();
            response = answer(incoming, headers, caller, course);
        } catch (Problem problem) {
            @Nullable Throwable cause = problem.getCause();
            if (cause != null) {
                String why = root(cause).toString();
                FAILURES.next()
                        .ifPresent(before -> log.warn(
                                "{} {} answered {}: {} ({}){}",
                                course,
                                problem.code(),
                                problem.status(),
                                problem.detail(),
                                why,
                                before == 0 ? "" : "; " + before + " more before it"));
            }
            response = refusal(problem, headers, base, course.request, course.refusals);
        } catch (RuntimeException | Error e) {
            response =
                    refusal(Problem.unexpected(course.toString(), e), headers, base, course.request, course.refusals);
        }
        response = response.below(base);
        if (closing) {
            response = response.with("Connection", "close");
        }
        Callback done =
                mayBeRefusedUnread(incoming, response) ? BodyReader.droppingTheRest(incoming, callback) : callback;
        send(response, secure, incoming, outgoing, backlog.isTurnOver() ? goingToTheEndOfTheLine(done) : done);
        return true;
    }

    /**
     * Renders a problem for the kind of caller who sent the request.
     *
     * @param refusals null when every caller gets a problem document
     */
    static Response refusal(
            Problem problem, Headers headers, BasePath base, @Nullable Request request, @Nullable Refusals refusals) {
        if (refusals == null || !refusals.suit(headers)) {
            return Response.of(problem);
        }
        try {
            return refusals.of(headers, base, request, problem).withFieldsOf(problem);
        } catch (RuntimeException e) {
            log.error("A refusal could not be rendered for its caller", e);
            return Response.of(problem);
        }
    }

    /**
     * What is known of a request when it fails: for the log, its path as the route spells it, and its sender; for
     * people, the page to show.
     */
    private static final class Course {
        private final String method;
        private final Headers headers;
        private final BasePath base;
        private String place = "an unreadable path";
        private String from = "an unknown caller";
        private @Nullable Request request;
        private @Nullable Refusals refusals;

        Course(String method, Headers headers, BasePath base, @Nullable Refusals refusals) {
            this.method = method;
            this.headers = headers;
            this.base = base;
            this.refusals = refusals;
        }

        Response busy() {
            return refusals == null ? BUSY : refusal(Problem.busy(), headers, base, request, refusals);
        }

        @Override
        public String toString() {
            return method + " " + place + " from " + from;
        }
    }

    /** The innermost cause; what is wrapped around it says what failed, not why. */
    private static Throwable root(Throwable cause) {
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    /**
     * Ending a request on another thread ends the turn of its connection: the next request is selected, and begins,
     * behind those that are waiting.
     */
    private static Callback goingToTheEndOfTheLine(Callback then) {
        return Callback.from(() -> Thread.startVirtualThread(then::succeeded), then::failed);
    }

    /**
     * A request that is refused for its header fields is refused before its body is read, which may still be arriving.
     */
    private static boolean mayBeRefusedUnread(org.eclipse.jetty.server.Request incoming, Response response) {
        return response.status() == 413
                // A failed gRPC call is a success in HTTP.
                || response.field(STATUS_OF_CALL).isPresent()
                || (response.status() / 100 == 4
                        && (incoming.getLength() > 0 || incoming.getHeaders().contains(HttpHeader.TRANSFER_ENCODING)));
    }

    private TrustedProxies.Caller caller(org.eclipse.jetty.server.Request incoming, Headers headers) {
        InetSocketAddress peer =
                (InetSocketAddress) incoming.getConnectionMetaData().getRemoteSocketAddress();
        return proxies.caller(AddressRange.withoutZone(peer.getAddress()), isSecure(incoming), headers);
    }

    /** Whether the connection uses TLS. What the request says about it comes from the scheme that its caller wrote. */
    static boolean isSecure(org.eclipse.jetty.server.Request incoming) {
        return incoming.getConnectionMetaData().isSecure();
    }

    private List<X509Certificate> certificates(
            org.eclipse.jetty.server.Request incoming, TrustedProxies.Caller caller) {
        if (caller.certificates() != null) {
            return caller.certificates();
        }
        X509Certificate @Nullable [] shown = asksForCertificates
                        && incoming.getAttribute(EndPoint.SslSessionData.ATTRIBUTE)
                                instanceof EndPoint.SslSessionData session
                ? session.peerCertificates()
                : null;
        return shown == null ? List.of() : List.of(shown);
    }

    private Response answer(
            org.eclipse.jetty.server.Request incoming, Headers headers, TrustedProxies.Caller caller, Course course) {
        HttpURI target = incoming.getHttpURI();
        String method = incoming.getMethod();
        requirePlain(incoming.getHeaders());
        String rawPath = inward(rawPath(target), headers);
        boolean tooLate = backlog.isTooLong();
        Optional<Routes.Prefix> under = routes.under(rawPath);
        if (under.isPresent()) {
            course.place = under.get().path() + "...";
            course.refusals = null;
            if (tooLate) {
                return BUSY;
            }
            byte[] body = bodies.read(incoming, under.get().maxBodyBytes());
            return atWork(
                    course,
                    under.get().handler(),
                    new Request(
                            method,
                            rawPath,
                            inward(target.getPathQuery(), headers),
                            Map.of(),
                            Parameters.NONE,
                            headers,
                            body,
                            caller.address(),
                            caller.secure(),
                            certificates(incoming, caller),
                            base));
        }
        String path = decoded(rawPath);
        Destination destination = routes.find(method, path);
        if (destination instanceof Destination.Found found) {
            course.place = found.route().template();
            course.refusals = found.route().refusals();
        }
        return switch (destination) {
            case Destination.Found(Routes.Route route, var parameters)
            when route.always() -> route.handler().handle(request(method, path, parameters, headers, incoming, caller));
            case Destination.Found found when tooLate -> course.busy();
            case Destination.Found(Routes.Route route, var parameters) -> {
                Request withoutBody = request(method, path, parameters, headers, incoming, caller);
                course.request = withoutBody;
                Optional<Response> refusal = route.admission().refusal(withoutBody);
                if (refusal.isPresent()) {
                    yield refusal.get().with("Connection", "close");
                }
                // The body is read before the request takes a place, or slow senders would take them all.
                byte[] body = bodies.read(incoming, route.maxBodyBytes());
                Request whole = body.length == 0 ? withoutBody : withoutBody.withBody(body);
                course.request = whole;
                yield route.lane() == null
                        ? atWork(course, route.handler(), whole)
                        : inLane(course, route.lane(), route.handler(), whole);
            }
            case Destination.OtherMethods other -> {
                course.refusals = other.refusals();
                yield otherMethods(method, String.join(", ", other.methods()));
            }
        };
    }

    private Request request(
            String method,
            String path,
            Map<String, String> pathParameters,
            Headers headers,
            org.eclipse.jetty.server.Request incoming,
            TrustedProxies.Caller caller) {
        HttpURI target = incoming.getHttpURI();
        return new Request(
                method,
                path,
                inward(target.getPathQuery(), headers),
                pathParameters,
                query(target.getQuery()),
                headers,
                NO_BODY,
                caller.address(),
                caller.secure(),
                certificates(incoming, caller),
                base);
    }

    /**
     * The path or target as the routes spell it. A proxy that strips our base path should say so: a path that still
     * begins with it was then sent with the base path twice, which would be a second spelling. A caller who claims this
     * falsely reaches less, not more.
     */
    private String inward(String sent, Headers headers) {
        boolean taken = !base.isRoot()
                && headers.first("X-Forwarded-Prefix")
                        .filter(base.path()::equals)
                        .isPresent();
        return taken ? sent : base.inward(sent);
    }

    private static String rawPath(HttpURI target) {
        @Nullable String path = target.getPath();
        if (path == null || target.getFragment() != null || target.getUser() != null) {
            throw Problem.badRequest("The request target holds more than a path and a query.");
        }
        return path;
    }

    private static String decoded(String rawPath) {
        try {
            return RequestPath.decode(rawPath);
        } catch (DoubtfulPathException e) {
            throw Problem.badRequest("The path is ambiguous: " + e.getMessage() + ". Send it in its plain form.");
        }
    }

    /**
     * Refuses too many fields, and repeated ones that may occur only once: two programs along the way could each trust
     * a different one (RFC 9110 section 5.3).
     */
    private static void requirePlain(HttpFields fields) {
        boolean authorization = false;
        boolean contentType = false;
        for (HttpField field : fields) {
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

    private Response atWork(Course course, Handler handler, Request request) {
        if (!places.tryAcquire()) {
            return course.busy();
        }
        try {
            return handler.handle(request);
        } finally {
            places.release();
        }
    }

    /** Requests that wait in a lane keep their large bodies in memory. */
    private Response inLane(Course course, Lane lane, Handler handler, Request request) {
        int large = request.body().length > Routes.DEFAULT_MAX_BODY_BYTES ? request.body().length : 0;
        if (!largeBodies.tryAcquire(large)) {
            return course.busy();
        }
        try {
            return lane.run(() -> handler.handle(request));
        } finally {
            largeBodies.release(large);
        }
    }

    private static Response otherMethods(String method, String allow) {
        if (method.equals("OPTIONS")) {
            return Response.noContent().with("Allow", allow);
        }
        throw new Problem(405, "method_not_allowed", "The path does not support this method. It supports: " + allow + ".")
                .withHeader("Allow", allow);
    }

    private static Parameters query(@Nullable String raw) {
        return raw == null ? Parameters.NONE : Parameters.parse(raw);
    }

    static void send(
            Response response,
            boolean secure,
            org.eclipse.jetty.server.Request incoming,
            org.eclipse.jetty.server.Response outgoing,
            Callback callback) {
        boolean http1 =
                incoming.getConnectionMetaData().getHttpVersion().getVersion() < HttpVersion.HTTP_2.getVersion();
        outgoing.setStatus(response.status());
        HttpFields.Mutable fields = outgoing.getHeaders();
        for (Response.Field field : response.fields()) {
            // RFC 9113 section 8.2.2: HTTP/2 has no connection-specific fields.
            if (http1 || !field.name().equalsIgnoreCase("Connection")) {
                fields.add(field.name(), field.value());
            }
        }
        if (response.trailers().isEmpty()) {
            for (HttpField field : DEFAULTS) {
                if (!fields.contains(field.getName())) {
                    fields.add(field);
                }
            }
        } else {
            // Only gRPC clients get trailers, never browsers, which the default fields are for.
            HttpFields.Mutable last = HttpFields.build();
            response.trailers().forEach(field -> last.add(field.name(), field.value()));
            HttpFields trailers = last.asImmutable();
            outgoing.setTrailersSupplier(() -> trailers);
        }
        if (secure) {
            fields.put(STRICT_TRANSPORT);
        }
        if (response.status() != 204 && response.status() != 304) {
            fields.put(HttpHeader.CONTENT_LENGTH, response.body().length);
        }
        if (incoming.getMethod().equals("HEAD")) {
            outgoing.write(true, null, callback);
        } else {
            outgoing.write(true, ByteBuffer.wrap(response.body()), callback);
        }
    }
}
