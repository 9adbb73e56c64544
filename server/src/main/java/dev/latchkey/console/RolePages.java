package dev.latchkey.console;

import dev.latchkey.access.Api;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.access.RoleTerms;
import dev.latchkey.event.TargetKind;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.problem.Problem;
import dev.latchkey.registry.CurrentPolicy;
import dev.latchkey.registry.Roles;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** Roles and privileges: the list, and the editor that shows what a role allows in the end, and through which role. */
final class RolePages {
    private static final String SECTION = "roles";
    static final String PRIVILEGE_FIELD = "privilege:";

    private final Pages pages;
    private final Roles roles;
    private final CurrentPolicy policy;
    private final EndpointCatalogue endpoints;
    private final Related related;

    RolePages(Pages pages, Roles roles, CurrentPolicy policy, EndpointCatalogue endpoints, Related related) {
        this.pages = pages;
        this.roles = roles;
        this.policy = policy;
        this.endpoints = endpoints;
        this.related = related;
    }

    void addTo(Routes.Builder routes) {
        routes.add("GET", "/roles", pages.shown(this::listPage))
                .add("GET", "/roles/new", pages.shown(visit -> newPage(visit, 200, Form.EMPTY)))
                .add("POST", "/roles", pages.sent(this::create, this::newPage))
                .add("GET", "/roles/{name}", pages.shown(visit -> editor(visit, 200, Form.EMPTY)))
                .add(
                        "POST",
                        "/roles/{name}",
                        pages.sent(this::save, this::typedEditor),
                        Pages.LARGE_FORM,
                        pages::refusal)
                .add("POST", "/roles/{name}/preview", pages.sent(this::preview), Pages.LARGE_FORM, pages::refusal)
                .add("GET", "/roles/{name}/delete", pages.shown(visit -> deletePage(visit, 200, Form.EMPTY)))
                .add("POST", "/roles/{name}/delete", pages.sent(this::delete, this::deletePage));
    }

    private Response listPage(Visit visit) {
        String search = visit.request().query().text("search").orElse("").toLowerCase(Locale.ROOT);
        List<Role> found = roles.list(visit.caller()).stream()
                .filter(role -> role.isAbout(search))
                .toList();
        return pages.page(
                visit,
                200,
                "Roles and privileges",
                SECTION,
                "roles/list",
                Map.of(
                        "roles", found,
                        "search", search,
                        "usage", roles.usage(),
                        "policy", policy.get(),
                        "endpoints", endpoints));
    }

    private Response newPage(Visit visit, int status, Form form) {
        return pages.page(visit, status, "New role", SECTION, "roles/new", Map.of("form", form));
    }

    private Response create(Visit visit) {
        String name = visit.field("name");
        try {
            roles.create(visit.caller(), name, RoleTerms.describing(visit.field("description")), null);
        } catch (Problem problem) {
            return newPage(visit, refusal(problem), Form.refused(visit.form(), problem));
        }
        return Response.seeOther("/roles/" + name + "?done=role-created");
    }

    private Response editor(Visit visit, int status, Form form) {
        Role role = roles.find(visit.caller(), visit.path("name"));
        return editor(visit, status, role.name(), "", form, form.isRefused() ? wanted(visit) : role.terms());
    }

    private Response typedEditor(Visit visit, int status, Form form) {
        return editor(visit, status, visit.path("name"), "", form, wanted(visit));
    }

    /** The editor shows the role as it is to become, with what that opens and closes. */
    private Response editor(Visit visit, int status, String title, String dialog, Form form, RoleTerms wanted) {
        String name = visit.path("name");
        Map<String, Object> parameters = change(visit, wanted);
        parameters.put("role", roles.find(visit.caller(), name));
        parameters.put("form", form);
        parameters.put("policy", policy.get());
        parameters.put("endpoints", endpoints);
        parameters.put("dialog", dialog);
        parameters.put("tokens", related.tokensWith(visit, name));
        parameters.put("events", related.events(visit, TargetKind.ROLE, name));
        return pages.page(visit, status, title, SECTION, "roles/role", parameters);
    }

