package dev.latchkey.console;

import dev.latchkey.access.Api;
import dev.latchkey.account.Accounts;
import dev.latchkey.account.Passwords;
import dev.latchkey.account.Sessions;
import dev.latchkey.account.Setup;
import dev.latchkey.account.SignIn;
import dev.latchkey.account.Users;
import dev.latchkey.advice.Advisor;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.apitoken.Drafts;
import dev.latchkey.apitoken.Handover;
import dev.latchkey.apitoken.RevocationSince;
import dev.latchkey.apitoken.Secrets;
import dev.latchkey.apitoken.Surroundings;
import dev.latchkey.apitoken.TokensByRole;
import dev.latchkey.audit.AuditApi;
import dev.latchkey.audit.HistoryApi;
import dev.latchkey.gate.Explainer;
import dev.latchkey.gate.Foresight;
import dev.latchkey.gate.Guard;
import dev.latchkey.health.Health;
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
import dev.latchkey.usage.LimitedUse;
import dev.latchkey.usage.UsageReader;
import java.time.Clock;
import java.util.List;

/** The console: puts its pages together and adds them to the routes. */
public final class Console {
    private final Assets assets = new Assets();
    private final Pages pages;
    private final SignInPages signInPages;
    private final OverviewPages overviewPages;
    private final FindPages findPages;
    private final TokenListPages tokenListPages;
    private final GeneratePages generatePages;
    private final RevokePages revokePages;
    private final HandoverPages handoverPages;
    private final TokenPages tokenPages;
    private final RolePages rolePages;
    private final AdvicePages advicePages;
    private final TrialPages trialPages;
    private final ApiPages apiPages;
    private final EndpointPages endpointPages;
    private final PrivilegePages privilegePages;
    private final ImportPages importPages;
    private final ExplainPages explainPages;
    private final UserPages userPages;
    private final SigningKeyPages signingKeyPages;
    private final AuditPages auditPages;
    private final HistoryPages historyPages;
    private final RevokeSincePages revokeSincePages;
    private final HealthPages healthPages;
    private final ProfilePages profilePages;
    private final ReferencePages referencePages;

    /** People: how they sign in, who they are, and how their tokens are handed over. */
    public record People(
            Setup setup,
            SignIn signIn,
            Sessions sessions,
            Users users,
            Passwords passwords,
            Accounts accounts,
            Handover handover) {}

    /** What decides and explains who may do what. */
    public record Rules(
            Roles roles,
            Apis apis,
            CurrentPolicy policy,
            Explainer explainer,
            Foresight foresight,
            OpenApiReader documents) {}

    /** The credentials of programs: API tokens, and the keys that sign access tokens. */
    public record Programs(
            ApiTokens apiTokens,
            Drafts drafts,
            Secrets secrets,
            Surroundings around,
            RevocationSince revocationSince,
            TokensByRole tokensByRole,
            LimitedUse limits,
            SigningKeys signingKeys) {}

    /**
     * What happened, what of it the database has lost, what tokens are used for and what that advises, and how the installation is
     * now.
     */
    public record Records(
            AuditApi audit, HistoryApi history, UsageReader usage, Advisor advisor, Advised advised, Health health) {}

    /**
     * What this installation says about itself.
     *
     * @param operations those of the management API
     * @param management the management API as an API with privileges
     */
    public record Reference(List<Operation> operations, Api management, String issuer, String version) {}

