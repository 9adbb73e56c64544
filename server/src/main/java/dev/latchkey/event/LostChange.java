package dev.latchkey.event;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A change that was answered and that the database no longer has: the event that it left, and what became of it.
 *
 * @param id the hash of the lost event
 * @param event as it was written; its sequence may belong to another event now
 * @param settledAt when it left the state {@code open}; null while it is open
 * @param settledBy who or what settled it
 */
public record LostChange(
        String id,
        Event event,
        Instant noticedAt,
        State state,
        @Nullable Instant settledAt,
        @Nullable String settledBy) {

    /** What became of it. */
    public enum State {
        /** A person must look at it. */
        OPEN,
        /** It had ended something, and Latchkey has ended that again. */
        ENDED_AGAIN,
        /** Nothing needs doing: it changed nothing, or it happens again automatically. */
        NOT_NEEDED,
        /** A person has made the change again. */
        MADE_AGAIN,
        /** A person has looked at it, and nothing more needs doing. */
        DONE;

        /** Its public name. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Optional<State> of(String text) {
            return Stream.of(values())
                    .filter(state -> state.text().equals(text))
                    .findFirst();
        }
    }
}
