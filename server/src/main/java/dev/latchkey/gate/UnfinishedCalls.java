package dev.latchkey.gate;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Calls over gRPC that have begun and whose message is not here. A call that never brings it takes memory until its
 * connection ends, so there are only so many of them, each for a while.
 */
final class UnfinishedCalls implements AutoCloseable {
    private static final int MOST = 10_000;
    private static final long LOOKS_EACH_MILLIS = 1_000;

    /** One of them. */
    static final class Entry {
        private final ServerCall<?, ?> call;
        private final long began = System.nanoTime();

        private Entry(ServerCall<?, ?> call) {
            this.call = call;
        }
    }

    private final Set<Entry> entries = ConcurrentHashMap.newKeySet();
    private final Thread watch;

    /** @param time how long a call may take to bring its message */
    UnfinishedCalls(Duration time) {
        watch = Thread.ofVirtual().name("grpc-watch").start(() -> giveUpLate(time));
    }

    /** The call has begun; it is refused when there are too many. */
    Entry begins(ServerCall<?, ?> call) {
        Entry entry = new Entry(call);
        entries.add(entry);
        if (entries.size() > MOST) {
            giveUp(entry, Status.UNAVAILABLE);
        }
        return entry;
    }

    /** The message is here, or nobody waits for it any more; false when the call was given up before. */
    boolean ends(Entry entry) {
        return entries.remove(entry);
    }

    private void giveUpLate(Duration time) {
        long lookMillis = Math.min(LOOKS_EACH_MILLIS, Math.max(1, time.toMillis() / 4));
        while (true) {
            try {
                Thread.sleep(lookMillis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            long now = System.nanoTime();
            for (Entry entry : entries) {
                if (now - entry.began > time.toNanos()) {
                    giveUp(entry, Status.DEADLINE_EXCEEDED);
                }
            }
        }
    }

    private void giveUp(Entry entry, Status status) {
        if (entries.remove(entry)) {
            entry.call.close(status, new Metadata());
        }
    }

    @Override
    public void close() {
        watch.interrupt();
    }
}
