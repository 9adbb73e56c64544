package dev.latchkey.gate;

import dev.latchkey.http.Handler;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Text;
import java.security.cert.X509Certificate;
import java.util.List;

/** Answers gateways that ask over HTTP, at {@code /gate/v1/<dialect>/<api>}. */
public final class GateEndpoint implements Handler {
    private static final List<Dialect> DIALECTS =
            List.of(new NginxDialect(), new HaproxyDialect(), new ForwardAuthDialect(), new EnvoyHttpDialect());

    private final Gate gate;
    private final String issuer;
    private final boolean certificatesInField;

    /**
     * @param issuer Latchkey's own base URL, for links to explanations
     * @param certificatesInField whether gateways pass on the caller's TLS certificate in a field
     */
    public GateEndpoint(Gate gate, String issuer, boolean certificatesInField) {
        this.gate = gate;
        this.issuer = issuer;
        this.certificatesInField = certificatesInField;
    }

    public void addTo(Routes.Builder routes) {
        // Every method below this path comes here: an automatic answer to OPTIONS would be a yes to a gateway that
        // keeps its
        // caller's method. No gateway sends a body with its question.
        routes.under(Dialect.BASE, this, 0);
    }

    @Override
    public Response handle(Request question) {
        Dialect dialect = dialect(question.path());
        ForeignRequest request = dialect.read(question, certificates(question));
        Decision decision = question.headers()
                .name(Answer::isForged)
                .map(name -> gate.recorded(forged(name)))
                .orElseGet(() -> gate.decide(request));
        return decision instanceof Decision.Allowed allowed
                ? dialect.allow(allowed)
                : dialect.refuse(Response.of(Answer.problem(decision, request, issuer)));
    }

    private static Dialect dialect(String path) {
        for (Dialect dialect : DIALECTS) {
            int end = dialect.path().length();
            if (path.startsWith(dialect.path()) && (path.length() == end || path.charAt(end) == '/')) {
                return dialect;
            }
        }
        throw Problem.notFound("There is no gateway dialect of this name.");
    }

    private static Decision forged(String name) {
        return new Decision.Refused(
                null,
                "doubtful_request",
                "The request is refused because it has the field " + Text.quote(name)
                        + ", which only Latchkey may send to an API.",
                null);
    }

    /** Only what a trusted gateway passes on: a certificate on the connection itself would be the gateway's own. */
    private List<X509Certificate> certificates(Request question) {
        return certificatesInField ? question.clientCertificates() : List.of();
    }
}
