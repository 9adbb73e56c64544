package dev.latchkey.gate;

import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import java.security.cert.X509Certificate;
import java.util.List;

/** Envoy's HTTP check: the caller's request without its body, sent below a path of ours. */
final class EnvoyHttpDialect implements Dialect {
    private static final String PATH = BASE + "envoy";

    /** Stands for the API's name when host and path identify the API. */
    private static final String UNNAMED = "-";

    @Override
    public String path() {
        return PATH;
    }

    /** Envoy removes the fields that this one names before it passes the request on. */
    @Override
    public Response allow(Decision.Allowed allowed) {
        Response response = Dialect.super.allow(allowed);
        Presented presented = allowed.presented();
        return presented == null || presented.fields().isEmpty()
                ? response
                : response.with("x-envoy-auth-headers-to-remove", String.join(",", presented.fields()));
    }

    @Override
    public ForeignRequest read(Request question, List<X509Certificate> certificates) {
        String target = question.target();
        int name = PATH.length() + 1;
        int end = target.indexOf('/', name);
        if (end < 0) {
            throw Misconfigured.problem("path_prefix must be " + PATH + "/<api>");
        }
        String api = target.substring(name, end);
        return ForeignRequest.of(
                question,
                certificates,
                api.equals(UNNAMED) ? null : api,
                question.header("Host").orElse(null),
                question.method(),
                target.substring(end));
    }
}
