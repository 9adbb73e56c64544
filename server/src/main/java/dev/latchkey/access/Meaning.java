package dev.latchkey.access;

/** What a request means to an API: one of its endpoints, or nothing that may be passed on. */
public sealed interface Meaning permits Endpoint, Meaning.NoEndpoint, Meaning.Doubtful {

    /** No endpoint takes it. */
    record NoEndpoint() implements Meaning {}

    /**
     * Programs on the way may disagree about which endpoint it is.
     *
     * @param reason continues "The request is refused because ..."
     */
    record Doubtful(String reason) implements Meaning {}
}
