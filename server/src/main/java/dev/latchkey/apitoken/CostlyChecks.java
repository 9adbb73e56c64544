package dev.latchkey.apitoken;

import dev.latchkey.lane.Lane;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Runs those checks of a proof that cost more than a hash: at once, or in line after earlier failures of the same sender. Only
 * computation belongs here: a check that waits for something else would make all others wait.
 */
public final class CostlyChecks {
    private final BooleanSupplier isDoubtful;
    private final Lane line;

    CostlyChecks(BooleanSupplier isDoubtful, Lane line) {
        this.isDoubtful = isDoubtful;
        this.line = line;
    }

    public <T> T run(Supplier<T> check) {
        return isDoubtful.getAsBoolean() ? line.run(check) : check.get();
    }
}
