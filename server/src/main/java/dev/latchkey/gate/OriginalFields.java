package dev.latchkey.gate;

import dev.latchkey.http.Headers;
import dev.latchkey.http.Request;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The fields in which a gateway names the method, the target and the host of the request that it asks about. */
record OriginalFields(String method, String target, String host) {

    /** @param path the dialect's own, which the name of the API may follow */
    ForeignRequest read(Request question, String path, List<X509Certificate> certificates) {
        if (!question.method().equals("GET")) {
            throw Misconfigured.problem("it must ask with GET");
        }
        int end = path.length() + 1;
        return ForeignRequest.of(
                question,
                certificates,
                question.path().length() < end ? null : question.path().substring(end),
                only(question.headers(), host),
                required(question.headers(), method),
                required(question.headers(), target));
    }

    private static String required(Headers headers, String name) {
        String value = only(headers, name);
        if (value == null) {
            throw Misconfigured.problem("it must send " + name);
        }
        return value;
    }

    private static @Nullable String only(Headers headers, String name) {
        List<String> all = headers.all(name);
        if (all.size() > 1) {
            // The gateway added its own to the caller's, and the two cannot be told apart.
            throw Misconfigured.problem("it must send " + name + " once, in place of the caller's");
        }
        return all.isEmpty() ? null : all.getFirst();
    }
}
