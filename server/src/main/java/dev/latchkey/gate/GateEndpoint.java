package dev.latchkey.gate;

import dev.latchkey.event.Origin;
import dev.latchkey.http.Handler;
import dev.latchkey.http.Headers;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.lane.Seldom;
import dev.latchkey.oauth.DpopProofs;
import dev.latchkey.path.MethodOverride;
import dev.latchkey.problem.Json;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Text;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where gateways ask over HTTP: {@code /gate/v1/<dialect>/<api>}. Each dialect reads exactly the fields that its gateway
 * sets itself; a field of another dialect may come from the caller and counts for nothing.
 */
public final class GateEndpoint implements Handler {
    /** What nginx and HAProxy are configured to send. */
    private static final Dialect ORIGINAL = new Dialect("X-Original-Method", "X-Original-URI", "X-Original-Host");

    /** What Traefik, Caddy, Apache APISIX and Kong send. */
    private static final Dialect FORWARDED = new Dialect("X-Forwarded-Method", "X-Forwarded-Uri", "X-Forwarded-Host");

    private static final String BASE = "/gate/v1/";
    private static final String ENVOY = BASE + "envoy/";

    /** In Envoy's paths, for the API that is found by host and path. */
    private static final String UNNAMED = "-";

    private static final byte[] NO_BODY = new byte[0];

    private static final Logger log = LoggerFactory.getLogger(GateEndpoint.class);

    private static final Seldom WARNING = new Seldom();

    private final Gate gate;
    private final String issuer;
    private final boolean certificatesInField;

    /**
     * @param issuer Latchkey's own base URL, for links to explanations
     * @param certificatesInField whether gateways pass on the TLS certificates of their callers in a field
     */
    public GateEndpoint(Gate gate, String issuer, boolean certificatesInField) {
        this.gate = gate;
        this.issuer = issuer;
        this.certificatesInField = certificatesInField;
    }

    /** The fields that hold the request's method, target and host. */
    private record Dialect(String method, String target, String host) {}

    public void addTo(Routes.Builder routes) {
        // All of it is ours, with every method: a path that answered OPTIONS by itself would say yes to a gateway that
        // keeps its caller's method. No gateway sends a body with its question.
        routes.under(BASE, this, 0);
    }

    @Override
    public Response handle(Request request) {
        if (request.path().startsWith(ENVOY)) {
            return envoy(request);
        }
        String below = request.path().substring(BASE.length());
        int slash = below.indexOf('/');
        String api = slash < 0 ? null : below.substring(slash + 1);
        String dialect = slash < 0 ? below : below.substring(0, slash);
        if (!request.method().equals("GET")) {
            throw misconfigured("it must ask with GET");
        }
        return switch (dialect) {
            case "nginx" -> {
                Response answer = answer(request, read(request, api, ORIGINAL), false);
                // nginx drops the body of a refusal, and can pass on a field.
                yield answer.status() == 200
                        ? answer
                        : answer.with(
                                "Latchkey-Problem",
                                Json.asciiText(new String(answer.body(), StandardCharsets.UTF_8).strip()));
            }
            case "haproxy" -> answer(request, read(request, api, ORIGINAL), false);
            case "forward-auth" -> answer(request, read(request, api, FORWARDED), true);
            default -> throw Problem.notFound("There is no dialect of this name.");
        };
    }

    private ForeignRequest read(Request request, @Nullable String api, Dialect dialect) {
        return new ForeignRequest(
                api,
                only(request.headers(), dialect.host()),
                required(request.headers(), dialect.method()),
                required(request.headers(), dialect.target()),
                request.header("Authorization"),
                request.headers().all(DpopProofs.FIELD),
                certificates(request),
                otherMethods(request.headers()),
                new Origin(request.remoteAddress(), request.userAgent()));
    }

    /** Envoy's HTTP check is the request itself, without its body, below a path of ours. */
    private Response envoy(Request request) {
        String below = request.target().substring(ENVOY.length());
        int slash = below.indexOf('/');
        if (slash < 0) {
            throw misconfigured("path_prefix must be " + ENVOY + "<api>");
        }
        String api = below.substring(0, slash);
        return answer(
                request,
                new ForeignRequest(
                        api.equals(UNNAMED) ? null : api,
                        request.header("Host").orElse(null),
                        request.method(),
                        below.substring(slash),
                        request.header("Authorization"),
                        request.headers().all(DpopProofs.FIELD),
                        certificates(request),
                        otherMethods(request.headers()),
                        new Origin(request.remoteAddress(), request.userAgent())),
                false);
    }

    /** @param eachField whether the answer needs all fields, empty ones too */
    private Response answer(Request question, ForeignRequest request, boolean eachField) {
        Decision decision = question.headers()
                .name(Answer::isForged)
                .map(GateEndpoint::forged)
                .orElseGet(() -> gate.decide(request));
        return decision instanceof Decision.Allowed allowed
                ? new Response(200, eachField ? Answer.allFields(allowed) : Answer.fields(allowed), NO_BODY)
                : Response.of(Answer.problem(decision, request, issuer));
    }

    private static Decision forged(String name) {
        return new Decision.Refused(
                null,
                "doubtful_request",
                "The request is refused because it has the field " + Text.quote(name)
                        + ", which only Latchkey may send to an API.",
                null);
    }

    /** Only what a trusted gateway passes on: on a connection to us it is the gateway that shows a certificate. */
    private List<X509Certificate> certificates(Request request) {
        return certificatesInField ? request.clientCertificates() : List.of();
    }

    private static List<String> otherMethods(Headers headers) {
        List<String> others = new ArrayList<>();
        for (String name : MethodOverride.FIELDS) {
            others.addAll(headers.all(name));
        }
        return others;
    }

    private static String required(Headers headers, String name) {
        String value = only(headers, name);
        if (value == null) {
            throw misconfigured("it must send " + name);
        }
        return value;
    }

    private static @Nullable String only(Headers headers, String name) {
        List<String> all = headers.all(name);
        if (all.size() > 1) {
            // The gateway added its own to the caller's; which is which, nobody can tell.
            throw misconfigured("it must send " + name + " once, in the place of what the caller sends");
        }
        return all.isEmpty() ? null : all.getFirst();
    }

    private static Problem misconfigured(String what) {
        // Anybody can cause this; once a minute suffices for whoever looks for it.
        if (WARNING.isDue()) {
            log.warn("A gateway is not configured as it should be: {}", what);
        }
        return new Problem(
                403, "gateway_misconfigured", "The gateway is not configured as it should be: " + what + ".");
    }
}
