package dev.latchkey.event;

/**
 * What an event is about.
 *
 * @param name its name for people when it happened
 */
public record Target(TargetKind kind, String id, String name) {

    /** A target that has no id other than its name. */
    public static Target named(TargetKind kind, String name) {
        return new Target(kind, name, name);
    }
}
