package dev.latchkey.bench.chaos;

/**
 * A call of the management API that creates, ends or restores something.
 *
 * @param operation the name that its event has
 * @param said the beginning of the response if that was not a success
 */
record Change(Span time, String node, String operation, Thing thing, Effect effect, Answer answer, String said) {
    enum Effect {
        MAKES,
        ENDS,
        RESTORES
    }

    enum Answer {
        /** It was confirmed, so it is in effect from then on. */
        DONE,
        /** The response says that nothing changed. */
        REFUSED,
        /** Unknown: no response, or one that leaves it open. It may even take effect later. */
        UNKNOWN
    }

    /** Whether it may have happened. */
    boolean counts() {
        return answer != Answer.REFUSED;
    }

    @Override
    public String toString() {
        return time + ": " + operation + " at " + node + " " + effect + " " + thing + ": " + answer
                + (said.isEmpty() ? "" : ", " + said);
    }
}
