package dev.latchkey.event;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Who acts, and the origin of the request. */
public sealed interface Actor {

    /** The kinds of actors. */
    enum Kind {
        PERSON,
        PROGRAM,
        SYSTEM;

        /** Its public name, which is also in the log's own column. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    Kind kind();

    String id();

    /** The actor's name for people: an email, a token's description, a part of Latchkey. */
    String name();

    /** The role the actor acts with; none for the system. */
    @Nullable String role();

    @Nullable Origin origin();

    /** A person signed in to the console. */
    record Person(
            String id,
            String name,
            @Nullable String role,
            @Nullable Origin origin) implements Actor {
        @Override
        public Kind kind() {
            return Kind.PERSON;
        }
    }

    /** A program that calls with an access token. Its id is the client id of the API token. */
    record Program(
            String id,
            String name,
            @Nullable String role,
            @Nullable Origin origin) implements Actor {
        @Override
        public Kind kind() {
            return Kind.PROGRAM;
        }
    }

    /**
     * Latchkey itself: setup, housekeeping, commands.
     *
     * @param name the part that acts, such as {@code setup}
     */
    record System(String name, @Nullable Origin origin) implements Actor {
        @Override
        public Kind kind() {
            return Kind.SYSTEM;
        }

        @Override
        public String id() {
            return name;
        }

        @Override
        public @Nullable String role() {
            return null;
        }
    }
}
