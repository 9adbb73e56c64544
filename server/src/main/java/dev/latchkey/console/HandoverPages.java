package dev.latchkey.console;

import static dev.latchkey.access.ManagementApi.USERS_READ;

import dev.latchkey.access.Caller;
import dev.latchkey.account.User;
import dev.latchkey.account.UserQuery;
import dev.latchkey.account.Users;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.apitoken.Handover;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.problem.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Giving the ticked tokens of the list another owner. A dialog asks for whom. */
final class HandoverPages {
    private static final String PATH = Links.TOKENS + "/hand-over";

    private final Pages pages;
    private final TokenListPages lists;
    private final ApiTokens apiTokens;
    private final Handover handover;
    private final Users users;

    HandoverPages(Pages pages, TokenListPages lists, ApiTokens apiTokens, Handover handover, Users users) {
        this.pages = pages;
        this.lists = lists;
        this.apiTokens = apiTokens;
        this.handover = handover;
        this.users = users;
    }

    void addTo(Routes.Builder routes) {
        routes.add(
                        "GET",
                        PATH,
                        pages.shown(visit -> page(visit, 200, visit.request().query(), Form.EMPTY)))
                .add(
                        "POST",
                        PATH,
                        pages.sent(this::handOver, (visit, status, form) -> page(visit, status, form.values(), form)));
    }

    private Response page(Visit visit, int status, Parameters sent, Form form) {
        TokenFilter filter = TokenFilter.of(sent);
        List<ApiToken> going = sent.all("id").stream()
                .distinct()
                .limit(Handover.MOST_NAMED)
                .map(clientId -> apiTokens.find(visit.caller(), clientId))
                .filter(apiToken -> apiToken.status() == ApiToken.Status.ACTIVE)
                .toList();
        return going.isEmpty()
                ? Response.seeOther(filter.here())
                : lists.page(
                        visit,
                        status,
                        filter,
                        Map.of("dialog", "hand over", "going", going, "heirs", heirs(visit), "form", form));
    }

    /** Some of the people who could own them; any other can be named by their email. */
    private List<User> heirs(Visit visit) {
        Caller caller = visit.caller();
        List<User> heirs = new ArrayList<>(List.of(visit.user()));
        if (caller.has(USERS_READ)) {
            users.list(caller, UserQuery.ALL, new Page.Request(Page.MAX_SIZE, null)).items().stream()
                    .filter(user -> user.status() == User.Status.ACTIVE)
                    .filter(user -> !user.id().equals(caller.id()))
                    .forEach(heirs::add);
        }
        return heirs;
    }

    private Response handOver(Visit visit) {
        List<String> ids = visit.form().all("id").stream().distinct().toList();
        int tokens = handover.handOver(visit.caller(), ids, visit.field("to")).tokens();
        Notice notice = tokens == 0
                ? Notice.HANDED_OVER_NONE
                : tokens < ids.size() ? Notice.HANDED_OVER_SOME : Notice.HANDED_OVER;
        return Response.seeOther(notice.at(TokenFilter.of(visit.form()).here()));
    }
}
