package dev.latchkey.console;

import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ApiTokenQuery;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.apitoken.Count;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.problem.Page;
import java.util.List;
import java.util.Map;

/** Revoking tokens from the list: one, the ticked ones, or all the tokens that the list finds. A dialog asks first. */
final class RevokePages {
    /** A field: all tokens that the list finds; in the dialog, how many these are said to be. */
    private static final String ALL = "all";

    private final Pages pages;
    private final TokenListPages lists;
    private final ApiTokens apiTokens;

    RevokePages(Pages pages, TokenListPages lists, ApiTokens apiTokens) {
        this.pages = pages;
        this.lists = lists;
        this.apiTokens = apiTokens;
    }

    void addTo(Routes.Builder routes) {
        routes.add(
                        "GET",
                        "/tokens/revoke",
                        pages.shown(
                                visit -> severalPage(visit, 200, visit.request().query(), Form.EMPTY)))
                .add("POST", "/tokens/revoke", pages.sent(this::revokeSeveral, this::severalPage))
                .add(
                        "GET",
                        "/tokens/{clientId}/revoke",
                        pages.shown(visit -> onePage(visit, 200, visit.request().query(), Form.EMPTY)))
                .add("POST", "/tokens/{clientId}/revoke", pages.sent(this::revokeOne, this::onePage));
    }

    private Response onePage(Visit visit, int status, Form form) {
        return onePage(visit, status, form.values(), form);
    }

    private Response onePage(Visit visit, int status, Parameters sent, Form form) {
        ApiToken apiToken = apiTokens.find(visit.caller(), visit.path("clientId"));
        return apiToken.status() == ApiToken.Status.REVOKED
                ? Response.seeOther(Links.token(apiToken.clientId()))
                : lists.page(
                        visit,
                        status,
                        TokenFilter.of(sent),
                        Map.of("dialog", "revoke", "revoked", apiToken, "form", form));
    }

    private Response revokeOne(Visit visit) {
        apiTokens.revoke(visit.caller(), visit.path("clientId"), visit.field("reason"));
        return Response.seeOther(Notice.REVOKED.at(TokenFilter.of(visit.form()).here()));
    }

    private Response severalPage(Visit visit, int status, Form form) {
        return severalPage(visit, status, form.values(), form);
    }

    private Response severalPage(Visit visit, int status, Parameters sent, Form form) {
        TokenFilter filter = TokenFilter.of(sent);
        if (sent.has(ALL)) {
            Count live = apiTokens.count(
                    visit.caller(), ApiTokenQuery.from(filter.parameters()).notRevoked());
            return live.number() == 0
                    ? Response.seeOther(filter.link())
                    : lists.page(visit, status, filter, Map.of("dialog", "revoke all", "live", live, "form", form));
        }
        List<ApiToken> active = sent.all("id").stream()
                .distinct()
                .limit(Page.MAX_SIZE)
                .map(clientId -> apiTokens.find(visit.caller(), clientId))
                .filter(apiToken -> apiToken.status() == ApiToken.Status.ACTIVE)
                .toList();
        return active.isEmpty()
                ? Response.seeOther(filter.here())
                : lists.page(
                        visit,
                        status,
                        filter,
                        Map.of("dialog", "revoke together", "revokedTogether", active, "form", form));
    }

    private Response revokeSeveral(Visit visit) {
        TokenFilter filter = TokenFilter.of(visit.form());
        if (visit.form().has(ALL)) {
            apiTokens.revokeListed(
                    visit.caller(),
                    ApiTokenQuery.from(filter.parameters()),
                    visit.wholeNumber(ALL),
                    visit.field("reason"));
        } else {
            apiTokens.revoke(visit.caller(), visit.form().all("id"), visit.field("reason"));
        }
        return Response.seeOther(Notice.REVOKED_TOGETHER.at(filter.here()));
    }
}
