package dev.latchkey.blueprint;

import dev.latchkey.limit.CallLimits;
import dev.latchkey.problem.Json;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How much may be called, in a blueprint: the same members as in the management API. */
final class LimitsPart {
    private LimitsPart() {}

    /** @param members null for no limits */
    static CallLimits read(@Nullable Object members) {
        return members == null ? CallLimits.NONE : Json.readText(Json.writeText(members), CallLimits.class);
    }

    /** Null when there are none. */
    static @Nullable Map<?, ?> written(CallLimits limits) {
        return limits.areNone() ? null : Json.readText(Json.writeText(limits), LinkedHashMap.class);
    }

    /** @param path leads to what has the limits */
    static void check(Faults faults, CallLimits limits, Object... path) {
        limits.errors("").forEach(error -> {
            Object[] field = Arrays.copyOf(path, path.length + 2);
            field[path.length] = Format.LIMITS;
            field[path.length + 1] = error.field();
            faults.add(error.message(), field);
        });
    }
}
