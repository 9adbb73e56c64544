package dev.latchkey.console;

import dev.latchkey.access.Api;
import dev.latchkey.account.Accounts;
import dev.latchkey.account.Sessions;
import dev.latchkey.account.Setup;
import dev.latchkey.account.SignIn;
import dev.latchkey.account.Users;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.apitoken.Handover;
import dev.latchkey.apitoken.RevocationSince;
import dev.latchkey.audit.AuditApi;
import dev.latchkey.audit.HistoryApi;
import dev.latchkey.gate.Explainer;
import dev.latchkey.gate.Guard;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.management.Operation;
import dev.latchkey.openapi.OpenApiReader;
import dev.latchkey.problem.Problem;
import dev.latchkey.registry.Apis;
import dev.latchkey.registry.CurrentPolicy;
import dev.latchkey.registry.Roles;
import dev.latchkey.signing.SigningKeys;
import java.time.Clock;
import java.util.List;

/** The console: all its pages. */
public final class Console {
    private final Assets assets = new Assets();
    private final Pages pages;
    private final SignInPages signInPages;
    private final TokenPages tokenPages;
    private final RolePages rolePages;
    private final ApiPages apiPages;
    private final ImportPages importPages;
    private final ExplainPages explainPages;
    private final UserPages userPages;
    private final SigningKeyPages signingKeyPages;
    private final AuditPages auditPages;
    private final HistoryPages historyPages;
    private final RevokeSincePages revokeSincePages;
    private final ProfilePages profilePages;
    private final ReferencePages referencePages;

    public Console(
            Guard guard,
            Setup setup,
            SignIn signIn,
            Sessions sessions,
            Users users,
            Accounts accounts,
            Roles roles,
            CurrentPolicy policy,
            ApiTokens apiTokens,
            SigningKeys signingKeys,
            AuditApi audit,
            HistoryApi history,
            RevocationSince revocationSince,
            Handover handover,
            Apis apis,
            Explainer explainer,
            OpenApiReader documents,
            List<Operation> operations,
            Api management,
            String issuer,
            String version,
            Clock clock) {
        EndpointCatalogue endpoints = new EndpointCatalogue(policy, management);
        Frames frames = new Frames(setup, sessions, history, assets.base(), version, clock);
        pages = new Pages(guard, sessions, users, frames);
        signInPages = new SignInPages(pages, setup, signIn, users, sessions);
        tokenPages = new TokenPages(pages, apiTokens, accounts, users, roles, policy, endpoints, issuer, clock);
        Related related = new Related(apiTokens, audit);
        apiPages = new ApiPages(pages, apis, policy, endpoints, roles, related, issuer);
        importPages = new ImportPages(pages, apis, documents);
        explainPages = new ExplainPages(pages, explainer, roles);
        rolePages = new RolePages(pages, roles, policy, endpoints, related);
        userPages = new UserPages(pages, users, roles, policy, handover, related, issuer);
        signingKeyPages = new SigningKeyPages(pages, signingKeys);
        auditPages = new AuditPages(pages, audit);
        historyPages = new HistoryPages(pages, history);
        revokeSincePages = new RevokeSincePages(pages, revocationSince);
        profilePages = new ProfilePages(pages, users, sessions);
        referencePages = new ReferencePages(pages, accounts, operations, issuer);
    }

    public void addTo(Routes.Builder routes) {
        routes.forPeople(pages::refused)
                .add("GET", "/", pages.shown(visit -> Response.seeOther(Pages.START)))
                .add("GET", "/assets/{path...}", assets);
        routes.otherwise(this::nothingHere);
        signInPages.addTo(routes);
        tokenPages.addTo(routes);
        rolePages.addTo(routes);
        apiPages.addTo(routes);
        importPages.addTo(routes);
        explainPages.addTo(routes);
        userPages.addTo(routes);
        signingKeyPages.addTo(routes);
        auditPages.addTo(routes);
        historyPages.addTo(routes);
        revokeSincePages.addTo(routes);
        profilePages.addTo(routes);
        referencePages.addTo(routes);
    }

    /** A page for a browser that lost its way, a problem document for everybody else. */
    private Response nothingHere(Request request) {
        Problem problem = Problem.notFound("There is nothing at this path.");
        if (!request.header("Accept").orElse("").contains("text/html")
                || !request.method().equals("GET")) {
            throw problem;
        }
        return pages.shown(visit -> {
                    throw problem;
                })
                .handle(request);
    }
}
