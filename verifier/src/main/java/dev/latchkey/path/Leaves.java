package dev.latchkey.path;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The leaves at one place, by method; there are few of them. */
final class Leaves<T> {
    private final String[] methods;
    private final Leaf<T>[] leaves;

    @SuppressWarnings("unchecked")
    Leaves(Map<String, Leaf<T>> byMethod) {
        methods = byMethod.keySet().toArray(new String[0]);
        leaves = byMethod.values().toArray(new Leaf[0]);
    }

    @Nullable Leaf<T> of(String method) {
        for (int i = 0; i < methods.length; i++) {
            if (methods[i].equals(method)) {
                return leaves[i];
            }
        }
        return null;
    }

    List<String> methods() {
        return List.of(methods);
    }
}
