package dev.latchkey.console;

import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Endpoint.Requirement;
import dev.latchkey.apitoken.TokensByRole;
import dev.latchkey.gate.Foresight;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.problem.Problem;
import dev.latchkey.registry.ApiTerms;
import dev.latchkey.registry.Apis;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The form for an endpoint of an API, who may call it, and removing one. */
final class EndpointPages {
    private final Pages pages;
    private final Apis apis;
    private final Foresight foresight;
    private final TokensByRole tokensByRole;

    EndpointPages(Pages pages, Apis apis, Foresight foresight, TokensByRole tokensByRole) {
        this.pages = pages;
        this.apis = apis;
        this.foresight = foresight;
        this.tokensByRole = tokensByRole;
    }

    void addTo(Routes.Builder routes) {
        routes.add("GET", "/apis/{api}/endpoint", pages.shown(visit -> page(visit, 200, Form.EMPTY)))
                .add("POST", "/apis/{api}/endpoint", pages.sent(this::save, this::page))
                .add("GET", "/apis/{api}/endpoint/remove", pages.shown(this::removePage))
                .add("POST", "/apis/{api}/endpoint/remove", pages.sent(this::remove));
    }

    private Response page(Visit visit, int status, Form form) {
        return page(visit, status, form, Map.of());
    }

    /** The form for the endpoint that the address or the form names; for a new one if the API has none of that name. */
    private Response page(Visit visit, int status, Form form, Map<String, Object> dialog) {
        Api api = apis.find(visit.caller(), visit.path("api"));
        String method = visit.request().query().text("method").orElse(visit.field("oldMethod"));
        String path = visit.request().query().text("path").orElse(visit.field("oldPath"));
        Endpoint known = api.endpoints().all().stream()
                .filter(endpoint -> is(endpoint, method, path))
                .findFirst()
                .orElse(null);
        Map<String, Object> parameters = new HashMap<>(dialog);
        parameters.put("api", api);
        parameters.put("form", form);
        if (known != null) {
            parameters.put("known", known);
            parameters.put("callers", EndpointCallers.of(foresight, tokensByRole, visit.caller(), api, known));
        }
        return pages.page(
                visit, status, known == null ? "New endpoint" : known.name(), "apis", "apis/endpoint", parameters);
    }

    private static boolean is(Endpoint endpoint, String method, String path) {
        return endpoint.method().equals(method) && endpoint.path().equals(path);
    }

    private Response save(Visit visit) {
        String name = visit.path("api");
        Requirement requirement = switch (visit.field("access")) {
            case "public" -> new Requirement.Nothing();
            case "token" -> new Requirement.AnyToken();
            default -> holds(name, visit.field("privileges"));
        };
        apis.replaceEndpoint(
                visit.caller(),
                name,
                visit.field("oldMethod"),
                visit.field("oldPath"),
                new Endpoint(
                        visit.field("method").toUpperCase(Locale.ROOT),
                        visit.field("path"),
                        requirement,
                        visit.field("summary")),
                visit.version("API"));
        return Response.seeOther(Notice.ENDPOINT_SAVED.at(Links.api(name)));
    }

    private static Requirement holds(String api, String names) {
        if (names.isBlank()) {
            throw Problem.invalid("privileges", "Enter the privileges that a call needs.");
        }
        return Requirement.Holds.of(api, List.of(names.strip().split("\\s+")));
    }

    /** Asks before the endpoint is removed, and says what that closes. */
    private Response removePage(Visit visit) {
        String name = visit.path("api");
        String method = visit.request().query().text("method").orElse("");
        String path = visit.request().query().text("path").orElse("");
        ApiTerms wanted = ApiTerms.of(apis.find(visit.caller(), name));
        List<Endpoint> rest = wanted.endpoints().stream()
                .filter(endpoint -> !is(endpoint, method, path))
                .toList();
        if (rest.size() == wanted.endpoints().size()) {
            throw Problem.notFound("The API " + name + " does not have this endpoint.");
        }
        return page(
                visit,
                200,
                Form.EMPTY,
                Map.of("removal", apis.preview(visit.caller(), name, wanted.withEndpoints(rest))));
    }

    private Response remove(Visit visit) {
        apis.removeEndpoint(
                visit.caller(),
                visit.path("api"),
                visit.field("oldMethod"),
                visit.field("oldPath"),
                visit.version("API"));
        return Response.seeOther(Notice.ENDPOINT_REMOVED.at(Links.api(visit.path("api"))));
    }
}
