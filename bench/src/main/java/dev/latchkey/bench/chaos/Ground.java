package dev.latchkey.bench.chaos;

import dev.latchkey.bench.chaos.Step.Kind;
import java.util.List;

/** What the nodes stand on, and how it can be broken. */
sealed interface Ground extends AutoCloseable permits SqliteGround, PostgresqlGround {
    /** All nodes, started one after the other. */
    List<Actor> actors();

    /** How it can be broken here, beside what happens to single nodes; the most telling one first. */
    List<Kind> kinds();

    /** Breaks it, mends it, and records both. */
    void perform(Step step);

    /** What had to be left out on this machine, and why. */
    List<String> leftOut();

    @Override
    void close();
}
