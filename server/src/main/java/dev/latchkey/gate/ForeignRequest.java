package dev.latchkey.gate;

import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoints;
import dev.latchkey.access.McpCall;
import dev.latchkey.access.McpFields;
import dev.latchkey.access.Meaning;
import dev.latchkey.event.Origin;
import dev.latchkey.http.Headers;
import dev.latchkey.http.Request;
import dev.latchkey.oauth.DpopProofs;
import dev.latchkey.path.MethodOverride;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request to a registered API, as its gateway describes it.
 *
 * @param api the API that the gateway protects; null when host and path identify it
 * @param host as sent, with its port; null when the gateway does not tell it
 * @param method as sent
 * @param target path and query as sent and as they will be passed on
 * @param otherMethods every method that a field asks for instead of the method ({@link MethodOverride})
 * @param origin who sent it
 */
public record ForeignRequest(
        @Nullable String api,
        @Nullable String host,
        String method,
        String target,
        List<String> otherMethods,
        Credentials credentials,
        Origin origin) {

    /**
     * What the caller presents to identify itself.
     *
     * @param fields the caller's header fields
     * @param certificates the caller's TLS certificate, as a trusted gateway passes it on (RFC 8705); empty for none
     * @param removableFromQuery whether the gateway can remove a parameter from the query before it passes the request on
     */
    public record Credentials(Headers fields, List<X509Certificate> certificates, boolean removableFromQuery) {

        Optional<String> authorization() {
            return fields.first("Authorization");
        }

        /** The DPoP fields, which prove that the access token is the caller's own (RFC 9449). */
        List<String> proofs() {
            return fields.all(DpopProofs.FIELD);
        }

        @Override
        public String toString() {
            // They stay out of logs.
            return "Credentials";
        }
    }

    /** The request itself, for an API in this process that no gateway protects. */
    public static ForeignRequest direct(String api, Request request) {
        return of(request, request.clientCertificates(), api, null, request.method(), request.target());
    }

    /**
     * A request that an API asks about itself, whose credential it passes on apart from it.
     *
     * @param origin who sent it to the API, as the API says
     */
    static ForeignRequest relayed(String api, String method, String target, Origin origin) {
        return new ForeignRequest(
                api, null, method, target, List.of(), new Credentials(Headers.of(Map.of()), List.of(), false), origin);
    }

    /**
     * A request that a gateway asks about over HTTP: credentials and overridden methods are in the fields of the gateway's own
     * request, because every gateway leaves them there.
     *
     * @param certificates the caller's, as the gateway passes them on
     */
    static ForeignRequest of(
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
                otherMethods(question.headers()),
                new Credentials(question.headers(), certificates, false),
                new Origin(question.remoteAddress(), question.userAgent()));
    }

    /** The same from a gateway that can remove a parameter from the query before it passes the request on. */
    ForeignRequest removableFromQuery() {
        return new ForeignRequest(
                api,
                host,
                method,
                target,
                otherMethods,
                new Credentials(credentials.fields(), credentials.certificates(), true),
                origin);
    }

    /** Which endpoint of the API it is for. */
    Meaning meaning(Api called) {
        Endpoints endpoints = called.endpoints();
        return endpoints.find(method, target, otherMethods, endpoints.mcp() == null ? McpFields.NONE : mcpFields());
    }

    /** What it asks of the API's MCP server; empty when it asks nothing of one. */
    Optional<McpCall> call(Api called) {
        return called.endpoints().call(method, target, mcpFields());
    }

    private McpFields mcpFields() {
        Headers fields = credentials.fields();
        return new McpFields(fields.all(McpFields.VERSION), fields.all(McpFields.METHOD), fields.all(McpFields.NAME));
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
        // The credentials stay out of logs.
        return method + " for " + api;
    }
}
