package dev.latchkey.http;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** Requests that the server itself refuses (broken framing, headers too large) get a problem document as well. */
final class ServerErrors extends ErrorHandler {
    @Override
    public boolean handle(
            org.eclipse.jetty.server.Request request, org.eclipse.jetty.server.Response response, Callback callback) {
        int status = response.getStatus();
        Problem problem = switch (status) {
            case 431 -> new Problem(431, "headers_too_large", "The header fields are too large.");
            case 414 -> new Problem(414, "uri_too_long", "The address is too long.");
            case 503 -> Problem.unavailable("The service is stopping. Try again in a moment.", null);
            default ->
                status >= 500
                        ? new Problem(500, "internal_error", "Something is broken here. The log has the details.")
                        : new Problem(status, "bad_request", "The request is not well-formed HTTP.");
        };
        Response answer = problem.toResponse();
        for (Response.Field field : answer.fields()) {
            response.getHeaders().put(field.name(), field.value());
        }
        response.getHeaders().put("X-Content-Type-Options", "nosniff");
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, answer.body().length);
        response.write(true, ByteBuffer.wrap(answer.body()), callback);
        return true;
    }
}
