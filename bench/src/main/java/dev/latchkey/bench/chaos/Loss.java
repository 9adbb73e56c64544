package dev.latchkey.bench.chaos;

/**
 * The database went back: a standby that lagged behind was promoted, or an old copy was restored.
 *
 * @param keeps changes confirmed before this moment are certainly still in it
 * @param from no node can have read the older state before this moment
 * @param to from this moment on the database serves again
 */
record Loss(String how, long keeps, long from, long to) {
    @Override
    public String toString() {
        return Span.seconds(from) + " to " + Span.seconds(to) + ": " + how + ", back to " + Span.seconds(keeps);
    }
}
