package dev.latchkey.http;

import dev.latchkey.problem.Json;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Text;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One request, parsed once. Nothing behind the wall touches the server's own request object.
 *
 * @param method the method as sent, upper case
 * @param headers the header fields; names are compared without regard to case
 * @param body the whole body, at most as long as the route allows
 * @param base the path below which clients see the server; {@code resource} does not contain it
 */
public record Request(String method, Resource resource, Headers headers, byte[] body, Sender sender, BasePath base) {
    private static final int LONGEST_USER_AGENT = 200;

    /**
     * The resource that a request is for.
     *
     * @param path the decoded path as routed, without the query; it holds no dot segments and no encoded slashes
     * @param target path and query as sent (RFC 9112 section 3.2)
     * @param pathParameters the values of the route's {@code {name}} segments
     * @param query the query string's parameters
     */
    public record Resource(String path, String target, Map<String, String> pathParameters, Parameters query) {}

    /**
     * Who sent a request.
     *
     * @param address the caller's address: the peer's, or what a trusted proxy says it is
     * @param secure whether the caller's own connection is encrypted (here, or at a trusted proxy)
     * @param certificates the TLS certificate that the caller presented (here, or at a trusted proxy), with the part of
     *     its chain that it sent; empty for none. The caller has proved that it holds the private key; who issued the
     *     certificate is not proved
     */
    public record Sender(String address, boolean secure, List<X509Certificate> certificates) {}

    public String path() {
        return resource.path();
    }

    /** Path and query as sent. */
    public String target() {
        return resource.target();
    }

    public Parameters query() {
        return resource.query();
    }

    public String remoteAddress() {
        return sender.address();
    }

    public boolean secure() {
        return sender.secure();
    }

    public List<X509Certificate> clientCertificates() {
        return sender.certificates();
    }

    /** The value of a {@code {name}} segment; asking for one that the route does not have is a programming error. */
    public String pathParameter(String name) {
        String value = resource.pathParameters().get(name);
        if (value == null) {
            throw new IllegalArgumentException("the route has no path parameter " + name);
        }
        return value;
    }

    public Optional<String> header(String name) {
        return headers.first(name);
    }

    /** What the caller says it is, cut to 200 characters; empty when it does not say. */
    public String userAgent() {
        return header("User-Agent").map(Request::shortUserAgent).orElse("");
    }

    /** What is kept of a user agent. */
    public static String shortUserAgent(String agent) {
        return Text.cut(agent, LONGEST_USER_AGENT);
    }

    public Optional<String> cookie(String name) {
        return headers.cookie(name);
    }

    /**
     * The body as {@code application/x-www-form-urlencoded} parameters.
     *
     * @throws Problem 415 when it has another type, 400 when it is not well-formed UTF-8 or form encoding
     */
    public Parameters form() {
        requireMediaType("application/x-www-form-urlencoded");
        return Parameters.parse(text());
    }

    /**
     * The body as a browser's form, with files or without.
     *
     * @throws Problem 415 when it has another type, 400 when it is malformed
     */
    public FormData formData() {
        String type = header("Content-Type").orElse("");
        return type.regionMatches(true, 0, "multipart/form-data", 0, "multipart/form-data".length())
                ? FormData.parse(type, body)
                : new FormData(form(), Map.of());
    }

    /**
     * The body as JSON of the given type, read strictly: unknown fields, wrong types, duplicate names and trailing text
     * are refused.
     *
     * @throws Problem 415 when it has another type, 400 when it is malformed, 422 when it does not match the type
     */
    public <T> T json(Class<T> type) {
        requireMediaType("application/json");
        return Json.read(text(), type);
    }

    /**
     * The names at the top of the object that {@link #json} read, which tells a value that is null from one that is absent
     * (RFC 7396).
     */
    public Set<String> jsonNames() {
        return Json.names(text());
    }

    /** Like {@link #json}, but a request without a body answers {@code null}. */
    public <T> @Nullable T jsonIfPresent(Class<T> type) {
        return body.length == 0 ? null : json(type);
    }

    /** The same request with another body of the same kind. */
    public Request withBody(byte[] content) {
        return new Request(method, resource, headers, content, sender, base);
    }

    private String text() {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException e) {
            throw Problem.badRequest("The body is not valid UTF-8.");
        }
    }

    private void requireMediaType(String expected) {
        if (header("Content-Encoding")
                .filter(coding -> !coding.equalsIgnoreCase("identity"))
                .isPresent()) {
            throw new Problem(415, "unsupported_content_encoding", "Send the body uncompressed.");
        }
        String type = header("Content-Type").orElse("");
        int semicolon = type.indexOf(';');
        type = (semicolon < 0 ? type : type.substring(0, semicolon)).strip();
        if (!type.equalsIgnoreCase(expected)) {
            throw new Problem(
                    415,
                    "unsupported_media_type",
                    "Send the body as " + expected + (type.isEmpty() ? "." : ", not as " + Text.quote(type) + "."));
        }
    }

    @Override
    public String toString() {
        // Bodies and headers carry credentials; a request that ends up in a log line must not.
        return method + " " + path();
    }
}
