package dev.latchkey.bench.chaos;

/**
 * The database went back: a standby that lagged behind was promoted, or an old copy was restored.
 *
 * @param keeps what was answered before this moment is surely still in it
 * @param from before this moment no node can have read the older state
 * @param to from this moment on the database serves again
 */
record Loss(String how, long keeps, long from, long to) {
    @Override
    public String toString() {
        return Span.seconds(from) + " to " + Span.seconds(to) + ": " + how + ", back to " + Span.seconds(keeps);
    }
}
