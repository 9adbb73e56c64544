package dev.latchkey;

import dev.latchkey.access.Caller;
import dev.latchkey.gate.Answer;
import dev.latchkey.gate.Decision;
import dev.latchkey.gate.ForeignRequest;
import dev.latchkey.gate.Gate;
import dev.latchkey.gate.Presented;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.problem.Problem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The demo's API, behind a gate in the same process: it calls what a gateway would ask over HTTP. */
final class SampleApi {
    private static final int MAX_INVOICES = 1_000;

    private final Gate gate;
    private final String issuer;
    private int nextId = 44;
    private final Map<String, Map<String, Object>> invoices = new TreeMap<>();

    SampleApi(Gate gate, String issuer) {
        this.gate = gate;
        this.issuer = issuer;
        invoices.put("41", Map.of("id", 41, "customer", "Lovelace Ltd", "total", 120.00));
        invoices.put("42", Map.of("id", 42, "customer", "Byron & Sons", "total", 99.50));
        invoices.put("43", Map.of("id", 43, "customer", "Babbage Works", "total", 7.25));
    }

    Routes routes() {
        return Routes.builder()
                .under("/", this::handle, Routes.DEFAULT_MAX_BODY_BYTES)
                .build();
    }

    private Response handle(Request request) {
        ForeignRequest foreign = ForeignRequest.direct("billing", request);
        Decision decision = gate.decide(foreign);
        return decision instanceof Decision.Allowed allowed
                ? answer(request, allowed)
                : Response.of(Answer.problem(decision, foreign, issuer));
    }

    private synchronized Response answer(Request request, Decision.Allowed allowed) {
        String last = request.path().substring(request.path().lastIndexOf('/') + 1);
        return switch (allowed.endpoint().name()) {
            case "GET /invoices" -> json(allowed, "invoices", List.copyOf(invoices.values()));
            case "GET /invoices/{id}" -> json(allowed, "invoice", invoice(last));
            case "POST /invoices" -> {
                if (invoices.size() >= MAX_INVOICES) {
                    throw Problem.conflict("too_many", "The demo has no room for another invoice. Delete one first.");
                }
                int id = nextId++;
                invoices.put(Integer.toString(id), Map.of("id", id, "customer", "New customer", "total", 1.00));
                yield json(allowed, "created", invoice(Integer.toString(id)));
            }
            case "DELETE /invoices/{id}" -> {
                Object gone = invoice(last);
                invoices.remove(last);
                yield json(allowed, "deleted", gone);
            }
            case "GET /customers" -> json(allowed, "customers", List.of("Lovelace Ltd", "Byron & Sons"));
            case "GET /reports/{year}" -> json(allowed, "report", Map.of("year", last, "total", 226.75));
            default -> json(allowed, "status", "up");
        };
    }

    private Object invoice(String id) {
        Map<String, Object> invoice = invoices.get(id);
        if (invoice == null) {
            throw Problem.notFound("There is no invoice " + id + " any more.");
        }
        return invoice;
    }

    /** What the API knows about its caller comes from the gate. */
    private static Response json(Decision.Allowed allowed, String name, Object value) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put(name, value);
        Presented presented = allowed.presented();
        body.put("credential", presented == null ? "none" : presented.kind());
        Caller caller = allowed.caller();
        body.put(
                "calledBy",
                caller == null
                        ? "anyone"
                        : caller.name() + " as " + caller.roles().getFirst().name());
        return Response.json(200, body);
    }
}
