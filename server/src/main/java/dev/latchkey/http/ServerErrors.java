package dev.latchkey.http;

import dev.latchkey.http.Routes.Refusals;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Text;
import dev.latchkey.trace.CurrentRequest;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.QuietException;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** Requests that the server itself refuses (broken framing, headers too large) get a problem document as well. */
final class ServerErrors extends ErrorHandler {
    private static final Problem LATE = new Problem(408, "timeout", "The request took too long to arrive.");

    private final BasePath base;
    private final @Nullable Refusals refusals;

    /** @param refusals how the callers of this port are refused; null for problem documents */
    ServerErrors(BasePath base, @Nullable Refusals refusals) {
        this.base = base;
        this.refusals = refusals;
    }

    /** The whole HTTP/1.1 answer to a request that did not arrive in time. */
    static byte[] late(boolean secure) {
        return ResponseWriter.message(Response.of(LATE).with("Connection", "close"), secure);
    }

    static Problem headersTooLarge() {
        return new Problem(431, "headers_too_large", "The header fields are too large.");
    }

    @Override
    public boolean handle(
            org.eclipse.jetty.server.Request request, org.eclipse.jetty.server.Response response, Callback callback) {
        CurrentRequest current = new CurrentRequest(RequestIds.make());
        response.getHeaders().put(RequestIds.FIELD, current.id());
        return current.during(() -> refuse(request, response, callback));
    }

    private boolean refuse(
            org.eclipse.jetty.server.Request request, org.eclipse.jetty.server.Response response, Callback callback) {
        int status = response.getStatus();
        @Nullable Throwable cause = (Throwable) request.getAttribute(ERROR_EXCEPTION);
        Problem problem = switch (status) {
            case 431 -> headersTooLarge();
            case 414 -> new Problem(414, "uri_too_long", "The address is too long.");
            case 408 -> LATE;
            case 505 -> new Problem(505, "http_version_not_supported", "Use HTTP/1.1 or HTTP/2.");
            case 503 -> Problem.unavailable("The service is stopping. Try again in a moment.", null);
            default ->
                status >= 500 && !isTheCallers(cause)
                        ? Problem.unexpected(
                                Text.shortened(request.getMethod(), 20) + ", which no route answered", cause)
                        : new Problem(
                                status >= 500 ? 400 : status,
                                "bad_request",
                                "The request is not well-formed HTTP, or its path can be read in more than one way.");
        };
        // Nothing more is read from this connection; unless it is told, its caller would lose the next request (RFC
        // 9112 section 9.6).
        Response refusal = new Progress(request.getMethod(), new Headers(request.getHeaders()), base, refusals)
                .refusal(problem)
                .with("Connection", "close");
        ResponseWriter.write(refusal, ResponseWriter.isSecure(request), request, response, callback);
        return true;
    }

    /**
     * Whether the caller ended it: a failed connection or stream that gets here was ended by the other side. Our own
     * failures do not get here, because the wall answers them.
     */
    private static boolean isTheCallers(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException || cause instanceof TimeoutException || cause instanceof QuietException) {
                return true;
            }
        }
        return false;
    }
}
