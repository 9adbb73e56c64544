package dev.latchkey.bench.chaos;

import dev.latchkey.bench.chaos.Step.Kind;
import java.util.List;

/** The databases of the nodes, and how they can be broken. */
sealed interface Ground extends AutoCloseable permits SqliteGround, PostgresqlGround {
    /** All nodes, started one after the other. */
    List<Actor> actors();

    /** How it can be broken here, apart from what happens to single nodes; the most revealing one first. */
    List<Kind> kinds();

    /** Breaks it, repairs it, and records both. */
    void perform(Step step);

    /** What had to be omitted on this machine, and why. */
    List<String> leftOut();

    @Override
    void close();
}
