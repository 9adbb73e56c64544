package dev.latchkey.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Callback;

/** Sends our responses with the server's, with the header fields that every response has. */
final class ResponseWriter {
    /** What every response carries unless its handler says otherwise. */
    private static final List<HttpField> DEFAULTS = List.of(
            new HttpField("X-Content-Type-Options", "nosniff"),
            new HttpField("Referrer-Policy", "no-referrer"),
            new HttpField("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
            new HttpField("Cross-Origin-Resource-Policy", "same-origin"),
            new HttpField("Cache-Control", "no-store"));

    private static final HttpField STRICT_TRANSPORT = new HttpField("Strict-Transport-Security", "max-age=31536000");

    private ResponseWriter() {}

    /** Whether the connection uses TLS. What the request says about it comes from the scheme that its caller wrote. */
    static boolean isSecure(Request incoming) {
        return incoming.getConnectionMetaData().isSecure();
    }

    /** @param secure whether the caller's own connection is encrypted */
    static void write(
            Response response,
            boolean secure,
            Request incoming,
            org.eclipse.jetty.server.Response outgoing,
            Callback callback) {
        outgoing.setStatus(response.status());
        HttpFields.Mutable fields = outgoing.getHeaders();
        for (Response.Field field : response.fields()) {
            if (isHttp1(incoming) || !isConnectionSpecific(field)) {
                if (field.name().equalsIgnoreCase(RequestIds.FIELD)) {
                    // The caller's own id, where a protocol asks for it, instead of ours.
                    fields.put(field.name(), field.value());
                } else {
                    fields.add(field.name(), field.value());
                }
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

    private static boolean isHttp1(Request incoming) {
        return incoming.getConnectionMetaData().getHttpVersion().getVersion() < HttpVersion.HTTP_2.getVersion();
    }

    /** HTTP/2 has no such fields (RFC 9113 section 8.2.2). */
    private static boolean isConnectionSpecific(Response.Field field) {
        return field.name().equalsIgnoreCase("Connection");
    }

    /** The whole HTTP/1.1 message, for a connection on which there is no request to answer. */
    static byte[] message(Response response, boolean secure) {
        StringBuilder head = new StringBuilder("HTTP/1.1 ")
                .append(response.status())
                .append(' ')
                .append(HttpStatus.title(response.status()))
                .append("\r\n");
        response.fields().forEach(field -> line(head, field.name(), field.value()));
        DEFAULTS.forEach(field -> line(head, field.getName(), field.getValue()));
        if (secure) {
            line(head, STRICT_TRANSPORT.getName(), STRICT_TRANSPORT.getValue());
        }
        line(head, "Content-Length", Integer.toString(response.body().length));
        byte[] bytes = head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
        byte[] whole = Arrays.copyOf(bytes, bytes.length + response.body().length);
        System.arraycopy(response.body(), 0, whole, bytes.length, response.body().length);
        return whole;
    }

    private static void line(StringBuilder head, String name, String value) {
        head.append(name).append(": ").append(value).append("\r\n");
    }
}
