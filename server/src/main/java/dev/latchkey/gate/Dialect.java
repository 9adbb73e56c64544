package dev.latchkey.gate;

import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * How one kind of gateway asks over HTTP, and what it can read of an answer. It reads exactly the fields that its gateway sets
 * itself; a field of another dialect may come from the caller and counts for nothing. Another dialect is another class, and a
 * line in {@link GateEndpoint}.
 */
interface Dialect {
    String BASE = "/gate/v1/";

    byte[] NO_BODY = {};

    /** Below which path its gateways ask. */
    String path();

    /**
     * The request that the gateway asks about.
     *
     * @param question how it asks
     * @param certificates what the gateway says that the caller showed
     */
    ForeignRequest read(Request question, List<X509Certificate> certificates);

    /** Let it pass. */
    default Response allow(Decision.Allowed allowed) {
        return new Response(200, Answer.fields(allowed), NO_BODY);
    }

    /** @param refusal as programs get it */
    default Response refuse(Response refusal) {
        return refusal;
    }
}
