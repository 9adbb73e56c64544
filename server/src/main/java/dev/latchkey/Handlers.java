package dev.latchkey;

import dev.latchkey.access.ManagementApi;
import dev.latchkey.account.AccountApi;
import dev.latchkey.account.ProfileApi;
import dev.latchkey.account.SessionsApi;
import dev.latchkey.account.UsersApi;
import dev.latchkey.advice.AdviceApi;
import dev.latchkey.advice.AdviceChanges;
import dev.latchkey.advice.Advisor;
import dev.latchkey.advice.NewTrials;
import dev.latchkey.advice.TrialApi;
import dev.latchkey.advice.TrialWatch;
import dev.latchkey.advice.Trials;
import dev.latchkey.apitoken.ApiTokenSecretsApi;
import dev.latchkey.apitoken.ApiTokenTracesApi;
import dev.latchkey.apitoken.ApiTokensApi;
import dev.latchkey.apitoken.HandoverApi;
import dev.latchkey.apitoken.KeyImportApi;
import dev.latchkey.apitoken.LeakReports;
import dev.latchkey.apitoken.RevocationSinceApi;
import dev.latchkey.apitoken.TokensByRole;
import dev.latchkey.audit.AuditApi;
import dev.latchkey.audit.HistoryApi;
import dev.latchkey.authzen.AuthzenApi;
import dev.latchkey.console.Advised;
import dev.latchkey.console.Console;
import dev.latchkey.gate.ExplainApi;
import dev.latchkey.gate.Foresight;
import dev.latchkey.gate.GateEndpoint;
import dev.latchkey.gate.VerifyApi;
import dev.latchkey.health.Health;
import dev.latchkey.health.HealthApi;
import dev.latchkey.health.LaneWatch;
import dev.latchkey.health.Support;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.lane.Lane;
import dev.latchkey.management.LogLevelsApi;
import dev.latchkey.management.MeApi;
import dev.latchkey.management.OpenApi;
import dev.latchkey.management.Operation;
import dev.latchkey.management.OwnApi;
import dev.latchkey.management.ReadBack;
import dev.latchkey.oauth.AuthorizationEndpoint;
import dev.latchkey.oauth.IntrospectionEndpoint;
import dev.latchkey.oauth.MetadataEndpoint;
import dev.latchkey.oauth.OAuthPaths;
import dev.latchkey.oauth.ProtectedResourceMetadata;
import dev.latchkey.oauth.RevocationEndpoint;
import dev.latchkey.oauth.SenderBinding;
import dev.latchkey.oauth.Targets;
import dev.latchkey.oauth.TokenEndpoint;
import dev.latchkey.observe.Metrics;
import dev.latchkey.observe.MetricsEndpoint;
import dev.latchkey.problem.Problem;
import dev.latchkey.registry.ApisApi;
import dev.latchkey.registry.EndpointsApi;
import dev.latchkey.registry.ImportsApi;
import dev.latchkey.registry.RolesApi;
import dev.latchkey.signing.JwksEndpoint;
import dev.latchkey.signing.SigningKeysApi;
import dev.latchkey.usage.UsageApi;
import dev.latchkey.usage.UsageHistory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Every handler, with exactly what it needs.
 *
 * @param all the routes of the main port
 * @param forPrograms the routes of the port where programs present certificates: all but the pages
 * @param forMonitoring the routes of the port for metrics; empty when nothing is measured
 * @param lanes what the lanes of this node are doing
 */
record Handlers(Routes all, Routes forPrograms, Optional<Routes> forMonitoring, LaneWatch lanes, TrialWatch trials) {
    /**
     * How many requests of people and of managing programs are processed at once: more than may wait for a password hash.
     */
    private static final int MANAGEMENT_REQUESTS = 32;

    /**
     * How many requests that end access, such as revocations, are processed at once, in a lane of their own with priority.
     */
    private static final int ENDINGS = 8;

    /** How many requests may wait, of either kind. */
    private static final int MANAGEMENT_WAITING = 256;

    private static final Duration MANAGEMENT_PATIENCE = Duration.ofSeconds(10);

