package dev.latchkey.access;

import java.net.URI;
import java.net.URISyntaxException;

/** What an access token is for (RFC 8707): an address, compared as addresses are. */
public final class Resource {
    private Resource() {}

    /**
     * Its one spelling: behind a host, no path and the path / are the same (RFC 3986 section 6.2.3), and some programs always
     * write the slash.
     */
    public static String plain(String resource) {
        if (!resource.endsWith("/")) {
            return resource;
        }
        try {
            URI uri = new URI(resource);
            return "/".equals(uri.getRawPath()) && uri.getRawAuthority() != null && uri.getRawQuery() == null
                    ? resource.substring(0, resource.length() - 1)
                    : resource;
        } catch (URISyntaxException e) {
            return resource;
        }
    }

    /** Whether two texts name the same resource. */
    public static boolean isSame(String one, String other) {
        return plain(one).equals(plain(other));
    }
}
