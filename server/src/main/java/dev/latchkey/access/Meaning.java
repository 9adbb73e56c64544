package dev.latchkey.access;

/** What a request means to an API: one of its endpoints, or the reason why it must not be passed on. */
public sealed interface Meaning permits Endpoint, Meaning.NoEndpoint, Meaning.Doubtful {

    /** No endpoint matches it. */
    record NoEndpoint() implements Meaning {}

    /**
     * Programs on its way may disagree about which endpoint it is for.
     *
     * @param reason continues "The request is refused because ..."
     */
    record Doubtful(String reason) implements Meaning {}
}
