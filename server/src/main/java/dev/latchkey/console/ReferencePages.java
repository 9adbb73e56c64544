package dev.latchkey.console;

import dev.latchkey.access.ManagementApi;
import dev.latchkey.account.AccountTerms;
import dev.latchkey.account.Accounts;
import dev.latchkey.account.KeyPolicy;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.management.Operation;
import dev.latchkey.oauth.AccessTokens;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The quick start, the API reference, and the settings in force, where those of the account can be changed. */
final class ReferencePages {
    private final Pages pages;
    private final Accounts accounts;
    private final List<Operation> operations;
    private final String issuer;

    ReferencePages(Pages pages, Accounts accounts, List<Operation> operations, String issuer) {
        this.pages = pages;
        this.accounts = accounts;
        this.operations = operations;
        this.issuer = issuer;
    }

    void addTo(Routes.Builder routes) {
        routes.add("GET", "/quick-start", pages.shown(this::quickStart))
                .add("GET", "/api", pages.either(this::reference, this::openReference))
                .add("GET", "/settings", pages.shown(visit -> settings(visit, 200, Form.EMPTY)))
                .add("POST", "/settings", pages.sent(this::saveAccount, this::settings));
    }

    private Response quickStart(Visit visit) {
        return pages.page(
                visit,
                200,
                "Quick start",
                "quickstart",
                "quick-start",
                Map.of("samples", Samples.of(issuer, "your-client-id")));
    }

    private Response reference(Visit visit) {
        return pages.page(visit, 200, "API reference", "reference", "reference", operations());
    }

    /** The author of a program need not have an account here. */
    private Response openReference(Request request) {
        return pages.bare(request, 200, "API reference", "reference-bare", operations());
    }

    private Map<String, Object> operations() {
        Map<String, List<Operation>> byTag = operations.stream()
                .collect(Collectors.groupingBy(Operation::tag, LinkedHashMap::new, Collectors.toList()));
        return Map.of("operations", byTag, "base", issuer + ManagementApi.BASE_PATH);
    }

    private Response saveAccount(Visit visit) {
        accounts.edit(
                visit.caller(),
                old -> new AccountTerms(
                        visit.field("name"),
                        days(visit, "longestTokenDays"),
                        new KeyPolicy(
                                days(visit, "longestKeyDays"), visit.form().has("keysNeedAddresses")),
                        LimitLines.read(visit, old.limits())),
                visit.version("account"));
        return Response.seeOther(Notice.ACCOUNT_SAVED.at("/settings"));
    }

    private static @Nullable Integer days(Visit visit, String field) {
        return visit.field(field).isEmpty() ? null : visit.wholeNumber(field);
    }

    private Response settings(Visit visit, int status, Form form) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("Issuer", issuer);
        facts.put("Token endpoint", issuer + "/oauth/v2/token");
        facts.put("Public keys", issuer + "/oauth/v2/jwks");
        facts.put("Metadata", issuer + "/.well-known/oauth-authorization-server");
        facts.put("Management API", issuer + ManagementApi.BASE_PATH);
        return pages.page(
                visit,
                status,
                "Settings",
                "settings",
                "settings",
                Map.of(
                        "facts",
                        facts,
                        "account",
                        accounts.get(),
                        "accessTokensLast",
                        AccessTokens.LIFETIME.toMinutes() + " minutes",
                        "form",
                        form));
    }
}