    /** @param open the lanes are added here */
    static Handlers of(Parts parts, Addresses addresses, Readiness readiness, Settings settings, OpenParts open) {
        boolean certificateField =
                settings.get(Setting.CLIENT_CERTIFICATE_FIELD).isPresent();
        Lane requests = lane("requests", Lane.Pace.GIVING_WAY, MANAGEMENT_REQUESTS, open);
        Lane endings = lane("endings", Lane.Pace.USUAL, ENDINGS, open);
        parts.metrics.show(gauges -> {
            gauges.lane(requests::figures);
            gauges.lane(endings::figures);
        });
        AuditApi audit = new AuditApi(parts.events);
        HistoryApi history = new HistoryApi(parts.lostChanges);
        LaneWatch lanes = new LaneWatch(
                () -> Stream.concat(parts.lanes(), Stream.of(requests.figures(), endings.figures()))
                        .toList(),
                parts.clock);
        Health health = new Health(
                new Health.Sources(parts.database, parts.events, parts.lostChanges, parts.witness, parts.signingKeys),
                parts.nodes,
                lanes,
                parts.clock);
        ShownSettings shown = new ShownSettings(settings);
        Support support = new Support(health, parts.database, shown.lines(), shown.redaction());
        List<Operation> ofServer = Stream.concat(
                        new HealthApi(health).operations().stream(), support.operations().stream())
                .toList();
        TokensByRole tokensByRole = new TokensByRole(parts.database);
        List<Operation> features = features(parts, addresses, audit, history, ofServer);
        Advisor advisor = new Advisor(
                parts.roles,
                parts.apiTokens,
                parts.policy,
                tokensByRole,
                new UsageHistory(parts.database),
                parts.events,
                OwnApi.of(features, addresses.audience()),
                parts.clock);
        AdviceChanges adviceChanges = new AdviceChanges(
                advisor, parts.roles, parts.policy, parts.events, parts.usageCounter::flush, parts.clock);
        NewTrials newTrials = new NewTrials(
                parts.database,
                parts.events,
                advisor,
                adviceChanges,
                parts.policy,
                parts.roles,
                parts.adviceTrialDays,
                parts.usageDays,
                parts.clock);
        Trials trials = new Trials(
                parts.database, parts.events, advisor, adviceChanges, parts.roles, parts.policy, parts.clock);
        TrialApi trialApi = new TrialApi(newTrials, trials, parts.roles, parts.policy);
        ExplainApi explain = new ExplainApi(
                parts.policy,
                parts.apiTokens,
                Stream.concat(
                                features.stream(),
                                new AdviceApi(advisor, adviceChanges, trialApi, parts.roles, parts.policy)
                                        .operations().stream())
                        .toList(),
                addresses.audience(),
                parts.clock);
        Foresight foresight = new Foresight(parts.policy, parts.credentials, explain.managementApi(), parts.clock);
        AuthzenApi authzen = new AuthzenApi(
                parts.guard, foresight, parts.credentials, tokensByRole, addresses.issuer(), parts.metrics.decisions());

        // First what programs need for each of their calls, and what is public:
        Routes.Builder routes = Routes.builder(parts.metrics.requests())
                .always("GET", "/health/live", request -> Response.text(200, "alive\n"))
                .add("GET", "/health/ready", readiness);
        settings.get(Setting.SECURITY_CONTACT)
                .ifPresent(contact ->
                        routes.add("GET", SecurityTxt.PATH, new SecurityTxt(contact, addresses.issuer(), parts.clock)));
        addOAuth(parts, addresses, routes);
        // For gateways, which send the caller's access token themselves:
        new GateEndpoint(parts.gate, addresses.issuer(), certificateField).addTo(routes);
        // For other programs that ask for the same decisions:
        authzen.addEvaluationsTo(routes);
        List<Operation> operations = ReadBack.accepting(explain.allOperations());
        operations.stream().filter(Operation::isAwaitedByCalls).forEach(operation -> add(parts, operation, routes));

        // Searches, changes and long computations have a lane of their own. What ends access waits for none of them.
        routes.inLane(endings)
                .add(
                        "POST",
                        OAuthPaths.REVOCATION,
                        new RevocationEndpoint(
                                parts.clients, parts.apiTokens, parts.credentials, parts.accessTokens, parts.revoked))
                .add("POST", LeakReports.PATH, leakReports(parts));
        addManagement(parts, addresses, operations, routes, requests, endings);
        Optional<MetricsEndpoint> metrics = Optional.of(parts.metrics)
                .filter(Metrics::isOn)
                .map(MetricsEndpoint::new)
                .map(open::add);
        metrics.ifPresent(endpoint -> endpoint.addTo(routes, parts.guard));
        authzen.addSearchesTo(routes.inLane(requests));
        Routes forPrograms = routes.build();

        // Pages for people:
        new Console(
                        parts.guard,
                        new Console.People(
                                parts.setup,
                                parts.signIn,
                                parts.sessions,
                                parts.users,
                                parts.passwords,
                                parts.accounts,
                                parts.handover),
                        new Console.Rules(
                                parts.roles, parts.apis, parts.policy, explain.explainer(), foresight, parts.documents),
                        new Console.Programs(
                                parts.apiTokens,
                                parts.drafts,
                                parts.secrets,
                                parts.aroundTokens,
                                parts.revocationSince,
                                tokensByRole,
                                parts.limitedUse,
                                parts.signingKeys),
                        new Console.Records(
                                audit,
                                history,
                                parts.usage,
                                advisor,
                                new Advised(adviceChanges, newTrials, trials),
                                health),
                        new Console.Reference(
                                operations, explain.managementApi(), addresses.issuer(), Version.current()),
                        parts.clock)
                .addTo(routes.inLane(requests));
        TrialWatch watch = new TrialWatch(
                parts.database,
                parts.events,
                advisor,
                parts.policy,
                parts.roles,
                parts.usageCounter::flush,
                parts.clock);
        return new Handlers(routes.build(), forPrograms, metrics.map(MetricsEndpoint::routes), lanes, watch);
    }

