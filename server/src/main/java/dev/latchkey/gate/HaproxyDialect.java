package dev.latchkey.gate;

import dev.latchkey.http.Request;
import java.security.cert.X509Certificate;
import java.util.List;

/** HAProxy with its {@code auth-request} script, and any other gateway that sends the X-Original fields and reads bodies. */
final class HaproxyDialect implements Dialect {
    private static final String PATH = BASE + "haproxy";

    static final OriginalFields ORIGINAL = new OriginalFields("X-Original-Method", "X-Original-URI", "X-Original-Host");

    @Override
    public String path() {
        return PATH;
    }

    @Override
    public ForeignRequest read(Request question, List<X509Certificate> certificates) {
        return ORIGINAL.read(question, PATH, certificates).removableFromQuery();
    }
}
