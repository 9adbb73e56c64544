package dev.latchkey.http;

import dev.latchkey.problem.Problem;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Parameters of a query string or a form, in the order sent. */
public final class Parameters {
    public static final Parameters NONE = new Parameters(Map.of());

    /** More than any of our forms has (an import of 5,000 endpoints is the largest), and few enough to be cheap. */
    private static final int MOST = 12_000;

    private final Map<String, List<String>> values;

    private Parameters(Map<String, List<String>> values) {
        this.values = values;
    }

    /**
     * Parses {@code name=value&name=value} (WHATWG URL, application/x-www-form-urlencoded).
     *
     * @throws Problem 400 for a broken percent sequence, bytes that are not UTF-8, NUL, or too many parameters
     */
    public static Parameters parse(String encoded) {
        if (encoded.isEmpty()) {
            return NONE;
        }
        Map<String, List<String>> values = new LinkedHashMap<>();
        int count = 0;
        int end;
        for (int start = 0; start < encoded.length(); start = end + 1) {
            end = encoded.indexOf('&', start);
            if (end < 0) {
                end = encoded.length();
            }
            if (end == start) {
                continue;
            }
            if (++count > MOST) {
                throw Problem.badRequest("There are too many parameters.");
            }
            int equals = encoded.indexOf('=', start, end);
            String name = decoded(encoded.substring(start, equals < 0 ? end : equals));
            String value = equals < 0 ? "" : decoded(encoded.substring(equals + 1, end));
            values.computeIfAbsent(name, unused -> new ArrayList<>(1)).add(value);
        }
        return new Parameters(values);
    }

    public static Parameters of(Map<String, List<String>> values) {
        return values.isEmpty() ? NONE : new Parameters(values);
    }

    /**
     * One name or value as it was before it was encoded.
     *
     * @throws Problem 400 as for {@link #parse}
     */
    public static String decoded(String encoded) {
        if (encoded.indexOf('%') < 0 && encoded.indexOf('+') < 0 && encoded.indexOf('\0') < 0) {
            return encoded;
        }
        // Browsers encode everything, other callers send UTF-8 as it is; both are accepted.
        byte[] bytes = encoded.getBytes(StandardCharsets.UTF_8);
        int length = 0;
        for (int i = 0; i < bytes.length; i++) {
            byte b = bytes[i];
            if (b == '+') {
                b = ' ';
            } else if (b == '%') {
                int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
                int low = high < 0 ? -1 : Character.digit(bytes[i + 2], 16);
                if (low < 0) {
                    throw malformed();
                }
                b = (byte) (high * 16 + low);
                i += 2;
            }
            if (b == 0) {
                throw malformed();
            }
            bytes[length++] = b;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw malformed();
        }
    }

    private static Problem malformed() {
        return Problem.badRequest("A parameter is not correctly percent-encoded UTF-8, or holds a NUL character.");
    }

    public Optional<String> first(String name) {
        List<String> all = values.get(name);
        return all == null ? Optional.empty() : Optional.of(all.getFirst());
    }

    /** The parameter without surrounding white space; empty when it is absent or blank. */
    public Optional<String> text(String name) {
        return first(name).map(String::strip).filter(value -> !value.isEmpty());
    }

    public List<String> all(String name) {
        return List.copyOf(values.getOrDefault(name, List.of()));
    }

    /** The same parameters without these. */
    public Parameters without(String... names) {
        Map<String, List<String>> fewer = new LinkedHashMap<>(values);
        fewer.keySet().removeAll(List.of(names));
        return new Parameters(fewer);
    }

    /** The same parameters without those that have no value. */
    public Parameters withValues() {
        // Nearly always all have one.
        if (!hasEmptyOnes()) {
            return this;
        }
        Map<String, List<String>> fewer = new LinkedHashMap<>();
        values.forEach((name, all) -> {
            List<String> kept = all.stream().filter(value -> !value.isEmpty()).toList();
            if (!kept.isEmpty()) {
                fewer.put(name, kept);
            }
        });
        return of(fewer);
    }

    private boolean hasEmptyOnes() {
        for (List<String> all : values.values()) {
            if (all.contains("")) {
                return true;
            }
        }
        return false;
    }

    public Set<String> names() {
        return Collections.unmodifiableSet(values.keySet());
    }

    public boolean has(String name) {
        return values.containsKey(name);
    }
}
