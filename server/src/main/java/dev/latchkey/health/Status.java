package dev.latchkey.health;

import java.util.Collection;
import java.util.Comparator;

/** How something is, the best first. */
public enum Status {
    WELL,
    /** There is nothing to say, and maybe nothing to do. */
    UNKNOWN,
    /** It works, but a person should do something about it. */
    ATTENTION,
    /** Something does not work now. */
    TROUBLE;

    /** The status in the management API. */
    public String text() {
        return switch (this) {
            case WELL -> "well";
            case UNKNOWN -> "unknown";
            case ATTENTION -> "attention";
            case TROUBLE -> "trouble";
        };
    }

    /** The status of the whole, whose parts have these; what is unknown does not make the whole unknown. */
    static Status ofAll(Collection<Status> parts) {
        return parts.stream()
                .filter(part -> part != UNKNOWN)
                .max(Comparator.naturalOrder())
                .orElse(WELL);
    }
}
