package dev.latchkey.console;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Endpoint.Requirement;
import dev.latchkey.access.KeyPlaces;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Role;
import dev.latchkey.event.TargetKind;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.limit.CallLimits;
import dev.latchkey.registry.ApiTerms;
import dev.latchkey.registry.Apis;
import dev.latchkey.registry.CurrentPolicy;
import dev.latchkey.registry.RoleUsage;
import dev.latchkey.registry.Roles;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Registered APIs: the list, the page of each API with its endpoints and gateway configurations, and the forms to change them. */
final class ApiPages {
    private static final String SECTION = "apis";
    private static final int PAGE = 100;

    private final Pages pages;
    private final Apis apis;
    private final CurrentPolicy policy;
    private final EndpointCatalogue endpoints;
    private final Roles roles;
    private final Related related;
    private final UsageCharts usage;
    private final String issuer;

    ApiPages(
            Pages pages,
            Apis apis,
            CurrentPolicy policy,
            EndpointCatalogue endpoints,
            Roles roles,
            Related related,
            UsageCharts usage,
            String issuer) {
        this.pages = pages;
        this.apis = apis;
        this.policy = policy;
        this.endpoints = endpoints;
        this.roles = roles;
        this.related = related;
        this.usage = usage;
        this.issuer = issuer;
    }

    void addTo(Routes.Builder routes) {
        routes.add("GET", Links.APIS, pages.shown(this::listPage))
                .add("GET", "/apis/new", pages.shown(visit -> newPage(visit, 200, Form.EMPTY)))
                .add("POST", Links.APIS, pages.sent(this::create, this::newPage))
                .add("GET", "/apis/{api}", pages.shown(visit -> page(visit, 200, visit.path("api"), Map.of())))
                .add("GET", "/apis/{api}/settings", pages.shown(visit -> settingsPage(visit, 200, Form.EMPTY)))
                .add("POST", "/apis/{api}/settings", pages.sent(this::save, this::settingsPage))
                .add("GET", "/apis/{api}/delete", pages.shown(visit -> deletePage(visit, 200, Form.EMPTY)))
                .add("POST", "/apis/{api}/delete", pages.sent(this::delete, this::deletePage));
    }

    private Response listPage(Visit visit) {
        return pages.page(
                visit,
                200,
                "APIs",
                SECTION,
                "apis/list",
                Map.of("apis", List.copyOf(apis.list(visit.caller())), "management", endpoints.management()));
    }

    private Response newPage(Visit visit, int status, Form form) {
        return pages.page(visit, status, "Register an API", SECTION, "apis/new", Map.of("form", form));
    }

    private Response create(Visit visit) {
        String name = visit.field("name");
        apis.create(visit.caller(), name, wanted(visit, new TreeMap<>(), List.of(), CallLimits.NONE), null);
        return Response.seeOther(Notice.API_CREATED.at(Links.api(name)));
    }

    /** @param dialog the parameters of the dialog over the page; none for the page alone */
    Response page(Visit visit, int status, String title, Map<String, Object> dialog) {
        Api api = apis.find(visit.caller(), visit.path("api"));
        String search = visit.request().query().text("search").orElse("").toLowerCase(Locale.ROOT);
        int page = page(visit);
        List<Endpoint> found = api.endpoints().all().stream()
                .filter(endpoint -> endpoint.isAbout(search))
                .toList();
        List<EndpointRow> rows = found.stream()
                .skip((long) page * PAGE)
                .limit(PAGE)
                .map(endpoint -> new EndpointRow(endpoint, roles(endpoint)))
                .toList();
        Map<String, Object> parameters = new HashMap<>(dialog);
        parameters.put("api", api);
        parameters.put("rows", rows);
        parameters.put("found", found.size());
        parameters.put("page", page);
        parameters.put("lastPage", Math.max(0, (found.size() - 1) / PAGE));
        parameters.put("search", search);
        parameters.put(
                "gateways",
                GatewayConfiguration.of(api.name(), issuer, api.keyPlaces().header()));
        parameters.put("issuer", issuer);
        parameters.put("keySamples", Samples.sendingKeyTo(api));
        parameters.put("calls", usage.ofApi(visit, api.name()));
        parameters.put("events", related.events(visit, TargetKind.API, api.name()));
        parameters.put("holders", visit.caller().has(ManagementApi.ROLES_READ) ? holders(api) : List.of());
        parameters.put("unneeded", unneeded(api));
        return pages.page(visit, status, title, SECTION, "apis/api", parameters);
    }

