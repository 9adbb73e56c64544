package dev.latchkey.blueprint;

import dev.latchkey.blueprint.UnusableBlueprintException.Fault;
import dev.latchkey.problem.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Collects everything that is wrong with a blueprint's values, so that people see all of it at once. */
final class Faults {
    private final Blueprint blueprint;
    private final List<Fault> faults = new ArrayList<>();

    Faults(Blueprint blueprint) {
        this.blueprint = blueprint;
    }

    /** @param path the names and indexes that lead to the value */
    void add(String message, Object... path) {
        faults.add(new Fault(blueprint.place(path), message));
    }

    /** What the rules of the server refuse, each error at the value that it is about, if that can be told. */
    void add(Problem problem, Object... path) {
        if (problem.errors().isEmpty()) {
            add(problem.detail(), path);
        }
        problem.errors()
                .forEach(error -> add(error.message(), with(path, error.field().split("\\.", -1))));
    }

    private static Object[] with(Object[] path, String[] more) {
        Object[] longer = Arrays.copyOf(path, path.length + more.length);
        System.arraycopy(more, 0, longer, path.length, more.length);
        return longer;
    }

    /** @throws UnusableBlueprintException when there are any */
    void throwIfAny() {
        if (!faults.isEmpty()) {
            throw new UnusableBlueprintException(blueprint.file(), faults);
        }
    }
}
