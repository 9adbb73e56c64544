package dev.latchkey.oauth;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All grants, by their {@code grant_type}. */
public final class Grants {
    private final Map<String, Grant> byType = new LinkedHashMap<>();

    /** @param grants in the order of our metadata */
    public Grants(Grant... grants) {
        for (Grant grant : grants) {
            byType.put(grant.type(), grant);
        }
    }

    /** In the order of our metadata. */
    public List<String> types() {
        return List.copyOf(byType.keySet());
    }

    /** The parameters of all grants. */
    Stream<String> parameters() {
        return byType.values().stream().flatMap(grant -> grant.parameters().stream());
    }

    /** The grant of this type; null when there is none. */
    @Nullable Grant find(String type) {
        return byType.get(type);
    }
}
