package dev.latchkey.verifier;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who calls, as far as this is known. */
sealed interface Identity {

    /** @param limit the privileges to which the program limited its access token; null when it did not */
    record Known(Client client, @Nullable Set<String> limit) implements Identity {}

    /** The call has no credential. */
    record Anonymous() implements Identity {}

    /**
     * The credential is not valid.
     *
     * @param reason may be shown to the caller
     */
    record Refused(String reason) implements Identity {}

    /**
     * The credential is valid, and a limit of calls refuses this one.
     *
     * @param retryAfter after how many seconds there is room for a call
     */
    record Limited(String reason, long retryAfter) implements Identity {}

    /** Latchkey has to be asked and does not answer. */
    record Unknowable() implements Identity {}
}