    /** The privileges that no endpoint needs, by name. */
    List<UnneededPrivilege> unneeded(Api api) {
        return UnneededPrivilege.of(api, policy.get().roles());
    }

    /** The roles that have privileges of the API, those with the most tokens first. */
    private List<ApiHolder> holders(Api api) {
        AccessPolicy now = policy.get();
        Map<String, RoleUsage> usage = roles.usage();
        return now.roles().stream()
                .map(Role::name)
                .filter(role -> now.effective(role).all().stream()
                        .anyMatch(privilege -> privilege.api().equals(api.name())))
                .map(role -> new ApiHolder(
                        role,
                        endpoints.summary(api, now.effective(role)),
                        usage.getOrDefault(role, RoleUsage.NONE).directTokens()))
                .sorted(Comparator.comparingLong(ApiHolder::tokens).reversed().thenComparing(ApiHolder::role))
                .toList();
    }

    /** The roles that may call an endpoint, by name. */
    private List<String> roles(Endpoint endpoint) {
        if (!(endpoint.requirement() instanceof Requirement.Holds)) {
            return List.of();
        }
        AccessPolicy now = policy.get();
        return now.roles().stream()
                .map(Role::name)
                .filter(role -> endpoint.isOpenTo(now.effective(role)))
                .toList();
    }

    private static int page(Visit visit) {
        try {
            return Math.clamp(
                    Integer.parseInt(visit.request().query().text("page").orElse("0")), 0, 1_000);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private Response settingsPage(Visit visit, int status, Form form) {
        Api api = apis.find(visit.caller(), visit.path("api"));
        return pages.page(
                visit, status, "Settings of " + api.name(), SECTION, "apis/settings", Map.of("api", api, "form", form));
    }

    private Response save(Visit visit) {
        String name = visit.path("api");
        apis.edit(
                visit.caller(),
                name,
                old -> wanted(visit, old.privileges(), old.endpoints(), old.limits()),
                visit.version("API"));
        return Response.seeOther(Notice.API_SAVED.at(Links.api(name)));
    }

    private Response deletePage(Visit visit, int status, Form form) {
        String name = visit.path("api");
        return page(
                visit,
                status,
                "Delete " + name,
                Map.of("form", form, "difference", apis.previewDelete(visit.caller(), name)));
    }

    private Response delete(Visit visit) {
        apis.delete(visit.caller(), visit.path("api"), null);
        return Response.seeOther(Notice.API_DELETED.at(Links.APIS));
    }

    /**
     * The terms of the API from its form, with the privileges and endpoints that it has.
     *
     * @param limits those that it has
     */
    private static ApiTerms wanted(
            Visit visit, SortedMap<String, String> privileges, Collection<Endpoint> endpoints, CallLimits limits) {
        return new ApiTerms(
                visit.field("description"),
                visit.field("audience"),
                words(visit.field("hosts")),
                visit.field("basePath"),
                words(visit.field("pathCharacters")),
                visit.form().text("mcp").orElse(null),
                privileges,
                ScopeLines.read(visit.field("scopes")),
                new KeyPlaces(
                        visit.form().has("keyBearer"),
                        visit.form().text("keyHeader").orElse(null),
                        visit.form().has("keyBasic"),
                        visit.form().text("keyQuery").orElse(null)),
                visit.form().has("assertion"),
                LimitLines.read(visit, limits),
                endpoints);
    }

    private static List<String> words(String text) {
        return Arrays.stream(text.split("[\\s,]+", -1))
                .filter(word -> !word.isEmpty())
                .toList();
    }
}
