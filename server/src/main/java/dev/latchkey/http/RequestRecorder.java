package dev.latchkey.http;

/** Records each request that a server answers. It is on the path of every request, so it neither waits nor writes. */
@FunctionalInterface
public interface RequestRecorder {
    /** Records the requests of one route. */
    @FunctionalInterface
    interface OfRoute {
        OfRoute NONE = (status, nanos) -> {};

        /**
         * A request was answered.
         *
         * @param status the status of the response
         * @param nanos the time from the request's header fields to its response, in nanoseconds
         */
        void answered(int status, long nanos);
    }

    /** Records nothing. */
    RequestRecorder NONE = (method, template) -> OfRoute.NONE;

    /** The method of the routes that are answered whatever their method is. */
    String ANY_METHOD = "any";

    /** The template of the requests that no route matches. */
    String NO_ROUTE = "other";

    /**
     * What records the requests of a route. Called once for each route, when the routes are built.
     *
     * @param method as the route declares it; callers may send others
     * @param template the path, with its parameters as placeholders
     */
    OfRoute route(String method, String template);
}
