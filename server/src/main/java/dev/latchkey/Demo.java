package dev.latchkey;

import dev.latchkey.access.Caller;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Endpoint.Requirement;
import dev.latchkey.access.KeyPlaces;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.access.RoleTerms;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ApiTokenTerms;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.database.Reason;
import dev.latchkey.http.HttpConfig;
import dev.latchkey.http.HttpServer;
import dev.latchkey.limit.CallLimits;
import dev.latchkey.registry.ApiTerms;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * {@code latchkey demo}: a Latchkey with sample data and a small API behind a gate, to see allow, deny and revoke within a
 * minute. All data is deleted when it ends.
 */
final class Demo {
    private static final String EMAIL = "ada@example.com";
    private static final String AUDIENCE = "https://billing.example";
    private static final Caller SYSTEM = Caller.system("demo");

    /** The settings that a demo accepts; it chooses all others itself. */
    static final Set<Setting<?>> ACCEPTED = Set.of(
            Setting.PORT,
            Setting.LEASE_SECONDS,
            Setting.IMPORT_HOSTS,
            Setting.KEY_HOSTS,
            Setting.MAX_CONCURRENT_REQUESTS,
            Setting.MAX_CONNECTIONS_PER_ADDRESS,
            Setting.IDLE_SECONDS,
            Setting.LOG_FORMAT);

    private final Settings settings;
    private final PrintStream out;

    Demo(Settings settings, PrintStream out) {
        this.settings = settings;
        this.out = out;
    }

    /**
     * The service's settings in the environment or in the file are ignored, but a flag that has no effect is an error.
     *
     * @throws UnusableSettingsException when a demo would ignore a flag
     */
    static void requireUse(Set<Setting<?>> flags) {
        String ignored = flags.stream()
                .filter(setting -> !ACCEPTED.contains(setting))
                .map(Setting::flag)
                .collect(Collectors.joining(" and "));
        if (!ignored.isEmpty()) {
            throw new UnusableSettingsException(List.of("The demo does not accept " + ignored
                    + ": it listens on this machine only, and keeps its data"
                    + " in a temporary folder until it ends. Leave that out, or start the service: latchkey serve"));
        }
    }

