package dev.latchkey.console;

import dev.latchkey.gate.Explainer;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.problem.Problem;
import dev.latchkey.registry.Roles;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Explains whether a token may make a call, and why. The refusals of the gate link here. */
final class ExplainPages {
    private final Pages pages;
    private final Explainer explainer;
    private final Roles roles;

    ExplainPages(Pages pages, Explainer explainer, Roles roles) {
        this.pages = pages;
        this.explainer = explainer;
        this.roles = roles;
    }

    void addTo(Routes.Builder routes) {
        routes.add("GET", "/explain", pages.shown(this::explain));
    }

    private Response explain(Visit visit) {
        Parameters query = visit.request().query();
        Map<String, Object> parameters = new HashMap<>();
        parameters.put("apis", explainer.apis());
        parameters.put("roles", List.copyOf(roles.list(visit.caller())));
        Form form = Form.of(query);
        int status = 200;
        if (query.has("path")) {
            try {
                parameters.put("answer", explainer.explain(visit.caller(), question(query)));
            } catch (Problem problem) {
                if (problem.status() != 422) {
                    throw problem;
                }
                status = 422;
                form = Form.refused(query, problem);
            }
        }
        parameters.put("form", form);
        return pages.page(visit, status, "Explain a call", "explain", "explain", parameters);
    }

    /** The path field also takes the whole call, such as {@code GET /invoices/42}. */
    private static Explainer.Question question(Parameters query) {
        String path = query.text("path").orElse("");
        String method = query.text("method").orElse("GET");
        int space = path.indexOf(' ');
        if (space > 0) {
            method = path.substring(0, space);
            path = path.substring(space + 1).strip();
        }
        return new Explainer.Question(
                query.text("api").orElse(""),
                method.toUpperCase(Locale.ROOT),
                path,
                query.text("token").orElse(null),
                query.text("token").isPresent() ? null : query.text("role").orElse(""));
    }
}
