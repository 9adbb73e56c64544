package dev.latchkey.http;

import dev.latchkey.http.Routes.Destination;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the server's request becomes ours, and our response the server's; the one place that renders failures. */
final class Wall extends org.eclipse.jetty.server.Handler.Abstract {
    private static final Logger log = LoggerFactory.getLogger(Wall.class);

    /** What every response carries unless its handler says otherwise. */
    private static final List<Response.Field> DEFAULTS = List.of(
            new Response.Field("X-Content-Type-Options", "nosniff"),
            new Response.Field("Referrer-Policy", "no-referrer"),
            new Response.Field("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
            new Response.Field("Cross-Origin-Resource-Policy", "same-origin"),
            new Response.Field("Cache-Control", "no-store"));

    private static final HttpField STRICT_TRANSPORT = new HttpField("Strict-Transport-Security", "max-age=31536000");

    private static final byte[] NO_BODY = new byte[0];

    private final Routes routes;
    private final TrustedProxies proxies;
    private final Semaphore places;

    Wall(Routes routes, HttpServer.Config config) {
        this.routes = routes;
        this.proxies = new TrustedProxies(config.trustedProxies());
        this.places = new Semaphore(config.maxConcurrentRequests());
    }

    @Override
    public boolean handle(
            org.eclipse.jetty.server.Request incoming, org.eclipse.jetty.server.Response outgoing, Callback callback) {
        Headers headers = new Headers(incoming.getHeaders());
        TrustedProxies.Caller caller =
                proxies.caller(org.eclipse.jetty.server.Request.getRemoteAddr(incoming), incoming.isSecure(), headers);
        Response response;
        if (places.tryAcquire()) {
            try {
                response = answer(incoming, headers, caller);
            } finally {
                places.release();
            }
        } else {
            // A quick refusal keeps the accepted requests fast; waiting in line would slow all of them.
            response = Problem.unavailable("Too many requests are in work. Try again in a moment.", null)
                    .toResponse();
        }
        send(response, caller.secure(), incoming, outgoing, callback);
        return true;
    }

    private Response answer(org.eclipse.jetty.server.Request incoming, Headers headers, TrustedProxies.Caller caller) {
        try {
            String method = incoming.getMethod();
            String path = RequestPath.decode(incoming.getHttpURI().getPath());
            return switch (routes.find(method, path)) {
                case Destination.Found found ->
                    found.handler()
                            .handle(new Request(
                                    method,
                                    path,
                                    found.pathParameters(),
                                    query(incoming.getHttpURI().getQuery()),
                                    headers,
                                    body(incoming, found.maxBodyBytes()),
                                    caller.address(),
                                    caller.secure()));
                case Destination.OtherMethods other -> otherMethods(method, String.join(", ", other.methods()));
                case Destination.Nothing() -> throw Problem.notFound("There is nothing at this path.");
            };
        } catch (Problem problem) {
            if (problem.getCause() != null) {
                log.warn(
                        "{} {} answered {}: {}",
                        incoming.getMethod(),
                        problem.code(),
                        problem.status(),
                        problem.getCause().toString());
            }
            return problem.toResponse();
        } catch (RuntimeException | Error e) {
            byte[] random = new byte[6];
            ThreadLocalRandom.current().nextBytes(random);
            String errorId = HexFormat.of().formatHex(random);
            log.error("Error {} while answering {}", errorId, incoming.getMethod(), e);
            return new Problem(500, "internal_error", "Something is broken here. The log has the details.")
                    .with("errorId", errorId)
                    .toResponse();
        }
    }

    private static Response otherMethods(String method, String allow) {
        if (method.equals("OPTIONS")) {
            return Response.noContent().with("Allow", allow);
        }
        throw new Problem(405, "method_not_allowed", "This path does not know the method. It knows: " + allow + ".")
                .withHeader("Allow", allow);
    }

    private static Parameters query(String raw) {
        return raw == null ? Parameters.NONE : Parameters.parse(raw);
    }

    private static byte[] body(org.eclipse.jetty.server.Request incoming, int maxBytes) {
        long length = incoming.getLength();
        if (length > maxBytes) {
            throw tooLarge(maxBytes);
        }
        if (length == 0) {
            return NO_BODY;
        }
        try (InputStream stream = Content.Source.asInputStream(incoming)) {
            byte[] body = stream.readNBytes(maxBytes + 1);
            if (body.length > maxBytes) {
                throw tooLarge(maxBytes);
            }
            return body;
        } catch (IOException e) {
            throw Problem.badRequest("The body ended early or could not be read.");
        }
    }

    private static Problem tooLarge(int maxBytes) {
        // The rest of the body is not read, so the connection cannot be used again.
        return new Problem(413, "too_large", "The body is too large. Send at most " + maxBytes + " bytes.")
                .withHeader("Connection", "close");
    }

    private static void send(
            Response response,
            boolean secure,
            org.eclipse.jetty.server.Request incoming,
            org.eclipse.jetty.server.Response outgoing,
            Callback callback) {
        outgoing.setStatus(response.status());
        HttpFields.Mutable fields = outgoing.getHeaders();
        for (Response.Field field : response.fields()) {
            if (field.name().equals("Connection")
                    && incoming.getConnectionMetaData().getHttpVersion().getVersion() > 11) {
                continue;
            }
            fields.add(field.name(), field.value());
        }
        for (Response.Field field : DEFAULTS) {
            if (!fields.contains(field.name())) {
                fields.add(field.name(), field.value());
            }
        }
        if (secure) {
            fields.add(STRICT_TRANSPORT);
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
