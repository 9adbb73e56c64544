package dev.latchkey.blueprint;

import dev.latchkey.access.Privilege;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a file says there should be, and where it says so.
 *
 * @param file the name by which people know it
 * @param root its members, of the shape that the format declares
 * @param places where each value is, by the names and indexes that lead to it
 */
record Blueprint(String file, Map<String, Object> root, Map<List<Object>, Place> places) {

    /** Marks what it makes. */
    String name() {
        return String.valueOf(root.get(Format.NAME));
    }

    /** The members of a part such as {@code roles}; empty when it is absent. */
    Map<String, Object> part(String name) {
        return members(root.get(name));
    }

    /** The API tokens in the order of the file. */
    List<Map<String, Object>> tokens() {
        List<Map<String, Object>> tokens = new ArrayList<>();
        items(root.get(Format.TOKENS)).forEach(token -> tokens.add(members(token)));
        return tokens;
    }

    /** Where the value at the end of the path is, or the part around it that is in the file. */
    Place place(Object... path) {
        for (int length = path.length; length > 0; length--) {
            Place place = places.get(List.of(path).subList(0, length));
            if (place != null) {
                return place;
            }
        }
        return Place.START;
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> members(@Nullable Object value) {
        return value == null ? Map.of() : (Map<String, Object>) value;
    }

    static List<?> items(@Nullable Object value) {
        return value instanceof List<?> items ? items : List.of();
    }

    /** The privileges in a list for each API. */
    static SortedSet<Privilege> privileges(@Nullable Object byApi) {
        SortedSet<Privilege> privileges = new TreeSet<>();
        members(byApi)
                .forEach((api, names) ->
                        items(names).forEach(name -> privileges.add(new Privilege(api, String.valueOf(name)))));
        return privileges;
    }
}
