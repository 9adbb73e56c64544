package dev.latchkey.console;

import dev.latchkey.apitoken.Count;
import dev.latchkey.event.Event;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What people see first, as far as they may see it.
 *
 * @param steps the way to the first guarded call; empty unless the installation is fresh
 * @param calls those of the last day; null for people who may not see them
 * @param tiles the tokens by state; empty for people who may not see them
 * @param looks what needs a look; null for people who may not see any of it
 * @param events the newest ones; null for people who may not see them
 */
public record Overview(
        List<FirstStep> steps,
        @Nullable UsageSeries calls,
        List<Tile> tiles,
        @Nullable List<Look> looks,
        Related.@Nullable Newest<Event> events) {

    /**
     * A step to the first guarded call.
     *
     * @param href where it is taken
     * @param isDone whether someone has taken it
     */
    public record FirstStep(String title, String text, String href, boolean isDone) {}

    /** How many tokens are in a state. */
    public record Tile(String label, Count count, String href) {}

    /**
     * Something that needs a look.
     *
     * @param count in words, or how it is
     * @param css the class of its badge
     */
    public record Look(String label, String count, String text, String href, String css) {}

    public boolean hasSteps() {
        return !steps.isEmpty();
    }

    public long stepsDone() {
        return steps.stream().filter(FirstStep::isDone).count();
    }

    /** Whether there is nothing that the person may see. */
    public boolean isEmpty() {
        return calls == null && tiles.isEmpty() && looks == null && events == null;
    }
}
