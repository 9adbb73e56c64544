package dev.latchkey.http;

import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Parameters of a query string or a form, in the order sent. */
public final class Parameters {
    public static final Parameters NONE = new Parameters(Map.of());

    /** More than any of our forms has (the role editor's is the largest), and few enough to be cheap. */
    private static final int MOST = 5_000;

    private final Map<String, List<String>> values;

    private Parameters(Map<String, List<String>> values) {
        this.values = values;
    }

    /**
     * Parses {@code name=value&name=value} (WHATWG URL, application/x-www-form-urlencoded).
     *
     * @throws Problem 400 for a broken percent sequence, bytes that are not UTF-8, or too many parameters
     */
    public static Parameters parse(String encoded) {
        if (encoded.isEmpty()) {
            return NONE;
        }
        Map<String, List<String>> values = new LinkedHashMap<>();
        int count = 0;
        for (String pair : encoded.split("&", -1)) {
            if (pair.isEmpty()) {
                continue;
            }
            if (++count > MOST) {
                throw Problem.badRequest("There are too many parameters.");
            }
            int equals = pair.indexOf('=');
            String name = decode(equals < 0 ? pair : pair.substring(0, equals));
            String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
            values.computeIfAbsent(name, unused -> new ArrayList<>()).add(value);
        }
        return new Parameters(values);
    }

    private static String decode(String encoded) {
        if (encoded.indexOf('%') < 0 && encoded.indexOf('+') < 0) {
            return encoded;
        }
        try {
            // ISO-8859-1 keeps the decoded bytes apart, so that bad UTF-8 is refused instead of replaced.
            byte[] bytes =
                    URLDecoder.decode(encoded, StandardCharsets.ISO_8859_1).getBytes(StandardCharsets.ISO_8859_1);
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (IllegalArgumentException | CharacterCodingException e) {
            throw Problem.badRequest("A parameter is not correctly percent-encoded UTF-8.");
        }
    }

    public Optional<String> first(String name) {
        return all(name).stream().findFirst();
    }

    /** The parameter without surrounding white space; empty when it is absent or blank. */
    public Optional<String> text(String name) {
        return first(name).map(String::strip).filter(value -> !value.isEmpty());
    }

    public List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }

    /** The same parameters but for these. */
    public Parameters without(String... names) {
        Map<String, List<String>> fewer = new LinkedHashMap<>(values);
        fewer.keySet().removeAll(List.of(names));
        return new Parameters(fewer);
    }

    public Set<String> names() {
        return values.keySet();
    }

    public boolean has(String name) {
        return values.containsKey(name);
    }
}
