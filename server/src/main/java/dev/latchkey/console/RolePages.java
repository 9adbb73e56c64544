package dev.latchkey.console;

import dev.latchkey.access.Api;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.access.RoleTerms;
import dev.latchkey.advice.Advisor;
import dev.latchkey.event.TargetKind;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.problem.Problem;
import dev.latchkey.registry.CurrentPolicy;
import dev.latchkey.registry.RoleUsage;
import dev.latchkey.registry.Roles;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Roles: the list, and the editor, which shows what a role allows in effect and through which roles. */
final class RolePages {
    private static final String SECTION = "roles";

    private final Pages pages;
    private final Roles roles;
    private final CurrentPolicy policy;
    private final EndpointCatalogue endpoints;
    private final Related related;
    private final UsageCharts usage;
    private final Advisor advisor;
    private final Advised advised;

    RolePages(
            Pages pages,
            Roles roles,
            CurrentPolicy policy,
            EndpointCatalogue endpoints,
            Related related,
            UsageCharts usage,
            Advisor advisor,
            Advised advised) {
        this.pages = pages;
        this.roles = roles;
        this.policy = policy;
        this.endpoints = endpoints;
        this.related = related;
        this.usage = usage;
        this.advisor = advisor;
        this.advised = advised;
    }

    void addTo(Routes.Builder routes) {
        routes.add("GET", Links.ROLES, pages.shown(this::listPage))
                .add("GET", "/roles/new", pages.shown(visit -> newPage(visit, 200, Form.EMPTY)))
                .add("POST", Links.ROLES, pages.sent(this::create, this::newPage))
                .add("GET", "/roles/{name}", pages.shown(this::editor))
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
        boolean unused = Links.isUnused(visit.request().query());
        Map<String, RoleUsage> usage = roles.usage();
        List<Role> found = roles.list(visit.caller()).stream()
                .filter(role -> role.isAbout(search))
                .filter(role -> !unused || isUnused(role, usage))
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
                        "unused", unused,
                        "usage", usage,
                        "policy", policy.get(),
                        "endpoints", endpoints));
    }

    /** Whether no active token and no person acts with the role, directly or through another one. */
    private static boolean isUnused(Role role, Map<String, RoleUsage> usage) {
        RoleUsage used = usage.getOrDefault(role.name(), RoleUsage.NONE);
        return !role.isPredefined() && used.tokens() == 0 && used.users() == 0;
    }

    private Response newPage(Visit visit, int status, Form form) {
        return pages.page(visit, status, "New role", SECTION, "roles/new", Map.of("form", form));
    }

    private Response create(Visit visit) {
        String name = visit.field("name");
        roles.create(visit.caller(), name, RoleTerms.describing(visit.field("description")), null);
        return Response.seeOther(Notice.ROLE_CREATED.at(Links.role(name)));
    }

    private Response editor(Visit visit) {
        Role role = roles.find(visit.caller(), visit.path("name"));
        RoleAdvicePart advice = RoleAdvicePart.of(visit, role, advisor, roles, endpoints);
        boolean filled = visit.request().query().text("filled").isPresent();
        RoleTerms wanted = filled && advice != null ? advice.terms(role) : role.terms();
        return editor(visit, 200, role.name(), "", Form.EMPTY, wanted, advice);
    }

    /** The page of the role as it is. */
    Response shown(Visit visit, int status, Form form) {
        Role role = roles.find(visit.caller(), visit.path("name"));
        return editor(visit, status, role.name(), "", form, role.terms());
    }

    /** Does what a button on the role's page is for, or shows the page as it is now if the button was on an older one. */
    Response pressed(Visit visit, Runnable deed, Notice done, String outdated) {
        try {
            deed.run();
        } catch (Problem problem) {
            if (problem.status() != 412) {
                throw problem;
            }
            return shown(visit, 412, new Form(Parameters.NONE, Map.of(), outdated));
        }
        return Response.seeOther(done.at(Links.role(visit.path("name"))));
    }

    private Response typedEditor(Visit visit, int status, Form form) {
        return editor(visit, status, visit.path("name"), "", form, wanted(visit, termsNow(visit)));
    }

    private Response editor(Visit visit, int status, String title, String dialog, Form form, RoleTerms wanted) {
        Role role = roles.find(visit.caller(), visit.path("name"));
        return editor(
                visit, status, title, dialog, form, wanted, RoleAdvicePart.of(visit, role, advisor, roles, endpoints));
    }

    /** Shows the wanted role, and what saving it would open and close. */
    private Response editor(
            Visit visit,
            int status,
            String title,
            String dialog,
            Form form,
            RoleTerms wanted,
            @Nullable RoleAdvicePart advice) {
        String name = visit.path("name");
        Map<String, Object> parameters = change(visit, wanted);
        Role role = roles.find(visit.caller(), name);
        parameters.put("role", role);
        advised.changes()
                .lastOn(visit.caller(), role)
                .filter(advised.changes()::isOfInterest)
                .ifPresent(applied -> parameters.put("applied", applied));
        if (advice != null) {
            parameters.put("advice", advice);
            RoleTrialPart.of(visit, role, advised.trials(), roles).ifPresent(part -> parameters.put("trial", part));
            parameters.put("trialDays", advised.newTrials().days());
        }
        parameters.put("form", form);
        parameters.put("policy", policy.get());
        parameters.put("endpoints", endpoints);
        parameters.put("dialog", dialog);
        parameters.put("tokens", related.tokensWith(visit, name));
        parameters.put("calls", usage.ofRole(visit, name));
        parameters.put("events", related.events(visit, TargetKind.ROLE, name));
        return pages.page(visit, status, title, SECTION, "roles/role", parameters);
    }

    /** Shows what saving would do. The button that allows all reads of an API leads here, too. */
    private Response preview(Visit visit) {
        RoleTerms wanted = wanted(visit, termsNow(visit));
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

    /** Only the parts of the page that a change of the form replaces, without the privileges, which may be a thousand. */
    private Response changePart(Visit visit, RoleTerms wanted) {
        return pages.page(visit, 200, visit.path("name"), SECTION, "roles/preview", change(visit, wanted));
    }

    /** The wanted role next to the current one, and what saving it would open and close. */
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

    /** Allows the privileges that open only endpoints that read; denied ones stay denied. */
    private static RoleTerms withReads(RoleTerms wanted, Api api) {
        SortedSet<Privilege> allowed = RoleTemplate.reads(api);
        allowed.removeAll(wanted.denied());
        allowed.addAll(wanted.allowed());
        return new RoleTerms(wanted.description(), allowed, wanted.denied(), wanted.grantedRoles(), wanted.limits());
    }

    private Response save(Visit visit) {
        String name = visit.path("name");
        roles.edit(visit.caller(), name, old -> wanted(visit, old), visit.version("role"));
        return Response.seeOther(Notice.ROLE_SAVED.at(Links.role(name)));
    }

    private RoleTerms termsNow(Visit visit) {
        return roles.find(visit.caller(), visit.path("name")).terms();
    }

    private static RoleTerms wanted(Visit visit, RoleTerms old) {
        SortedSet<Privilege> allowed = new TreeSet<>();
        SortedSet<Privilege> denied = new TreeSet<>();
        for (String field : visit.form().names()) {
            int slash = field.indexOf('/');
            if (field.startsWith(RoleEditor.PRIVILEGE_FIELD) && slash > 0) {
                Privilege privilege = new Privilege(
                        field.substring(RoleEditor.PRIVILEGE_FIELD.length(), slash), field.substring(slash + 1));
                switch (visit.field(field)) {
                    case "allow" -> allowed.add(privilege);
                    case "deny" -> denied.add(privilege);
                    default -> {
                        // Not set.
                    }
                }
            }
        }
        return new RoleTerms(
                visit.field("description"),
                allowed,
                denied,
                new TreeSet<>(visit.form().all("granted")),
                LimitLines.read(visit, old.limits()));
    }

    private Response deletePage(Visit visit, int status, Form form) {
        Role role = roles.find(visit.caller(), visit.path("name"));
        return editor(visit, status, "Delete " + role.name(), "delete", form, role.terms());
    }

    private Response delete(Visit visit) {
        roles.delete(visit.caller(), visit.path("name"), null);
        return Response.seeOther(Notice.ROLE_DELETED.at(Links.ROLES));
    }
}
