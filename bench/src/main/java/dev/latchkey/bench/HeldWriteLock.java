package dev.latchkey.bench;

import java.util.List;

/** Another process that holds the writers' lock: SQLite's own, or the one that the nodes take on PostgreSQL. */
final class HeldWriteLock implements Disturbance {
    /** Latchkey's own, which is the same for all its nodes. */
    private static final String WRITER_LOCK = "select pg_advisory_lock(" + 0x6c61_7463_686b_6579L + ")";

    @Override
    public String name() {
        return "write-lock";
    }

    @Override
    public String title(Size size) {
        return "a held write lock";
    }

    @Override
    public Going begin(Scene scene) {
        return HeldLock.begin(
                scene,
                switch (scene.ground().engine()) {
                    case SQLITE -> List.of("pragma busy_timeout = 10000", "begin immediate");
                    case POSTGRESQL -> List.of(WRITER_LOCK);
                });
    }
}
