package dev.latchkey.console;

import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Role;
import dev.latchkey.advice.AdviceChanges;
import dev.latchkey.advice.Advisor;
import dev.latchkey.advice.Window;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.registry.RoleUsage;
import dev.latchkey.registry.Roles;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Advice on all roles, and the buttons that apply it to one and undo it. */
final class AdvicePages {
    /** Each role on a page reads the usage of its tokens. */
    private static final int ON_A_PAGE = 10;

    private final Pages pages;
    private final Roles roles;
    private final Advisor advisor;
    private final AdviceChanges changes;
    private final RolePages rolePages;

    AdvicePages(Pages pages, Roles roles, Advisor advisor, AdviceChanges changes, RolePages rolePages) {
        this.pages = pages;
        this.roles = roles;
        this.advisor = advisor;
        this.changes = changes;
        this.rolePages = rolePages;
    }

    void addTo(Routes.Builder routes) {
        routes.add("GET", Links.ADVICE, pages.shown(this::listPage))
                .add("POST", "/roles/{name}/advice/apply", pages.pressed(this::apply, this::refused))
                .add("POST", "/roles/{name}/advice/undo", pages.pressed(this::undo, this::refused));
    }

    private Response listPage(Visit visit) {
        Caller caller = visit.caller();
        caller.require(ManagementApi.TOKENS_READ);
        Parameters query = visit.request().query();
        Window window = Window.orUsual(query.text(RoleAdvicePart.WINDOW).orElse(""));
        Map<String, RoleUsage> usage = roles.usage();
        // A role without tokens has no calls to learn from, and people rely on the predefined ones.
        List<Role> used = roles.list(caller).stream()
                .filter(role -> !role.isPredefined())
                .filter(role -> usage.getOrDefault(role.name(), RoleUsage.NONE).tokens() > 0)
                .toList();
        int last = Math.max(0, (used.size() - 1) / ON_A_PAGE);
        int page = Math.min(last, page(query.text("page").orElse("")));
        List<RoleAdvicePart> parts =
                used.subList(page * ON_A_PAGE, Math.min(used.size(), (page + 1) * ON_A_PAGE)).stream()
                        .map(role -> part(caller, role, window, usage.getOrDefault(role.name(), RoleUsage.NONE)))
                        .sorted(Comparator.comparing(part -> !part.hasProposal()))
                        .toList();
        Map<String, Object> parameters = new HashMap<>();
        parameters.put("parts", parts);
        parameters.put("usage", usage);
        parameters.put("window", window);
        parameters.put("roles", used.size());
        parameters.put("page", page);
        parameters.put("lastPage", last);
        return pages.page(visit, 200, "Advice on roles", "roles", "roles/advised", parameters);
    }

    private RoleAdvicePart part(Caller caller, Role role, Window window, RoleUsage usage) {
        return new RoleAdvicePart(
                role.name(), window, Advisor.isQuick(usage) ? advisor.on(caller, role.name(), window) : null, null);
    }

    private static int page(String text) {
        return text.matches("[0-9]{1,6}") ? Integer.parseInt(text) : 0;
    }

    private Response apply(Visit visit) {
        String name = visit.path("name");
        Window window = Window.orUsual(visit.field(RoleAdvicePart.WINDOW));
        return rolePages.pressed(
                visit,
                () -> changes.apply(visit.caller(), name, window, visit.version("advice")),
                Notice.ADVICE_APPLIED,
                "Nothing was changed: the advice is a different one since this page was opened. Below is what is advised now.");
    }

    private Response undo(Visit visit) {
        String name = visit.path("name");
        return rolePages.pressed(
                visit,
                () -> changes.undo(visit.caller(), name, visit.version("role")),
                Notice.ADVICE_UNDONE,
                "Nothing was undone: the role was edited since this page was opened.");
    }

    /** The role's page, whose own form has nothing of the button's. */
    private Response refused(Visit visit, int status, Form form) {
        return rolePages.shown(visit, status, new Form(Parameters.NONE, form.errors(), form.problem(), form.notice()));
    }
}
