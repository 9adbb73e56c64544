package dev.latchkey.event;

import org.jspecify.annotations.Nullable;

/** Finds out what another history has lost, and ends again what had been ended. */
@FunctionalInterface
public interface Recovery {
    /**
     * @param held the last event that this node knew
     * @param witness this node's witness, which has the events before; null when there is none
     * @return the last event that is known to be in both histories
     */
    Position recover(Position held, @Nullable Witness witness);
}
