package dev.latchkey.gate;

import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;

/** Traefik, Caddy, Apache APISIX and Kong: they send the X-Forwarded fields. */
final class ForwardAuthDialect implements Dialect {
    private static final String PATH = BASE + "forward-auth";

    private static final OriginalFields FORWARDED =
            new OriginalFields("X-Forwarded-Method", "X-Forwarded-Uri", "X-Forwarded-Host");

    @Override
    public String path() {
        return PATH;
    }

    @Override
    public ForeignRequest read(Request question, List<X509Certificate> certificates) {
        return FORWARDED.read(question, PATH, certificates);
    }

    /** Some of them write a placeholder's name where a field is missing, so every field is sent. */
    @Override
    public Response allow(Decision.Allowed allowed) {
        return new Response(
                200,
                Stream.concat(Answer.allFields(allowed).stream(), Answer.allForCaller(allowed).stream())
                        .toList(),
                NO_BODY);
    }
}
