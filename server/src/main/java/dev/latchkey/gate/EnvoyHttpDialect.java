package dev.latchkey.gate;

import dev.latchkey.http.Request;
import java.security.cert.X509Certificate;
import java.util.List;

/** Envoy's HTTP check: it is the request itself, without its body, below a path of ours. */
final class EnvoyHttpDialect implements Dialect {
    private static final String PATH = BASE + "envoy";

    /** In the place of a name, for the API that is found by host and path. */
    private static final String UNNAMED = "-";

    @Override
    public String path() {
        return PATH;
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
        return ForeignRequest.told(
                question,
                certificates,
                api.equals(UNNAMED) ? null : api,
                question.header("Host").orElse(null),
                question.method(),
                target.substring(end));
    }
}
