package dev.latchkey.apitoken;

import dev.latchkey.lane.Lane;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Does what costs more than a hash in checking a proof: at once, or in line when whoever sends it failed before. Only
 * computing belongs in here. Whoever waits in it for something from elsewhere lets all others wait.
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
