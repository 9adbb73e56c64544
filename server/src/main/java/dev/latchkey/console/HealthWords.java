package dev.latchkey.console;

import dev.latchkey.health.HealthReport;
import dev.latchkey.health.Node;
import dev.latchkey.health.Status;
import dev.latchkey.health.Topic;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Plain words for the health of the installation, and where to go from there. */
public final class HealthWords {
    private HealthWords() {}

    public static String of(Topic topic) {
        return switch (topic) {
            case NODES -> "Nodes";
            case VERSIONS -> "Version";
            case CLOCKS -> "Clocks";
            case DATABASE -> "Database";
            case HISTORY -> "History";
            case WITNESS -> "Witness";
            case BACKUP -> "Last backup";
            case SIGNING_KEYS -> "Signing keys";
            case LANES -> "Lanes";
        };
    }

    public static String of(Status status) {
        return switch (status) {
            case WELL -> "Well";
            case UNKNOWN -> "Not known";
            case ATTENTION -> "To do";
            case TROUBLE -> "Trouble";
        };
    }

    /** The badge's class. */
    public static String css(Status status) {
        return switch (status) {
            case WELL -> "ok";
            case UNKNOWN -> "off";
            case ATTENTION -> "warn";
            case TROUBLE -> "bad";
        };
    }

    /** All of it in one sentence. */
    public static String summary(HealthReport report) {
        return switch (report.status()) {
            case WELL, UNKNOWN -> "Everything that can be checked is well.";
            case ATTENTION ->
                "Everything works. " + Amounts.of(report.toDo(), "thing needs", "things need") + " your attention.";
            case TROUBLE ->
                "Something does not work. " + Amounts.of(report.toDo(), "thing needs", "things need")
                        + " your attention.";
        };
    }

    /** The page on which a person does something about it; null when there is none. */
    public static @Nullable String page(Topic topic) {
        return switch (topic) {
            case HISTORY -> Links.LOST_CHANGES;
            case SIGNING_KEYS -> "/signing-keys";
            default -> null;
        };
    }

    /** "0.3 s ahead", "12 ms behind". */
    public static String clock(Node node) {
        Duration ahead = node.clockAhead();
        if (ahead == null) {
            return "the same";
        }
        long millis = Math.abs(ahead.toMillis());
        String amount = millis < 1000 ? millis + " ms" : String.format(Locale.ENGLISH, "%,.1f s", millis / 1000.0);
        return millis == 0 ? "the same" : amount + (ahead.isNegative() ? " behind" : " ahead");
    }
}
