package dev.latchkey.gate;

import dev.latchkey.http.Headers;
import dev.latchkey.http.Request;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The fields in which a gateway tells the method, the target and the host of the request that it asks about. */
record ToldFields(String method, String target, String host) {

    /** @param path of the dialect; the name of the API may follow it */
    ForeignRequest read(Request question, String path, List<X509Certificate> certificates) {
        if (!question.method().equals("GET")) {
            throw Misconfigured.problem("it must ask with GET");
        }
        int end = path.length() + 1;
        return ForeignRequest.told(
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
            // The gateway added its own to the caller's; which is which, nobody can tell.
            throw Misconfigured.problem("it must send " + name + " once, in the place of what the caller sends");
        }
        return all.isEmpty() ? null : all.getFirst();
    }
}
