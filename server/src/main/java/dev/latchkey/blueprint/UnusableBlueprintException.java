package dev.latchkey.blueprint;

import java.util.List;
import java.util.stream.Collectors;

/** Everything that is wrong with a blueprint, a line for each fault, in the order of the file. */
final class UnusableBlueprintException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** One thing that is wrong, in a sentence. */
    record Fault(Place place, String message) {}

    UnusableBlueprintException(String file, List<Fault> faults) {
        super(faults.stream()
                .sorted((a, b) -> a.place().compareTo(b.place()))
                .map(fault ->
                        file + ":" + fault.place().line() + ":" + fault.place().column() + ": " + fault.message())
                .distinct()
                .collect(Collectors.joining("\n")));
    }
}
