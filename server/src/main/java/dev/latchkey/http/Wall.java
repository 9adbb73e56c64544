package dev.latchkey.http;

import dev.latchkey.http.Routes.Destination;
import dev.latchkey.lane.Lane;
import dev.latchkey.problem.Problem;
import dev.latchkey.trace.CurrentRequest;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.util.Callback;

/** Turns the server's requests into ours and our responses into the server's. No failure gets past it. */
final class Wall extends org.eclipse.jetty.server.Handler.Abstract {
    private static final String STATUS_OF_CALL = "grpc-status";

    private static final int MOST_LARGE_BODY_BYTES = 128 * 1024 * 1024;

    private final Routes routes;
    private final BasePath base;
    private final TrustedProxies proxies;
    private final boolean asksForCertificates;
    private final BodyReader bodies;
    private final Supplier<Integer> mostInProgress;
    private final AtomicInteger inProgress = new AtomicInteger();
    private final Semaphore largeBodies = new Semaphore(MOST_LARGE_BODY_BYTES);
    private final Backlog backlog;
    private final Arrivals arrivals;
    private volatile boolean closing;

    Wall(Routes routes, HttpConfig config, TimeLimits times, Backlog backlog) {
        this.routes = routes;
        this.base = config.base();
        this.proxies =
                new TrustedProxies(config.trustedProxies(), config.clientCertificateField(), config.publicHttps());
        this.asksForCertificates = config.asksForCertificates();
        this.bodies = new BodyReader(times.body());
        this.mostInProgress = config.maxConcurrentRequests();
        this.backlog = backlog;
        this.arrivals = new Arrivals(config, proxies);
    }

    /** How many requests are in progress, apart from those in lanes. */
    int inProgress() {
        return inProgress.get();
    }

    /** From now on every answer says that it is the last one on its connection. */
    void lastAnswers() {
        closing = true;
    }

    @Override
    public boolean handle(
            org.eclipse.jetty.server.Request incoming, org.eclipse.jetty.server.Response outgoing, Callback callback) {
        Headers headers = new Headers(incoming.getHeaders());
        CurrentRequest current = arrivals.begin(incoming, outgoing, headers);
        return current.during(() -> {
            arrivals.record(current, incoming, headers);
            return handle(incoming, outgoing, headers, callback, current);
        });
    }

    private boolean handle(
            org.eclipse.jetty.server.Request incoming,
            org.eclipse.jetty.server.Response outgoing,
            Headers headers,
            Callback callback,
            CurrentRequest current) {
        boolean secure = ResponseWriter.isSecure(incoming);
        Progress progress = new Progress(incoming.getMethod(), headers, base, routes.refusals());
        progress.isRecordedBy(routes.recorderOfOthers());
        Response response;
        try {
            TrustedProxies.Caller caller = caller(incoming, headers);
            secure = caller.secure();
            progress.isFrom(caller.address());
            response = answer(
                    incoming, new IncomingRequest(incoming, headers, base, caller, asksForCertificates), progress);
        } catch (Problem problem) {
            response = progress.failed(problem);
        } catch (RuntimeException | Error e) {
            response = progress.broken(e);
        }
        progress.answered(response.status());
        response = response.below(base);
        if (closing) {
            response = response.with("Connection", "close");
        }
        Callback noted = arrivals.noting(callback, incoming, current, progress, response);
        Callback done = mayBeRefusedUnread(incoming, response) ? BodyReader.droppingTheRest(incoming, noted) : noted;
        ResponseWriter.write(
                response, secure, incoming, outgoing, backlog.isTurnOver() ? goingToTheEndOfTheLine(done) : done);
        return true;
    }

    /**
     * Ending a request on another thread ends the turn of its connection: the next request is selected, and begins, behind
     * those that are waiting.
     */
    private static Callback goingToTheEndOfTheLine(Callback then) {
        return Callback.from(() -> Thread.startVirtualThread(then::succeeded), then::failed);
    }

    /** A request that is refused for its header fields is refused before its body is read, which may still be arriving. */
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
        return proxies.caller(AddressRange.withoutZone(peer.getAddress()), ResponseWriter.isSecure(incoming), headers);
    }

    private Response answer(org.eclipse.jetty.server.Request incoming, IncomingRequest request, Progress progress) {
        String rawPath = request.rawPath();
        boolean tooLate = backlog.isTooLong();
        Optional<Routes.Prefix> under = routes.under(rawPath);
        if (under.isPresent()) {
            Routes.Prefix prefix = under.get();
            progress.isAt(prefix.path() + "...", null);
            progress.isRecordedBy(prefix.recorder());
            if (tooLate) {
                return progress.busy();
            }
            byte[] body = bodies.read(incoming, prefix.maxBodyBytes());
            return withPlace(progress, prefix.handler(), request.asSent(rawPath, body));
        }
        String path = IncomingRequest.decoded(rawPath);
        Destination destination = routes.find(request.method(), path);
        return switch (destination) {
            case Destination.Found(Routes.Route route, var parameters) -> {
                progress.isAt(route.template(), route.refusals());
                progress.isRecordedBy(route.place().recorder());
                if (route.always()) {
                    yield route.handler().handle(request.at(path, parameters));
                }
                yield tooLate ? progress.busy() : admitted(incoming, route, request.at(path, parameters), progress);
            }
            case Destination.OtherMethods other -> {
                progress.isAt("another path", other.refusals());
                yield otherMethods(request.method(), String.join(", ", other.methods()));
            }
        };
    }

    private Response admitted(
            org.eclipse.jetty.server.Request incoming, Routes.Route route, Request withoutBody, Progress progress) {
        progress.has(withoutBody);
        Optional<Response> refusal = route.admission().refusal(withoutBody);
        if (refusal.isPresent()) {
            return refusal.get().with("Connection", "close");
        }
        // The body is read before the request takes a place, or slow senders would take them all.
        byte[] body = bodies.read(incoming, route.maxBodyBytes());
        Request whole = body.length == 0 ? withoutBody : withoutBody.withBody(body);
        progress.has(whole);
        return route.lane() == null
                ? withPlace(progress, route.handler(), whole)
                : inLane(progress, route.lane(), route.handler(), whole);
    }

    private Response withPlace(Progress progress, Handler handler, Request request) {
        // Counted rather than handed out as permits, because the limit may change.
        int most = mostInProgress.get();
        if (inProgress.getAndUpdate(number -> number < most ? number + 1 : number) >= most) {
            return progress.busy();
        }
        try {
            return handler.handle(request);
        } finally {
            inProgress.decrementAndGet();
        }
    }

    /** Requests that wait in a lane keep their large bodies in memory. */
    private Response inLane(Progress progress, Lane lane, Handler handler, Request request) {
        int large = request.body().length > Routes.DEFAULT_MAX_BODY_BYTES ? request.body().length : 0;
        if (!largeBodies.tryAcquire(large)) {
            return progress.busy();
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
        throw new Problem(
                        405, "method_not_allowed", "The path does not support this method. It supports: " + allow + ".")
                .withHeader("Allow", allow);
    }
}
