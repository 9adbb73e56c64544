package dev.latchkey.event;

/**
 * What an event is about.
 *
 * @param name how people knew it when it happened
 */
public record Target(TargetKind kind, String id, String name) {

    /** A thing that is known by nothing but its name. */
    public static Target named(TargetKind kind, String name) {
        return new Target(kind, name, name);
    }
}
