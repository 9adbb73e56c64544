package dev.latchkey.console;

import dev.latchkey.access.Api;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.problem.Problem;
import dev.latchkey.registry.ApiTerms;
import dev.latchkey.registry.Apis;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Removing privileges that no endpoint of an API needs. A dialog asks first. */
final class PrivilegePages {
    private static final String PATH = "/apis/{api}/privileges/remove";

    private final Pages pages;
    private final Apis apis;
    private final ApiPages apiPages;

    PrivilegePages(Pages pages, Apis apis, ApiPages apiPages) {
        this.pages = pages;
        this.apis = apis;
        this.apiPages = apiPages;
    }

    void addTo(Routes.Builder routes) {
        routes.add("GET", PATH, pages.shown(this::page)).add("POST", PATH, pages.sent(this::remove));
    }

    private Response page(Visit visit) {
        Api api = apis.find(visit.caller(), visit.path("api"));
        List<String> chosen = visit.request().query().all("name");
        List<UnneededPrivilege> going = apiPages.unneeded(api).stream()
                .filter(privilege -> chosen.contains(privilege.name()))
                .toList();
        return going.isEmpty()
                ? Response.seeOther(Links.api(api.name()))
                : apiPages.page(visit, 200, "Remove privileges of " + api.name(), Map.of("going", going));
    }

    private Response remove(Visit visit) {
        String name = visit.path("api");
        apis.edit(visit.caller(), name, old -> without(old, visit.form().all("name")), visit.version("API"));
        return Response.seeOther(Notice.PRIVILEGES_REMOVED.at(Links.api(name)));
    }

    private static ApiTerms without(ApiTerms old, List<String> names) {
        if (names.stream().anyMatch(UnneededPrivilege.neededBy(old.endpoints())::contains)) {
            throw Problem.conflict("needed", "An endpoint needs one of these privileges by now. Nothing was removed.");
        }
        SortedMap<String, String> kept = new TreeMap<>(old.privileges());
        names.forEach(kept::remove);
        return old.withPrivileges(kept);
    }
}
