package dev.latchkey;

import dev.latchkey.client.FailedCallException;
import dev.latchkey.database.Reason;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Says which rows of a {@link KeyFile} were refused and why: all of them in a file next to it, and how many for each reason. */
final class KeyImportReport {
    private static final int MOST_REASONS = 20;

    private final Path place;
    private final Map<String, Refused> reasons = new LinkedHashMap<>();

    /**
     * @param file with the keys
     * @param dryRun whether the report is that of a dry run, which leaves that of an interrupted import alone
     * @param resumed whether the report continues that of an interrupted import
     */
    KeyImportReport(Path file, boolean dryRun, boolean resumed) {
        this.place = file.resolveSibling(file.getFileName() + (dryRun ? ".dry-run.csv" : ".refused.csv"));
        if (!resumed) {
            try {
                Files.deleteIfExists(place);
            } catch (IOException e) {
                throw unwritable(e);
            }
        }
    }

    /** How many rows have one reason, and the line of the first. */
    private record Refused(long number, long firstLine) {}

    /** A row that was refused. */
    record Line(long line, String reason) {}

    Path place() {
        return place;
    }

    void add(List<Line> refused) {
        if (refused.isEmpty()) {
            return;
        }
        List<String> written = new ArrayList<>();
        if (!Files.exists(place)) {
            written.add("line,reason");
        }
        for (Line each : refused) {
            written.add(each.line() + ",\"" + each.reason().replace("\"", "\"\"") + "\"");
            count(each);
        }
        try {
            Files.write(place, written, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private void count(Line refused) {
        Refused known = reasons.get(refused.reason());
        // Only as many reasons as are printed, and one more, which shows that there are others.
        if (known != null || reasons.size() <= MOST_REASONS) {
            reasons.put(
                    refused.reason(),
                    known == null
                            ? new Refused(1, refused.line())
                            : new Refused(known.number() + 1, known.firstLine()));
        }
    }

    /** Prints the reasons that this run found. */
    void print(PrintStream out) {
        reasons.entrySet().stream()
                .limit(MOST_REASONS)
                .forEach(each -> out.println("  " + each.getValue().number() + " x " + each.getKey()
                        + " (first on line " + each.getValue().firstLine() + ")"));
        if (reasons.size() > MOST_REASONS) {
            out.println("  and others");
        }
    }

    private FailedCallException unwritable(IOException e) {
        return FailedCallException.impossible("The report " + place + " cannot be written (" + Reason.ofFile(e) + ").");
    }
}
