package dev.latchkey.access;

import java.net.URI;
import java.net.URISyntaxException;

/** The resource that an access token is for (RFC 8707): a URI, compared as URIs are. */
public final class Resource {
    private Resource() {}

    /**
     * The canonical spelling: after a host, an empty path and the path / are equivalent (RFC 3986 section 6.2.3), and some
     * programs always write the slash.
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