    private static LeakReports leakReports(Parts parts) {
        LeakReports reports = new LeakReports(parts.secrets, parts.githubSignatures);
        parts.metrics.show(gauges -> gauges.throttle("leak reports", reports::throttle));
        return reports;
    }

    private static void addOAuth(Parts parts, Addresses addresses, Routes.Builder routes) {
        JwksEndpoint jwks = new JwksEndpoint(parts.signingKeys.current());
        AuthorizationEndpoint authorization = new AuthorizationEndpoint();
        routes.add(
                        "POST",
                        OAuthPaths.TOKEN,
                        new TokenEndpoint(
                                parts.clients,
                                parts.grants,
                                new Targets(parts.policy, parts.urls),
                                new SenderBinding(parts.proofs, parts.urls),
                                parts.clientRefusals,
                                parts.accessTokens,
                                parts.uses,
                                parts.limitedUse,
                                parts.metrics.tokenRequests()))
                .add(
                        "POST",
                        OAuthPaths.INTROSPECTION,
                        new IntrospectionEndpoint(
                                parts.clients,
                                parts.clientRefusals,
                                parts.check,
                                parts.accessTokens,
                                parts.policy,
                                parts.uses,
                                parts.urls))
                .add("GET", OAuthPaths.KEYS, jwks)
                .add("GET", "/.well-known/jwks.json", jwks)
                .add("GET", OAuthPaths.AUTHORIZATION, authorization)
                .add("POST", OAuthPaths.AUTHORIZATION, authorization);
        new MetadataEndpoint(
                        addresses.issuer(), addresses.mtls(), parts.acceptsCertificates, parts.grants, parts.clients)
                .addTo(routes);
        new ProtectedResourceMetadata(parts.policy, addresses.issuer(), parts.acceptsCertificates).addTo(routes);
    }

    /** The operations of the management API, without those that explain or judge the others. */
    private static List<Operation> features(
            Parts parts, Addresses addresses, AuditApi audit, HistoryApi history, List<Operation> ofServer) {
        return Stream.of(
                        new ApiTokensApi(parts.apiTokens, addresses.issuer()).operations(),
                        new ApiTokenSecretsApi(parts.apiTokens, parts.secrets).operations(),
                        new ApiTokenTracesApi(parts.apiTokens).operations(),
                        new RevocationSinceApi(parts.revocationSince).operations(),
                        new UsageApi(parts.usage).operations(),
                        new HandoverApi(parts.handover).operations(),
                        new KeyImportApi(parts.keyImports).operations(),
                        new RolesApi(parts.roles, parts.policy).operations(),
                        new ApisApi(parts.apis).operations(),
                        new EndpointsApi(parts.apis, parts.policy).operations(),
                        new ImportsApi(parts.apis, parts.documents).operations(),
                        new UsersApi(parts.users, addresses.issuer()).operations(),
                        new ProfileApi(parts.users, parts.passwords).operations(),
                        new AccountApi(parts.accounts).operations(),
                        new SigningKeysApi(parts.signingKeys).operations(),
                        audit.operations(),
                        history.operations(),
                        ofServer,
                        new MeApi().operations(),
                        new LogLevelsApi(parts.logLevels).operations(),
                        new SessionsApi(parts.sessions).operations(),
                        new VerifyApi(parts.gate, parts.credentials, parts.uses).operations())
                .flatMap(List::stream)
                .toList();
    }

    /** Routes, guards and documents each operation from its one declaration. */
    private static void addManagement(
            Parts parts,
            Addresses addresses,
            List<Operation> operations,
            Routes.Builder routes,
            Lane requests,
            Lane endings) {
        Map<String, Object> openApi = OpenApi.document(operations, addresses.issuer(), Version.current());
        routes.inLane(requests).add("GET", "/api/openapi.json", request -> Response.json(200, openApi));
        operations.stream()
                .filter(operation -> !operation.isAwaitedByCalls())
                .forEach(operation ->
                        add(parts, operation, routes.inLane(operation.endsSomething() ? endings : requests)));
    }

    private static void add(Parts parts, Operation operation, Routes.Builder routes) {
        routes.add(
                operation.method(),
                ManagementApi.BASE_PATH + operation.path(),
                parts.guard.protect(operation),
                operation.maxBodyBytes(),
                operation.maxBodyBytes() > Routes.DEFAULT_MAX_BODY_BYTES
                        ? request -> parts.guard.refusal(operation, request)
                        : request -> Optional.empty());
    }

    private static Lane lane(String name, Lane.Pace pace, int atOnce, OpenParts open) {
        Lane.Bounds bounds = new Lane.Bounds(atOnce, MANAGEMENT_WAITING, MANAGEMENT_PATIENCE);
        return open.add(new Lane(name, pace, bounds, Problem::busy));
    }
}
