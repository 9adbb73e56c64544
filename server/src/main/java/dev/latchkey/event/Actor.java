package dev.latchkey.event;

import org.jspecify.annotations.Nullable;

/** Who acts, and from where. */
public sealed interface Actor {

    /** {@code person}, {@code program} or {@code system}: the first word of the log's own column. */
    String kind();

    String id();

    /** How people know the actor: an email, a token's description, a part of Latchkey. */
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
        public String kind() {
            return "person";
        }
    }

    /** A program that calls with an access token; its id is the API token's client id. */
    record Program(
            String id,
            String name,
            @Nullable String role,
            @Nullable Origin origin) implements Actor {
        @Override
        public String kind() {
            return "program";
        }
    }

    /**
     * Latchkey itself: set-up, housekeeping, commands.
     *
     * @param name the part that acts, such as {@code setup}
     */
    record System(String name, @Nullable Origin origin) implements Actor {
        @Override
        public String kind() {
            return "system";
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
