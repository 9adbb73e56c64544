package dev.latchkey.apitoken;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The place of a claim: its name, or a JSON pointer (RFC 6901) when the text begins with a slash.
 *
 * @param parts from the outermost inwards
 */
public record ClaimPath(List<String> parts) {
    /** RFC 6901 section 3: a tilde is the beginning of ~0 or ~1. */
    private static final Pattern POINTER = Pattern.compile("(/([^/~]|~[01])*)+");

    /** RFC 6901 section 4. */
    private static final Pattern INDEX = Pattern.compile("0|[1-9][0-9]{0,8}");

    /**
     * Reads a name or a pointer.
     *
     * @throws IllegalArgumentException when it begins with a slash and is not a pointer
     */
    public static ClaimPath parse(String text) {
        if (!text.startsWith("/")) {
            return new ClaimPath(List.of(text));
        }
        if (!POINTER.matcher(text).matches()) {
            throw new IllegalArgumentException("not a JSON pointer");
        }
        return new ClaimPath(Arrays.stream(text.substring(1).split("/", -1))
                .map(part -> part.replace("~1", "/").replace("~0", "~"))
                .toList());
    }

    /** The claim's value; null when it is absent. */
    public @Nullable Object in(Map<String, Object> claims) {
        Object value = claims;
        for (String part : parts) {
            value = switch (value) {
                case Map<?, ?> map -> map.get(part);
                case List<?> list
                when INDEX.matcher(part).matches() && Integer.parseInt(part) < list.size() ->
                    list.get(Integer.parseInt(part));
                case null, default -> null;
            };
        }
        return value;
    }
}
