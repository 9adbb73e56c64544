package dev.latchkey.http;

import dev.latchkey.http.Routes.Refusals;
import dev.latchkey.lane.Few;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Text;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far a request got, and the answer when it got no further: callers are refused in the way of their route, and the log
 * says who sent what, with the path as the route spells it.
 */
final class Progress {
    private static final Logger log = LoggerFactory.getLogger(Progress.class);

    private static final Few FAILURES = new Few(60);

    private final String method;
    private final Headers headers;
    private final BasePath base;
    private String place = "an unreadable path";
    private String address = "";
    private final long began = System.nanoTime();
    private RequestRecorder.OfRoute recorder = RequestRecorder.OfRoute.NONE;
    private @Nullable Request request;
    private @Nullable Refusals refusals;

    /** @param refusals how callers are refused before their route is known; null for problem documents */
    Progress(String method, Headers headers, BasePath base, @Nullable Refusals refusals) {
        this.method = Text.shortened(method, 20);
        this.headers = headers;
        this.base = base;
        this.refusals = refusals;
    }

    /** The caller is known. */
    void isFrom(String caller) {
        address = caller;
    }

    /**
     * The route is known.
     *
     * @param path as the log shows it: a real one may hold a secret
     */
    void isAt(String path, @Nullable Refusals refusalsOfRoute) {
        place = path;
        refusals = refusalsOfRoute;
    }

    /** What records the request. */
    void isRecordedBy(RequestRecorder.OfRoute ofRoute) {
        recorder = ofRoute;
    }

    /** The request has its response. */
    void answered(int status) {
        recorder.answered(status, System.nanoTime() - began);
    }

    /** The request exists, perhaps still without its body. */
    void has(Request read) {
        request = read;
    }

    /** The answer when there is too much to do. A quick refusal keeps the accepted requests fast. */
    Response busy() {
        return refusal(Problem.busy());
    }

    String method() {
        return method;
    }

    /** The path's template; empty when the path leads nowhere. */
    String route() {
        return place.startsWith("/") ? place : "";
    }

    /** The caller's address; empty when it is not known. */
    String address() {
        return address;
    }

    /** The answer to a request that ends with this problem. Its cause is logged. */
    Response failed(Problem problem) {
        @Nullable Throwable cause = problem.getCause();
        if (cause != null) {
            String why = root(cause).toString();
            FAILURES.next()
                    .ifPresent(before -> log.warn(
                            "{} {} answered {}: {} ({}){}",
                            this,
                            problem.code(),
                            problem.status(),
                            problem.detail(),
                            why,
                            before == 0 ? "" : "; " + before + " more before it"));
        }
        return refusal(problem);
    }

    /** The answer to a request that ends with an error of ours, which is logged. */
    Response broken(Throwable error) {
        return refusal(Problem.unexpected(toString(), error));
    }

    /** Renders the problem for the kind of caller who sent the request. */
    Response refusal(Problem problem) {
        Refusals way = refusals;
        if (way == null || !way.suit(headers)) {
            return Response.of(problem);
        }
        try {
            return way.of(headers, base, request, problem).withFieldsOf(problem);
        } catch (RuntimeException e) {
            log.error("A refusal could not be rendered for its caller", e);
            return Response.of(problem);
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

    /** For the log. */
    @Override
    public String toString() {
        return method + " " + place + " from " + (address.isEmpty() ? "an unknown caller" : address);
    }
}
