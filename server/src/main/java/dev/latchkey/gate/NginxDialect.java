package dev.latchkey.gate;

import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.problem.Json;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;

/** nginx with {@code auth_request}: it is configured to send the X-Original fields. */
final class NginxDialect implements Dialect {
    private static final int TOO_MANY_REQUESTS = 429;
    private static final String PATH = BASE + "nginx";

    @Override
    public String path() {
        return PATH;
    }

    @Override
    public ForeignRequest read(Request question, List<X509Certificate> certificates) {
        return HaproxyDialect.ORIGINAL.read(question, PATH, certificates);
    }

    /** nginx drops the body of a refusal but can pass on a field. Of refusals it knows only 401 and 403. */
    @Override
    public Response refuse(Response refusal) {
        Response told = refusal.with(
                "Latchkey-Problem", Json.asciiText(new String(refusal.body(), StandardCharsets.UTF_8).strip()));
        return told.status() == TOO_MANY_REQUESTS
                ? new Response(403, told.fields(), told.body()).with("Latchkey-Status", Integer.toString(told.status()))
                : told;
    }
}