    /** Shows what saving would do; with the button that allows all reads of an API, after pressing that. */
    private Response preview(Visit visit) {
        RoleTerms wanted = wanted(visit);
        String reads = visit.field("reads");
        for (Api api : endpoints.apis()) {
            if (api.name().equals(reads)) {
                wanted = withReads(wanted, api);
            }
        }
        if (visit.request().header("HX-Request").isPresent()) {
            return changePart(visit, wanted);
        }
        return editor(visit, 200, visit.path("name"), "", Form.of(visit.form()), wanted);
    }

    /** Only what a change of the form replaces on the page: a thousand privileges need not travel with each. */
    private Response changePart(Visit visit, RoleTerms wanted) {
        return pages.page(visit, 200, visit.path("name"), SECTION, "roles/preview", change(visit, wanted));
    }

    /** The role as it is to become, beside what it is, and what that opens and closes. */
    private Map<String, Object> change(Visit visit, RoleTerms wanted) {
        String name = visit.path("name");
        Role role = roles.find(visit.caller(), name);
        Map<String, Object> parameters = new HashMap<>();
        parameters.put(
                "editor",
                RoleEditor.of(role, wanted, policy.get().effective(name), endpoints, roles.changes(role, wanted)));
        parameters.put("usage", roles.usage(name));
        parameters.put("difference", roles.preview(visit.caller(), name, wanted, List.of(endpoints.management())));
        return parameters;
    }

    /** Allows every privilege that opens nothing but reads; what is denied stays so. */
    private static RoleTerms withReads(RoleTerms wanted, Api api) {
        SortedSet<Privilege> allowed = RoleTemplate.reads(api);
        allowed.removeAll(wanted.denied());
        allowed.addAll(wanted.allowed());
        return new RoleTerms(wanted.description(), allowed, wanted.denied(), wanted.grantedRoles());
    }

    private Response save(Visit visit) {
        String name = visit.path("name");
        try {
            roles.edit(visit.caller(), name, old -> wanted(visit), visit.version("role"));
        } catch (Problem problem) {
            return editor(visit, refusal(problem), Form.refused(visit.form(), problem));
        }
        return Response.seeOther("/roles/" + name + "?done=role-saved");
    }

    private static RoleTerms wanted(Visit visit) {
        SortedSet<Privilege> allowed = new TreeSet<>();
        SortedSet<Privilege> denied = new TreeSet<>();
        for (String field : visit.form().names()) {
            int slash = field.indexOf('/');
            if (field.startsWith(PRIVILEGE_FIELD) && slash > 0) {
                Privilege privilege =
                        new Privilege(field.substring(PRIVILEGE_FIELD.length(), slash), field.substring(slash + 1));
                switch (visit.field(field)) {
                    case "allow" -> allowed.add(privilege);
                    case "deny" -> denied.add(privilege);
                    default -> {
                        // Not set: neither.
                    }
                }
            }
        }
        return new RoleTerms(
                visit.field("description"),
                allowed,
                denied,
                new TreeSet<>(visit.form().all("granted")));
    }

    private Response deletePage(Visit visit, int status, Form form) {
        Role role = roles.find(visit.caller(), visit.path("name"));
        return editor(visit, status, "Delete " + role.name(), "delete", form, role.terms());
    }

    private Response delete(Visit visit) {
        try {
            roles.delete(visit.caller(), visit.path("name"), null);
        } catch (Problem problem) {
            return deletePage(visit, refusal(problem), Form.refused(visit.form(), problem));
        }
        return Response.seeOther("/roles?done=role-deleted");
    }

    /** Refusals that belong beside the form keep their status; others are for the error page. */
    static int refusal(Problem problem) {
        boolean besideForm = problem.status() == 422
                || problem.status() == 409
                || problem.status() == 412
                || problem.code().equals("role_exceeds_yours")
                || problem.code().equals("user_exceeds_you");
        if (!besideForm) {
            throw problem;
        }
        return problem.status();
    }
}