    public Console(
            Guard guard,
            People people,
            Rules rules,
            Programs programs,
            Records records,
            Reference reference,
            Clock clock) {
        Users users = people.users();
        Roles roles = rules.roles();
        CurrentPolicy policy = rules.policy();
        ApiTokens apiTokens = programs.apiTokens();
        String issuer = reference.issuer();
        EndpointCatalogue endpoints = new EndpointCatalogue(policy, reference.management());
        Frames frames = new Frames(
                people.setup(), people.sessions(), records.history(), assets.base(), reference.version(), clock);
        pages = new Pages(guard, people.sessions(), users, frames);
        signInPages = new SignInPages(pages, people.setup(), people.signIn(), people.passwords(), people.sessions());
        tokenListPages = new TokenListPages(pages, apiTokens, programs.around(), endpoints, records.usage());
        generatePages = new GeneratePages(
                pages, tokenListPages, apiTokens, programs.drafts(), programs.around(), endpoints, issuer);
        revokePages = new RevokePages(pages, tokenListPages, apiTokens);
        handoverPages = new HandoverPages(pages, tokenListPages, apiTokens, people.handover(), users);
        UsageCharts usage = new UsageCharts(records.usage());
        tokenPages = new TokenPages(
                pages,
                apiTokens,
                programs.secrets(),
                usage,
                records.advisor(),
                programs.limits(),
                programs.around(),
                endpoints,
                issuer);
        Related related = new Related(apiTokens, records.audit());
        apiPages = new ApiPages(pages, rules.apis(), policy, endpoints, roles, related, usage, issuer);
        overviewPages = new OverviewPages(
                pages,
                apiTokens,
                records.usage(),
                related,
                new NeedsLook(apiTokens, records.history(), records.advised().trials(), records.health()),
                new FirstSteps(apiTokens, records.usage(), programs.around()));
        findPages = new FindPages(pages, new Finder(apiTokens, users, policy, clock));
        privilegePages = new PrivilegePages(pages, rules.apis(), apiPages);
        endpointPages = new EndpointPages(pages, rules.apis(), rules.foresight(), programs.tokensByRole());
        importPages = new ImportPages(pages, rules.apis(), rules.documents());
        explainPages = new ExplainPages(pages, rules.explainer(), roles);
        rolePages =
                new RolePages(pages, roles, policy, endpoints, related, usage, records.advisor(), records.advised());
        advicePages = new AdvicePages(
                pages, roles, records.advisor(), records.advised().changes(), rolePages);
        trialPages = new TrialPages(pages, records.advised(), rolePages);
        userPages = new UserPages(pages, users, roles, policy, people.handover(), related, issuer);
        signingKeyPages = new SigningKeyPages(pages, programs.signingKeys());
        auditPages = new AuditPages(pages, records.audit());
        historyPages = new HistoryPages(pages, records.history());
        revokeSincePages = new RevokeSincePages(pages, programs.revocationSince());
        healthPages = new HealthPages(pages, records.health());
        profilePages = new ProfilePages(pages, users, people.passwords(), people.sessions());
        referencePages = new ReferencePages(pages, people.accounts(), reference.operations(), issuer);
    }

    public void addTo(Routes.Builder routes) {
        routes.forPeople(pages::refused)
                .add("GET", "/", pages.shown(visit -> Response.seeOther(Links.START)))
                .add("GET", "/assets/{path...}", assets);
        routes.otherwise(this::nothingHere);
        signInPages.addTo(routes);
        overviewPages.addTo(routes);
        findPages.addTo(routes);
        tokenListPages.addTo(routes);
        generatePages.addTo(routes);
        revokePages.addTo(routes);
        handoverPages.addTo(routes);
        tokenPages.addTo(routes);
        rolePages.addTo(routes);
        advicePages.addTo(routes);
        trialPages.addTo(routes);
        apiPages.addTo(routes);
        endpointPages.addTo(routes);
        privilegePages.addTo(routes);
        importPages.addTo(routes);
        explainPages.addTo(routes);
        userPages.addTo(routes);
        signingKeyPages.addTo(routes);
        auditPages.addTo(routes);
        historyPages.addTo(routes);
        revokeSincePages.addTo(routes);
        healthPages.addTo(routes);
        profilePages.addTo(routes);
        referencePages.addTo(routes);
    }

    /** A page for a browser, a problem document for a program. */
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
