package dev.latchkey.limit;

/**
 * What is counted together.
 *
 * @param id the client id, also for a role, or the name of the API; empty for the account
 */
record Key(Whose whose, String id, Measure measure) {
    static Key of(Limited limited, Measure measure) {
        return new Key(limited.whose(), limited.id(), measure);
    }

    /** The name of the limit for programs, such as {@code token-per-day}. */
    String policy() {
        return whose.text() + "-" + measure.text();
    }
}