    int run() {
        Path folder = temporaryFolder();
        AtomicReference<Running> started = new AtomicReference<>();
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(() -> {
                    Running running = started.get();
                    if (running != null) {
                        running.close();
                    }
                    delete(folder);
                    Runtime.getRuntime().halt(running == null ? 1 : 0);
                }));
        Running running = start(folder);
        started.set(running);
        out.println(running.text());
        out.flush();
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return 0;
    }

    /** The demo while it runs. */
    private record Running(Server server, HttpServer api, String text) implements AutoCloseable {
        @Override
        public void close() {
            api.close();
            server.close();
        }
    }

    private Running start(Path folder) {
        String password = password();
        Server server = Server.start(settings.only(
                ACCEPTED,
                Map.of(
                        Setting.PORT,
                        Integer.toString(free(settings.get(Setting.PORT))),
                        Setting.DATA,
                        folder.toString(),
                        Setting.ACCOUNT_NAME,
                        "Demo",
                        Setting.ADMIN_EMAIL,
                        EMAIL,
                        Setting.ADMIN_PASSWORD,
                        password)));
        Parts parts = server.parts();
        registerBilling(parts);
        ApiTokens.Created reader = token(parts, "Nightly report", "invoice_reader");
        ApiTokens.Created clerk = token(parts, "Billing desk", "invoice_clerk");
        token(parts, "Yearly audit", "auditor");
        ApiTokens.Created administrator = token(parts, "Demo administrator", Role.ACCOUNT_ADMIN);
        ApiTokens.Created prometheus = token(
                parts,
                "invoice_reader",
                ApiTokenTerms.withApiKey("Prometheus", parts.clock.instant().plus(Duration.ofDays(30))));
        int port = free(8090);
        HttpServer api = HttpServer.start(
                HttpConfig.builder().port(port).build(), new SampleApi(parts.gate, server.issuer()).routes());
        return new Running(
                server, api, text(server.issuer(), api.port(), password, reader, clerk, administrator, prometheus));
    }

    private static void registerBilling(Parts parts) {
        List<Endpoint> endpoints = List.of(
                endpoint("GET", "/invoices", "invoices:read", "List invoices"),
                endpoint("GET", "/invoices/{id}", "invoices:read", "Get an invoice"),
                endpoint("POST", "/invoices", "invoices:write", "Create an invoice"),
                endpoint("DELETE", "/invoices/{id}", "invoices:write", "Delete an invoice"),
                endpoint("GET", "/customers", "customers:read", "List customers"),
                endpoint("GET", "/reports/{year}", "reports:read", "Get a year's report"),
                new Endpoint("GET", "/status", new Requirement.Nothing(), "Is it up?"));
        parts.apis.create(
                SYSTEM,
                "billing",
                new ApiTerms(
                        "Invoices, customers and reports",
                        AUDIENCE,
                        List.of(),
                        "",
                        List.of(),
                        null,
                        new TreeMap<>(),
                        new TreeMap<>(),
                        new KeyPlaces(false, "X-API-Key", true, null),
                        false,
                        CallLimits.NONE,
                        endpoints),
                null);
        role(parts, "invoice_reader", "Reads invoices", "", "invoices:read");
        role(parts, "invoice_clerk", "Works with invoices", "invoice_reader", "invoices:write", "customers:read");
        role(parts, "auditor", "Reads the yearly reports", "", "reports:read");
    }

    private static Endpoint endpoint(String method, String path, String privilege, String summary) {
        return new Endpoint(method, path, new Requirement.Holds(new Privilege("billing", privilege)), summary);
    }

    private static void role(Parts parts, String name, String description, String granted, String... privileges) {
        SortedSet<Privilege> allowed = Arrays.stream(privileges)
                .map(privilege -> new Privilege("billing", privilege))
                .collect(Collectors.toCollection(TreeSet::new));
        SortedSet<String> below = granted.isEmpty() ? new TreeSet<>() : new TreeSet<>(List.of(granted));
        parts.roles.create(SYSTEM, name, new RoleTerms(description, allowed, new TreeSet<>(), below), null);
    }

    private static ApiTokens.Created token(Parts parts, String description, String role) {
        return token(parts, role, ApiTokenTerms.withSecret(description, null));
    }

    private static ApiTokens.Created token(Parts parts, String role, ApiTokenTerms terms) {
        return parts.apiTokens.create(SYSTEM, role, terms, null).value();
    }

    private static String text(
            String issuer,
            int api,
            String password,
            ApiTokens.Created reader,
            ApiTokens.Created clerk,
            ApiTokens.Created administrator,
            ApiTokens.Created prometheus) {
        Map<String, String> values = Map.of(
                "{administrator}",
                user(administrator),
                "{issuer}",
                issuer,
                "{api}",
                "http://localhost:" + api,
                "{email}",
                EMAIL,
                "{password}",
                password,
                "{audience}",
                AUDIENCE,
                "{reader}",
                user(reader),
                "{clerk}",
                user(clerk),
                "{key}",
                secret(prometheus),
                "{id}",
                reader.apiToken().clientId());
        String text = TEXT;
        for (Map.Entry<String, String> value : values.entrySet()) {
            text = text.replace(value.getKey(), value.getValue());
        }
        return text;
    }

    private static String user(ApiTokens.Created created) {
        ApiToken apiToken = created.apiToken();
        return apiToken.clientId() + ":" + secret(created);
    }

    private static String secret(ApiTokens.Created created) {
        return created.secret() == null ? "" : created.secret().value();
    }

    /** The commands to paste are explained by echo and not by comments, because zsh takes a pasted # for a command. */
    static final String TEXT = """

            Latchkey demo. Its secrets are printed because they are worthless: everything is deleted when you press Ctrl-C.

              Console   {issuer}
                        {email}  {password}
              The API   {api}   (invoices behind a gate; GET /status is public)

            Paste these into another terminal, one by one or all at once.

            echo '1. The nightly report exchanges its client id and secret for an access token.'
            access_token() { sed -E 's/.*"access_token":"([^"]+)".*/\\1/'; }
            REPORT=$(curl -s {issuer}/oauth/v2/token -u '{reader}' \\
              -d grant_type=client_credentials -d resource={audience} | access_token)

            echo '2. It may read invoices:'
            curl -s {api}/invoices/42 -H "Authorization: Bearer $REPORT"

            echo '3. It may not delete them. The answer names the missing privilege and links to the explanation:'
            curl -s -X DELETE {api}/invoices/42 -H "Authorization: Bearer $REPORT"

            echo '4. The billing desk may:'
            DESK=$(curl -s {issuer}/oauth/v2/token -u '{clerk}' \\
              -d grant_type=client_credentials -d resource={audience} | access_token)
            curl -s -X DELETE {api}/invoices/42 -H "Authorization: Bearer $DESK"

            echo '5. Prometheus speaks no OAuth: it sends an API key with each call. The API never sees the key:'
            printf 'header = "X-API-Key: %s"\\n' '{key}' | curl -s -K - {api}/invoices

            echo '6. An administrator revokes the token of the report, here or in the console at {issuer}/tokens/{id}/revoke:'
            ADMIN=$(curl -s {issuer}/oauth/v2/token -u '{administrator}' -d grant_type=client_credentials | access_token)
            curl -s {issuer}/api/v1/tokens/{id}/revoke -H "Authorization: Bearer $ADMIN" \\
              -H 'Content-Type: application/json' -d '{"reason": "demo"}'

            echo '7. The next call is refused, although its access token would last ten minutes:'
            curl -s {api}/invoices/43 -H "Authorization: Bearer $REPORT"
            """;

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("latchkey-demo");
        } catch (IOException e) {
            throw new UnusableSettingsException(List.of("The temporary folder cannot be written (" + Reason.ofFile(e)
                    + "). Name another one: JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=FOLDER."));
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            // It is in the system's folder for temporary files.
        }
    }

    /** The port, or a free one when it is taken. */
    private static int free(int wanted) {
        for (int port : new int[] {wanted, 0}) {
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException e) {
                // The next one.
            }
        }
        throw new IllegalStateException("There is no free port.");
    }

    /** Easy to type: three groups of four letters. */
    private static String password() {
        SecureRandom random = new SecureRandom();
        StringBuilder password = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            password.append(i > 0 && i % 4 == 0 ? "-" : "").append((char) ('a' + random.nextInt(26)));
        }
        return password.toString();
    }
}
