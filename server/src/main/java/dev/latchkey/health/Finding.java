package dev.latchkey.health;

import org.jspecify.annotations.Nullable;

/**
 * What was found about one topic, in words.
 *
 * @param found one or two sentences
 * @param toDo what a person should do about it; null when there is nothing to do
 */
public record Finding(
        Topic topic, Status status, String found, @Nullable String toDo) {

    /** The same with another sentence. */
    Finding with(String otherWords) {
        return new Finding(topic, status, otherWords, toDo);
    }

    static Finding well(Topic topic, String found) {
        return new Finding(topic, Status.WELL, found, null);
    }

    static Finding unknown(Topic topic, String found, String toDo) {
        return new Finding(topic, Status.UNKNOWN, found, toDo);
    }

    static Finding attention(Topic topic, String found, String toDo) {
        return new Finding(topic, Status.ATTENTION, found, toDo);
    }

    static Finding trouble(Topic topic, String found, String toDo) {
        return new Finding(topic, Status.TROUBLE, found, toDo);
    }
}
