package dev.latchkey.gate;

import dev.latchkey.event.Origin;
import dev.latchkey.http.Headers;
import dev.latchkey.http.Request;
import dev.latchkey.oauth.DpopProofs;
import dev.latchkey.path.MethodOverride;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request to somebody's API, as a gateway tells it.
 *
 * @param api the API that the gateway stands before; null when it is to be found by host and path
 * @param host as sent, with its port; null when the gateway does not say
 * @param method as sent
 * @param target path and query as sent and as they will be passed on
 * @param authorization the Authorization field
 * @param proofs the DPoP fields, which show that the access token is the caller's own (RFC 9449)
 * @param certificates the caller's TLS certificate, as a trusted gateway tells it (RFC 8705); empty for none
 * @param otherMethods every method that a field says to be meant instead of the method
 * @param origin who sent it
 */
public record ForeignRequest(
        @Nullable String api,
        @Nullable String host,
        String method,
        String target,
        Optional<String> authorization,
        List<String> proofs,
        List<X509Certificate> certificates,
        List<String> otherMethods,
        Origin origin) {

    /**
     * One that a gateway asks about over HTTP: what every dialect leaves in the fields of the question itself comes from there.
     *
     * @param certificates the caller's, as the gateway tells them
     */
    static ForeignRequest told(
            Request question,
            List<X509Certificate> certificates,
            @Nullable String api,
            @Nullable String host,
            String method,
            String target) {
        return new ForeignRequest(
                api,
                host,
                method,
                target,
                question.header("Authorization"),
                question.headers().all(DpopProofs.FIELD),
                certificates,
                otherMethods(question.headers()),
                new Origin(question.remoteAddress(), question.userAgent()));
    }

    private static List<String> otherMethods(Headers headers) {
        List<String> others = new ArrayList<>();
        for (String name : MethodOverride.FIELDS) {
            others.addAll(headers.all(name));
        }
        return others;
    }

    @Override
    public String toString() {
        // The credential stays out of logs.
        return method + " for " + api;
    }
}
