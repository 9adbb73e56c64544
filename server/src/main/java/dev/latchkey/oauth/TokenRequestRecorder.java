package dev.latchkey.oauth;

/**
 * Records how each token request ended. It is on the path of every request, so it neither waits nor writes. All texts are
 * from small known sets.
 */
@FunctionalInterface
public interface TokenRequestRecorder {
    /** Records nothing. */
    TokenRequestRecorder NONE = (grant, method, outcome, nanos) -> {};

    /** A {@code grant_type} that is not supported, or none. */
    String OTHER_GRANT = "other";

    /** The method of a request that sends nothing to authenticate its client. */
    String NO_METHOD = "none";

    /** The outcome of a request that got an access token. Refused ones have the error code of RFC 6749. */
    String ISSUED = "issued";

    /** The outcome of a request that was refused because of the load, or because the database does not answer. */
    String UNAVAILABLE = "unavailable";

    /** The outcome of a request that ended with an error of ours. */
    String FAILED = "failed";

    /**
     * A token request ended.
     *
     * @param grant the {@code grant_type}
     * @param method the method of client authentication that was tried, as our metadata names it
     * @param nanos how long it took, in nanoseconds
     */
    void answered(String grant, String method, String outcome, long nanos);
}
