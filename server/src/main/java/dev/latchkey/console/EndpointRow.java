package dev.latchkey.console;

import dev.latchkey.access.Endpoint;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** One row of an API's table of endpoints, with the roles that may call it. */
public record EndpointRow(Endpoint endpoint, List<String> roles) {

    /** The address of the form that changes the endpoint. */
    public String link(String api) {
        return link(api, endpoint);
    }

    public static String link(String api, Endpoint endpoint) {
        return "/apis/" + api + "/endpoint?" + query(endpoint);
    }

    /** The address that asks before the endpoint is removed. */
    public static String removeLink(String api, Endpoint endpoint) {
        return "/apis/" + api + "/endpoint/remove?" + query(endpoint);
    }

    private static String query(Endpoint endpoint) {
        return "method=" + encoded(endpoint.method()) + "&path=" + encoded(endpoint.path());
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
