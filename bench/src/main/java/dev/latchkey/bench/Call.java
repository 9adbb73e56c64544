package dev.latchkey.bench;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request that a load generator repeats.
 *
 * @param type the media type of the body
 * @param body what is sent; null for a GET
 */
record Call(
        String name,
        String url,
        Map<String, String> fields,
        String type,
        @Nullable String body) {
    static Call get(String name, String url, Map<String, String> fields) {
        return new Call(name, url, fields, "", null);
    }

    static Call form(String name, String url, Map<String, String> fields, String body) {
        return new Call(name, url, fields, "application/x-www-form-urlencoded", body);
    }

    static Call json(String name, String url, Map<String, String> fields, String body) {
        return new Call(name, url, fields, "application/json", body);
    }
}
