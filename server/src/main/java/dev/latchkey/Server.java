package dev.latchkey;

import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Role;
import dev.latchkey.account.AccountApi;
import dev.latchkey.account.Accounts;
import dev.latchkey.account.Devices;
import dev.latchkey.account.Sessions;
import dev.latchkey.account.SessionsApi;
import dev.latchkey.account.Setup;
import dev.latchkey.account.SignIn;
import dev.latchkey.account.Users;
import dev.latchkey.account.UsersApi;
import dev.latchkey.account.UsersOfRole;
import dev.latchkey.apitoken.ActsForApi;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.apitoken.ApiTokensApi;
import dev.latchkey.apitoken.Handover;
import dev.latchkey.apitoken.HandoverApi;
import dev.latchkey.apitoken.KeptBeside;
import dev.latchkey.apitoken.LastAccess;
import dev.latchkey.apitoken.LeakReports;
import dev.latchkey.apitoken.LostEndings;
import dev.latchkey.apitoken.RevocationSince;
import dev.latchkey.apitoken.RevocationSinceApi;
import dev.latchkey.apitoken.TokensOfRole;
import dev.latchkey.audit.AuditApi;
import dev.latchkey.audit.HistoryApi;
import dev.latchkey.console.Console;
import dev.latchkey.crypto.KeyCheck;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.PasswordHash;
import dev.latchkey.database.DataFolder;
import dev.latchkey.database.Database;
import dev.latchkey.database.DatabaseAddress;
import dev.latchkey.database.DatabaseFile;
import dev.latchkey.database.Once;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.event.LostChanges;
import dev.latchkey.event.RefusedRequests;
import dev.latchkey.event.Witness;
import dev.latchkey.gate.EnvoyGrpc;
import dev.latchkey.gate.ExplainApi;
import dev.latchkey.gate.Gate;
import dev.latchkey.gate.GateEndpoint;
import dev.latchkey.gate.Guard;
import dev.latchkey.http.BasePath;
import dev.latchkey.http.Callers;
import dev.latchkey.http.Connections;
import dev.latchkey.http.HttpServer;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.lane.Lane;
import dev.latchkey.management.MeApi;
import dev.latchkey.management.OpenApi;
import dev.latchkey.management.Operation;
import dev.latchkey.management.ReadBack;
import dev.latchkey.oauth.AccessTokenCheck;
import dev.latchkey.oauth.AccessTokens;
import dev.latchkey.oauth.AuthorizationEndpoint;
import dev.latchkey.oauth.ClientAssertions;
import dev.latchkey.oauth.ClientAuthenticator;
import dev.latchkey.oauth.ClientCertificates;
import dev.latchkey.oauth.DpopNonces;
import dev.latchkey.oauth.DpopProofs;
import dev.latchkey.oauth.Federation;
import dev.latchkey.oauth.IntrospectionEndpoint;
import dev.latchkey.oauth.MetadataEndpoint;
import dev.latchkey.oauth.ProtectedResourceMetadata;
import dev.latchkey.oauth.PublicKeys;
import dev.latchkey.oauth.Renewals;
import dev.latchkey.oauth.ReplayMemory;
import dev.latchkey.oauth.RevocationEndpoint;
import dev.latchkey.oauth.RevokedAccessTokens;
import dev.latchkey.oauth.TokenEndpoint;
import dev.latchkey.openapi.OpenApiReader;
import dev.latchkey.problem.Problem;
import dev.latchkey.registry.Apis;
import dev.latchkey.registry.ApisApi;
import dev.latchkey.registry.CurrentPolicy;
import dev.latchkey.registry.ImportsApi;
import dev.latchkey.registry.Roles;
import dev.latchkey.registry.RolesApi;
import dev.latchkey.signing.JwksEndpoint;
import dev.latchkey.signing.SigningKeys;
import dev.latchkey.signing.SigningKeysApi;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running service: every part, made once and joined by hand. */
final class Server implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Server.class);
    /** In the data folder: this node's own copy of the newest events. */
    static final String WITNESS = "witness";

    private static final String SQLITE_FILE = "latchkey.db";
    private static final Duration HOUSEKEEPING = Duration.ofMinutes(1);

    /** So many requests of people and of programs that manage are in work at once; more than passwords may keep waiting. */
    private static final int MANAGEMENT_REQUESTS = 32;

    /** Revocations and the like have places of their own, and do not step back. */
    private static final int ENDINGS = 8;

    /** For either. */
    private static final int MANAGEMENT_WAITING = 256;

    private static final Duration MANAGEMENT_PATIENCE = Duration.ofSeconds(10);

    private final String issuer;
    private final Setup setup;
    private final int port;
    private final @Nullable Integer grpcPort;
    private final Features features;
    private final Housekeeping housekeeping;
    private final Stop stop;
    /** What must be closed, the last opened first. */
    private final Deque<AutoCloseable> opened;

    private Server(
            String issuer,
            Setup setup,
            int port,
            @Nullable Integer grpcPort,
            Features features,
            Housekeeping housekeeping,
            Stop stop,
            Deque<AutoCloseable> opened) {
        this.issuer = issuer;
        this.setup = setup;
        this.port = port;
        this.grpcPort = grpcPort;
        this.features = features;
        this.housekeeping = housekeeping;
        this.stop = stop;
        this.opened = opened;
    }

    static Server start(Settings settings) {
        return start(settings, Clock.systemUTC());
    }

    static Server start(Settings settings, Clock clock) {
        Deque<AutoCloseable> opened = new ArrayDeque<>();
        try {
            return start(settings, clock, opened);
        } catch (RuntimeException | Error e) {
            closeAll(opened);
            throw e;
        }
    }

    private static Server start(Settings settings, Clock clock, Deque<AutoCloseable> opened) {
        int port = settings.port() == 0 ? freePort() : settings.port();
        String issuer = issuer(settings, port);
        String audience = issuer + ManagementApi.BASE_PATH;

        // Foundations
        DataFolder folder = opened(opened, DataFolder.open(settings.data()));
        Database database = opened(opened, Database.open(address(settings, folder, opened)));
        MasterKey masterKey = masterKey(settings, database);
        @Nullable Witness witness = witness(folder, masterKey);
        if (witness != null) {
            opened(opened, witness);
        }
        EventLog events = opened(opened, new EventLog(database, masterKey, witness, settings.lease(), clock));
        RefusedRequests refused = opened(opened, new RefusedRequests(database, events, clock));

        // Features
        CurrentPolicy policy = new CurrentPolicy(events);
        Roles roles = new Roles(database, events, policy, clock, List.of(new TokensOfRole(clock), new UsersOfRole()));
        Apis apis =
                new Apis(database, events, policy, clock, new TokensOfRole(clock), new ActsForApi(events), audience);
        PasswordHash passwords = new PasswordHash();
        Sessions sessions = new Sessions(database, events, masterKey, clock);
        Users users = new Users(database, events, roles, policy, sessions, passwords, masterKey, clock);
        SignIn signIn = new SignIn(database, sessions, passwords, new Devices(masterKey, clock), refused, clock);
        Setup setup = new Setup(database, events, roles, passwords, masterKey, clock);
        Accounts accounts = new Accounts(database, events);
        LastAccess lastAccess = opened(opened, new LastAccess(database, clock));
        ApiTokens apiTokens =
                new ApiTokens(database, events, roles, policy, accounts, users, lastAccess, masterKey, clock);
        KeptBeside keptBeside = opened(opened, new KeptBeside(database, events));
        SigningKeys signingKeys = new SigningKeys(database, events, masterKey, clock);
        AccessTokens accessTokens = new AccessTokens(signingKeys, policy, issuer, clock);
        RevokedAccessTokens revoked = new RevokedAccessTokens(database, events, clock);
        Handover handover = new Handover(database, events, roles, users);
        RevocationSince revocationSince = new RevocationSince(database, events, lastAccess, clock);
        // When the database has another history than before: what had been ended ends again.
        LostEndings ofApiTokens = new LostEndings(events, clock);
        LostChanges lostChanges = new LostChanges(
                database,
                events,
                clock,
                Map.of(
                        EventType.API_TOKEN_REVOKE, ofApiTokens::revoke,
                        EventType.API_TOKEN_REMOVE_SECRET, ofApiTokens::removeSecret,
                        EventType.API_TOKEN_UPDATE, ofApiTokens::narrow,
                        EventType.ACCESS_TOKEN_REVOKE, revoked::revokeAgain,
                        EventType.SIGNING_KEY_WITHDRAW, signingKeys::withdrawAgain,
                        EventType.USER_DISABLE, users::disableAgain,
                        EventType.USER_REMOVE, users::removeAgain,
                        EventType.USER_PASSWORD, users::endAccessAgain,
                        EventType.SESSION_END, sessions::endAgain,
                        EventType.SESSION_END_OTHERS, sessions::endOthersAgain));
        events.begin(lostChanges::recover);

        // OAuth: who proves what
        Settings.ClientCertificates shown = settings.clientCertificates();
        @Nullable Integer mtlsPort = Integer.valueOf(0).equals(shown.port()) ? Integer.valueOf(freePort()) : shown.port();
        @Nullable String mtls = shown.url() != null || mtlsPort == null ? shown.url() : withPort(issuer, mtlsPort);
        List<String> bases = mtls == null ? List.of(issuer) : List.of(issuer, mtls);
        boolean certificatesShown = mtls != null || shown.field() != null;
        ClientCertificates certificates = ClientCertificates.trusting(shown.authorities(), clock);
        PublicKeys publicKeys = new PublicKeys(opened(opened, PublicKeys.remote(settings.keyHosts())), clock);
        DpopProofs proofs = new DpopProofs(ReplayMemory.ofProofs(clock), new DpopNonces(masterKey, clock), clock);
        ClientAuthenticator clients = new ClientAuthenticator(
                apiTokens,
                new ClientAssertions(publicKeys, ReplayMemory.ofAssertions(clock), bases, clock),
                certificates,
                refused);
        AccessTokenCheck check = new AccessTokenCheck(accessTokens, apiTokens, revoked, proofs);
        Guard guard = new Guard(check, lastAccess, policy, sessions, users, audience, bases);

        Gate gate = new Gate(guard, policy, lastAccess);

        OpenApiReader documents = new OpenApiReader(opened(opened, OpenApiReader.remote(settings.importHosts())));

        // The management API: each operation is routed, guarded and described from its one declaration.
        AuditApi audit = new AuditApi(events);
        HistoryApi history = new HistoryApi(lostChanges);
        List<Operation> features = Stream.of(
                        new ApiTokensApi(apiTokens, issuer).operations(),
                        new RevocationSinceApi(revocationSince).operations(),
                        new HandoverApi(handover).operations(),
                        new RolesApi(roles, policy).operations(),
                        new ApisApi(apis, policy).operations(),
                        new ImportsApi(apis, documents).operations(),
                        new UsersApi(users, issuer).operations(),
                        new AccountApi(accounts).operations(),
                        new SigningKeysApi(signingKeys).operations(),
                        audit.operations(),
                        history.operations(),
                        new MeApi().operations(),
                        new SessionsApi(sessions).operations())
                .flatMap(List::stream)
                .toList();
        ExplainApi explain = new ExplainApi(policy, apiTokens, features, audience, clock);
        List<Operation> operations = ReadBack.accepting(explain.allOperations());
        Map<String, Object> openApi = OpenApi.document(operations, issuer, Version.current());

        Lane requests = lane(opened, "requests", Lane.Pace.GIVING_WAY, MANAGEMENT_REQUESTS);
        Lane endings = lane(opened, "endings", Lane.Pace.USUAL, ENDINGS);
        Console console = new Console(
                guard,
                setup,
                signIn,
                sessions,
                users,
                accounts,
                roles,
                policy,
                apiTokens,
                signingKeys,
                audit,
                history,
                revocationSince,
                handover,
                apis,
                explain.explainer(),
                documents,
                operations,
                explain.managementApi(),
                issuer,
                Version.current(),
                clock);

        Readiness readiness = new Readiness(database, events);
        JwksEndpoint jwks = new JwksEndpoint(signingKeys);
        AuthorizationEndpoint authorization = new AuthorizationEndpoint();
        // Every handler. First what programs wait for with each call of theirs, and what everybody may read:
        Routes.Builder routes = Routes.builder()
                .add(
                        "POST",
                        TokenEndpoint.PATH,
                        new TokenEndpoint(
                                clients,
                                new Federation(publicKeys, bases, clock),
                                new Renewals(clients, apiTokens, accessTokens, revoked),
                                apiTokens,
                                accessTokens,
                                proofs,
                                lastAccess,
                                policy,
                                audience,
                                bases))
                .add(
                        "POST",
                        IntrospectionEndpoint.PATH,
                        new IntrospectionEndpoint(
                                clients,
                                check,
                                apiTokens,
                                accessTokens,
                                revoked,
                                lastAccess,
                                policy,
                                issuer,
                                audience,
                                bases,
                                clock))
                .add("GET", "/oauth/v2/jwks", jwks)
                .add("GET", "/.well-known/jwks.json", jwks)
                .add("GET", AuthorizationEndpoint.PATH, authorization)
                .add("POST", AuthorizationEndpoint.PATH, authorization)
                .always("GET", "/health/live", request -> Response.text(200, "alive\n"))
                .add("GET", "/health/ready", readiness);
        new MetadataEndpoint(issuer, mtls, certificatesShown ? certificates : null).addTo(routes);
        new ProtectedResourceMetadata(policy, issuer, certificatesShown).addTo(routes);
        // For gateways, which show an access token themselves:
        new GateEndpoint(gate, issuer, shown.field() != null).addTo(routes);

        // What searches, changes or computes for long goes on beside all that. What ends something waits for none of
        // it.
        routes.inLane(endings)
                .add("POST", RevocationEndpoint.PATH, new RevocationEndpoint(clients, apiTokens, accessTokens, revoked))
                .add("POST", LeakReports.PATH, new LeakReports(apiTokens));
        routes.inLane(requests).add("GET", "/api/openapi.json", request -> Response.json(200, openApi));
        // Guarded by privilege:
        operations.forEach(operation -> routes.inLane(endsSomething(operation) ? endings : requests)
                .add(
                        operation.method(),
                        ManagementApi.BASE_PATH + operation.path(),
                        guard.protect(operation),
                        operation.maxBodyBytes(),
                        operation.maxBodyBytes() > Routes.DEFAULT_MAX_BODY_BYTES
                                ? guard::refusal
                                : request -> Optional.empty()));
        // Programs that show certificates find here what programs need; people have no business there.
        Routes forPrograms = routes.build();
        // Pages for people:
        console.addTo(routes.inLane(requests));

        unattendedSetUp(settings, setup, apiTokens, database);
        Thread.ofPlatform().daemon().name("reserve").start(database::keepReserve);
        keptBeside.keepUpBeside();
        Housekeeping housekeeping = new Housekeeping(List.of(
                database::keepReserve,
                keptBeside::keepUpBeside,
                sessions::deleteExpired,
                apiTokens::deleteStaleDrafts,
                revoked::deleteExpired,
                signingKeys::keepUp,
                database::keepStatistics));
        housekeeping.start(opened);
        HttpServer.Config config = httpConfig(settings, port, issuer);
        HttpServer http = opened(opened, HttpServer.start(config, routes.build()));
        List<HttpServer> doors = new ArrayList<>(List.of(http));
        if (mtlsPort != null) {
            doors.add(opened(opened, HttpServer.start(config.askingForCertificates(mtlsPort), forPrograms)));
        }
        @Nullable Integer grpcPort = settings.grpcPort();
        if (grpcPort != null) {
            Routes forEnvoy = EnvoyGrpc.routes(gate, issuer, settings.trustedProxies());
            HttpServer grpc = opened(opened, HttpServer.start(config.forGrpc(grpcPort), forEnvoy));
            doors.add(grpc);
            grpcPort = grpc.port();
        }
        return new Server(
                issuer,
                setup,
                http.port(),
                grpcPort,
                new Features(apis, roles, apiTokens, gate),
                housekeeping,
                new Stop(readiness, doors),
                opened);
    }

    String issuer() {
        return issuer;
    }

    int port() {
        return port;
    }

    /** The parts that the demo fills and stands before its API. */
    record Features(Apis apis, Roles roles, ApiTokens apiTokens, Gate gate) {}

    Features features() {
        return features;
    }

    /** Does now what is done every minute anyway. */
    void keepHouse() {
        housekeeping.run();
    }

    /** Where Envoy may ask over gRPC; empty when nowhere. */
    Optional<Integer> grpcPort() {
        return Optional.ofNullable(grpcPort);
    }

    /** Where to create the account; empty when there is one. */
    Optional<String> setupUrl() {
        return setup.openLink().map(secret -> issuer + "/setup/" + secret);
    }

    /**
     * Stops so that nobody loses a request: readiness says no at once, and after the delay, when balancers have turned
     * elsewhere, no connection is taken in any more. {@link #close} comes afterwards.
     */
    void leave(Duration delay) {
        stop.begin(delay);
    }

    /** Finishes the requests in flight, writes what is still in memory, and closes everything. */
    @Override
    public void close() {
        closeAll(opened);
    }

    static void closeAll(Deque<AutoCloseable> opened) {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                log.warn("Something did not close in order: {}", e.toString());
            }
        }
    }

    static <T extends AutoCloseable> T opened(Deque<AutoCloseable> opened, T part) {
        opened.push(part);
        return part;
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException("There is no free port.", e);
        }
    }

    static String issuer(Settings settings, int port) {
        if (settings.issuer() != null) {
            return settings.issuer();
        }
        String host = Set.of("127.0.0.1", "0.0.0.0", "::", "::1", "localhost").contains(settings.host())
                ? "localhost"
                : settings.host();
        return (settings.tls() == null ? "http://" : "https://") + host + ":" + port;
    }

    private static String withPort(String issuer, int port) {
        URI uri = URI.create(issuer);
        return uri.getScheme() + "://" + uri.getHost() + ":" + port + uri.getRawPath();
    }

    /** The database of the settings, for the one process that works with the folder. */
    static DatabaseAddress address(Settings settings, DataFolder folder, Deque<AutoCloseable> opened) {
        Settings.DatabaseServer server = settings.database();
        return server == null
                ? opened(opened, DatabaseFile.claim(folder, SQLITE_FILE, settings.masterKeyFile()))
                        .address()
                : DatabaseAddress.PostgresqlUrl.parse(server.url(), server.user(), server.password());
    }

    /** Where the database of the settings is, or is to be. */
    static DatabaseAddress place(Settings settings) {
        Settings.DatabaseServer server = settings.database();
        return server == null
                ? new DatabaseAddress.SqliteFile(settings.data().resolve(SQLITE_FILE))
                : DatabaseAddress.PostgresqlUrl.parse(server.url(), server.user(), server.password());
    }

    /** The database of the settings, for a command that makes none; it may be open elsewhere. */
    static DatabaseAddress existing(Settings settings) {
        DatabaseAddress address = place(settings);
        if (address instanceof DatabaseAddress.SqliteFile(var file) && !Files.exists(file)) {
            throw new UnusableSettingsException(
                    List.of("There is no Latchkey database in " + settings.data() + ". Name its folder with --data."));
        }
        return address;
    }

    /**
     * The same for a command that only reads. The file of a stopped service is looked at before: opening it joins what lies
     * beside it, which may not belong to it.
     */
    static DatabaseAddress readable(Settings settings) {
        DatabaseAddress address = existing(settings);
        if (settings.database() == null) {
            DataFolder.tryOpen(settings.data()).ifPresent(folder -> {
                try (folder) {
                    DatabaseFile.claim(folder, SQLITE_FILE, settings.masterKeyFile())
                            .close();
                }
            });
        }
        return address;
    }

    static MasterKey masterKey(Settings settings, Database database) {
        @Nullable String given = settings.masterKey();
        if (given == null) {
            return KeyCheck.loadOrCreate(database, settings.masterKeyFile());
        }
        return KeyCheck.require(database, given, Setting.MASTER_KEY.environmentVariable());
    }

    /** Where nothing can be written, everything else goes on: only what a failover loses stays unknown. */
    private static @Nullable Witness witness(DataFolder folder, MasterKey masterKey) {
        Path path = folder.file(WITNESS);
        try {
            return Witness.open(path, masterKey);
        } catch (IOException e) {
            log.warn(
                    "The witness in {} cannot be kept ({}): if the database loses changes, nobody will know which",
                    path,
                    e.getMessage());
            return null;
        }
    }

    private static HttpServer.Config httpConfig(Settings settings, int port, String issuer) {
        Settings.TlsFiles tls = settings.tls();
        return new HttpServer.Config(
                settings.host(),
                port,
                tls == null ? null : new HttpServer.Tls(tls.certificate(), tls.key()),
                settings.trustedProxies(),
                settings.maxConcurrentRequests(),
                Callers.ALL,
                settings.clientCertificates().field(),
                new Connections(settings.maxConnectionsPerAddress(), settings.trustedProxies()),
                issuer.startsWith("https:"),
                settings.idle(),
                BasePath.of(issuer));
    }

    private static Lane lane(Deque<AutoCloseable> opened, String name, Lane.Pace pace, int atWork) {
        Lane.Bounds bounds = new Lane.Bounds(atWork, MANAGEMENT_WAITING, MANAGEMENT_PATIENCE);
        return opened(opened, new Lane(name, pace, bounds, Problem::busy));
    }

    private static boolean endsSomething(Operation operation) {
        return operation.method().equals("DELETE")
                || (operation.method().equals("POST")
                        && Stream.of("/revoke", "/revoke-since", "/withdraw", "/disable")
                                .anyMatch(operation.path()::endsWith));
    }

    /** How a server leaves, before it closes. */
    private record Stop(Readiness readiness, List<HttpServer> doors) {
        /** Whoever keeps a connection open and sends nothing for that long will hardly be sending when it is closed. */
        private static final Duration LAST_CALL = Duration.ofSeconds(1);

        private static final Duration LOOKS = Duration.ofMillis(10);

        void begin(Duration delay) {
            readiness.stop();
            doors.forEach(HttpServer::sendAway);
            try {
                Thread.sleep(delay);
                doors.forEach(HttpServer::stopListening);
                for (Duration waited = Duration.ZERO;
                        waited.compareTo(LAST_CALL) < 0 && !doors.stream().allMatch(HttpServer::isLeft);
                        waited = waited.plus(LOOKS)) {
                    Thread.sleep(LOOKS);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** What time alone brings: each task is tried every minute, whatever became of the others. */
    private record Housekeeping(List<Runnable> tasks) {
        void start(Deque<AutoCloseable> opened) {
            Thread thread = Thread.ofPlatform().daemon().name("housekeeping").start(() -> {
                while (true) {
                    try {
                        Thread.sleep(HOUSEKEEPING);
                    } catch (InterruptedException e) {
                        return;
                    }
                    run();
                }
            });
            opened.push(thread::interrupt);
        }

        void run() {
            for (Runnable task : tasks) {
                try {
                    task.run();
                } catch (RuntimeException e) {
                    log.warn("Housekeeping will be tried again in a minute: {}", e.getMessage());
                }
            }
        }
    }

    /** Creates the account from the settings, and leaves an API token for whoever automates the rest; each once. */
    private static void unattendedSetUp(Settings settings, Setup setup, ApiTokens apiTokens, Database database) {
        Settings.Administrator administrator = settings.administrator();
        if (administrator != null && setup.account().isEmpty()) {
            @Nullable String email = administrator.email();
            @Nullable String password = administrator.password();
            if (email == null || password == null || !administrator.problems().isEmpty()) {
                throw new UnusableSettingsException(administrator.problems());
            }
            try {
                setup.completeUnattended(administrator.accountName(), email, password);
            } catch (Problem problem) {
                List<String> lines = new ArrayList<>();
                problem.errors().forEach(error -> lines.add("Set-up: " + error.field() + ": " + error.message()));
                throw new UnusableSettingsException(lines.isEmpty() ? List.of(problem.detail()) : lines);
            }
        }
        Path file = settings.bootstrapTokenFile();
        if (file != null && setup.account().isPresent()) {
            leaveBootstrapToken(file, apiTokens, database);
        }
    }

    private static void leaveBootstrapToken(Path file, ApiTokens apiTokens, Database database) {
        Caller bootstrap = Caller.system("bootstrap");
        if (database.read(Once.BOOTSTRAP_TOKEN::happened)) {
            return;
        }
        // A draft first: if the file cannot be written, no token is in force whose secret nobody has.
        ApiTokens.Created draft =
                apiTokens.draft(bootstrap, new ApiTokens.NewApiToken("Bootstrap", Role.ACCOUNT_ADMIN, null));
        String content = "CLIENT_ID=" + draft.apiToken().clientId() + "\nCLIENT_SECRET="
                + (draft.secret() == null ? "" : draft.secret().value()) + "\n";
        try {
            Files.deleteIfExists(file);
            try (var channel = Files.newByteChannel(
                    file,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SYNC),
                    DataFolder.ownersOnly(file, "rw-------"))) {
                channel.write(ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8)));
            }
        } catch (IOException e) {
            throw new UnusableSettingsException(List.of("The bootstrap token file " + file
                    + " cannot be written. Check " + Setting.BOOTSTRAP_TOKEN_FILE.environmentVariable() + "."));
        }
        apiTokens.save(
                bootstrap,
                draft.apiToken().clientId(),
                transaction -> Once.BOOTSTRAP_TOKEN.happens(
                        transaction, draft.apiToken().createdAt()));
    }
}
