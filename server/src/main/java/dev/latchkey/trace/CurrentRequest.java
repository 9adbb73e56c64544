package dev.latchkey.trace;

import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The request that a thread works for: its id, which its log lines, events and problem documents carry, and its trace, if it
 * has one. It is bound to the thread for the duration of the work, and a lane binds it again to the thread that does the work.
 */
public final class CurrentRequest {
    private static final ScopedValue<CurrentRequest> CURRENT = ScopedValue.newInstance();

    private final String id;
    private @Nullable Recording recording;
    private @Nullable String clientId;

    public CurrentRequest(String id) {
        this.id = id;
    }

    /** The request that the calling thread works for; null when there is none. */
    public static @Nullable CurrentRequest get() {
        return CURRENT.isBound() ? CURRENT.get() : null;
    }

    /** The id of the request that the calling thread works for. */
    public static Optional<String> currentId() {
        return CURRENT.isBound() ? Optional.of(CURRENT.get().id) : Optional.empty();
    }

    /** Does the work on the calling thread, for this request. */
    public <T extends @Nullable Object> T during(Supplier<T> work) {
        return ScopedValue.where(CURRENT, this).call(work::get);
    }

    public String id() {
        return id;
    }

    /** From now on its steps are part of a trace. */
    public void isRecordedBy(Recording trace) {
        recording = trace;
    }

    /** Its part of a trace; null for most requests. */
    public @Nullable Recording recording() {
        return recording;
    }

    /**
     * Notes whose credential the current request carries, once that is proved. The first one counts: some callers ask about
     * the credentials of others.
     */
    public static void isBy(String client) {
        CurrentRequest request = get();
        if (request != null && request.clientId == null) {
            request.clientId = client;
        }
    }

    /** The client id of the API token with which it was made, once that is proved; null when it is not known. */
    public @Nullable String clientId() {
        return clientId;
    }

    /** Does a part of the current request whose time its trace shows, if it has one: a look-up, a signature, a decision. */
    public static <T extends @Nullable Object> T step(String name, Supplier<T> work) {
        Recording trace = CURRENT.isBound() ? CURRENT.get().recording : null;
        return trace == null ? work.get() : trace.step(name, work);
    }
}
