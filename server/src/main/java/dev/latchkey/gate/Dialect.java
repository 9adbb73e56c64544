package dev.latchkey.gate;

import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;

/**
 * How one kind of gateway asks over HTTP, and what it can read of an answer. A dialect reads exactly the fields that its
 * gateway sets itself and ignores those of other dialects, which may come from the caller. To add a dialect, write a class
 * and list it in {@link GateEndpoint}.
 */
interface Dialect {
    String BASE = "/gate/v1/";

    byte[] NO_BODY = {};

    /** The path below which its gateways ask. */
    String path();

    /**
     * The request that the gateway asks about.
     *
     * @param question the gateway's own request
     * @param certificates what the caller presented, as the gateway says
     */
    ForeignRequest read(Request question, List<X509Certificate> certificates);

    /** Tells the gateway to pass the request on, and what its caller may be told with the answer. */
    default Response allow(Decision.Allowed allowed) {
        return new Response(
                200,
                Stream.concat(Answer.fields(allowed).stream(), Answer.forCaller(allowed).stream())
                        .toList(),
                NO_BODY);
    }

    /**
     * Tells the gateway to refuse the request.
     *
     * @param refusal the answer meant for the caller
     */
    default Response refuse(Response refusal) {
        return refusal;
    }
}
