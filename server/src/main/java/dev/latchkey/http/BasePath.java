package dev.latchkey.http;

import java.net.URI;
import java.util.regex.Pattern;

/**
 * The path of Latchkey's public base URL, such as {@code /auth}; empty when Latchkey has its host to itself. Incoming
 * paths are accepted with it and without it, because some proxies pass it on and others strip it. Outgoing paths always
 * have it.
 */
public record BasePath(String path) {
    private static final int MAX_LENGTH = 200;

    /**
     * Characters that have one spelling for every program along the way (RFC 3986 section 2.3), also in cookies; no dot
     * segments.
     */
    private static final Pattern PLAIN = Pattern.compile("(/[A-Za-z0-9._~-]*[A-Za-z0-9_~-])*");

    public static final BasePath ROOT = new BasePath("");

    public BasePath {
        if (path.length() > MAX_LENGTH || !PLAIN.matcher(path).matches()) {
            throw new IllegalArgumentException("not a plain path: " + path);
        }
    }

    /**
     * The path of a base URL, which has no slash at its end.
     *
     * @throws IllegalArgumentException when this is not a URL, or its path could be spelled in another way
     */
    public static BasePath of(String url) {
        return new BasePath(URI.create(url).getRawPath());
    }

    public boolean isRoot() {
        return path.isEmpty();
    }

    /** A request's path or target as routes spell it: without this path, if it begins with it. */
    String inward(String target) {
        if (path.isEmpty() || !target.startsWith(path)) {
            return target;
        }
        String rest = target.substring(path.length());
        if (rest.isEmpty() || rest.charAt(0) == '?') {
            return "/" + rest;
        }
        return rest.charAt(0) == '/' ? rest : target;
    }

    /** An address in an answer, as clients must spell it. What does not begin with one slash is not a path of ours. */
    public String outward(String address) {
        return isOurs(address, 0) ? path + address : address;
    }

    /** Whether the address that begins at this index is a path of ours, neither relative nor on another host. */
    public static boolean isOurs(String text, int from) {
        return text.startsWith("/", from) && !text.startsWith("//", from);
    }
}
