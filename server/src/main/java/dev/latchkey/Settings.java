package dev.latchkey;

import dev.latchkey.database.DatabaseAddress.PostgresqlUrl;
import dev.latchkey.database.UnusableDatabaseException;
import dev.latchkey.http.AddressRange;
import dev.latchkey.http.BasePath;
import dev.latchkey.http.Connections;
import dev.latchkey.http.HttpServer;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the operator decided, checked. A flag counts before an environment variable, that before the file, that before the
 * default. All problems are reported together.
 *
 * @param issuer the public base URL without a trailing slash; null to take the address that it listens on
 * @param database null for SQLite in the data folder
 * @param lease how long tokens still count when the database is not heard from
 * @param idle how long a connection may be silent
 * @param masterKey the master key itself, when it was given; otherwise it is in the file
 * @param administrator the first administrator, when set-up is unattended
 */
record Settings(
        String host,
        int port,
        Path data,
        @Nullable String issuer,
        @Nullable DatabaseServer database,
        Duration lease,
        @Nullable String masterKey,
        Path masterKeyFile,
        @Nullable TlsFiles tls,
        @Nullable Integer grpcPort,
        ClientCertificates clientCertificates,
        List<AddressRange> trustedProxies,
        Set<String> importHosts,
        Set<String> keyHosts,
        int maxConcurrentRequests,
        int maxConnectionsPerAddress,
        Duration idle,
        Duration stopDelay,
        @Nullable Administrator administrator,
        @Nullable Path bootstrapTokenFile,
        String logLevel,
        boolean logJson) {

    /** A PostgreSQL server and how to sign in to it. */
    record DatabaseServer(
            String url, @Nullable String user, @Nullable String password) {
        @Override
        public String toString() {
            return "DatabaseServer";
        }
    }

    record TlsFiles(Path certificate, Path key) {}

    /**
     * How programs show TLS certificates.
     *
     * @param port where they are asked for; null for nowhere
     * @param url the public base URL of that port; null for the issuer's host with that port
     * @param field in which trusted proxies pass them on; null for none
     * @param authorities whose certificates count by their names; null for nobody's
     */
    record ClientCertificates(
            @Nullable Integer port,
            @Nullable String url,
            @Nullable String field,
            @Nullable Path authorities) {
        static final ClientCertificates NONE = new ClientCertificates(null, null, null, null);
    }

    /**
     * Who a first start makes the first administrator.
     *
     * @param problems what a first start cannot go on with; all later ones do without any of this
     */
    record Administrator(
            String accountName,
            @Nullable String email,
            @Nullable String password,
            List<String> problems) {
        @Override
        public String toString() {
            return "Administrator[" + email + "]";
        }
    }

    /** For a demo: data in a folder of its own, loopback, and an administrator. */
    Settings forDemo(Path folder, int port, String email, String password) {
        return new Settings(
                "127.0.0.1",
                port,
                folder,
                null,
                null,
                lease,
                null,
                folder.resolve("master.key"),
                null,
                null,
                ClientCertificates.NONE,
                List.of(),
                importHosts,
                keyHosts,
                maxConcurrentRequests,
                maxConnectionsPerAddress,
                idle,
                Duration.ZERO,
                new Administrator("Demo", email, password, List.of()),
                null,
                "warn",
                logJson);
    }

    @Override
    public String toString() {
        // Several of these are secrets.
        return "Settings";
    }

    /**
     * Reads the settings.
     *
     * @param flags by setting, as given on the command line
     * @param environment the process's environment
     * @param file the settings file; {@code latchkey.yaml} is taken when there is one and none was named
     * @throws UnusableSettingsException when anything is unknown or does not make sense
     */
    static Settings read(Map<Setting, String> flags, Map<String, String> environment, Optional<Path> file) {
        return new Reader().read(flags, environment, file);
    }

    private static final class Reader {
        /** A balancer that asks each second has noticed by then; and within the ten seconds that Docker gives there is still
         * time for what is in work. */
        private static final int STOP_DELAY_AMONG_NODES = 3;

        private static final Pattern FIELD_NAME = Pattern.compile("[A-Za-z0-9-]{1,100}");

        private final List<String> problems = new ArrayList<>();
        private final Map<Setting, String> values = new EnumMap<>(Setting.class);
        private final Map<Setting, String> spellings = new EnumMap<>(Setting.class);

        Settings read(Map<Setting, String> flags, Map<String, String> environment, Optional<Path> file) {
            for (Setting setting : Setting.values()) {
                if (setting.defaultValue() != null) {
                    values.put(setting, setting.defaultValue());
                }
            }
            readFile(file);
            readEnvironment(environment);
            flags.forEach((setting, value) -> put(setting, value, setting.flag()));

            @Nullable String issuer = text(Setting.ISSUER)
                    .map(text -> baseUrl(Setting.ISSUER, text))
                    .orElse(null);
            Path data = parsed(Setting.DATA, "Give a folder.", Path::of, Path.of("data"));
            Settings settings = new Settings(
                    text(Setting.HOST).orElse("127.0.0.1"),
                    parsed(Setting.PORT, "Give a number from 0 to 65535.", number(0, 65_535), 8080),
                    data,
                    issuer,
                    databaseServer(),
                    Duration.ofSeconds(
                            parsed(Setting.LEASE_SECONDS, "Give a number from 0 to 86400.", number(0, 86_400), 5)),
                    text(Setting.MASTER_KEY).orElse(null),
                    text(Setting.MASTER_KEY_FILE).map(Path::of).orElse(data.resolve("master.key")),
                    tlsFiles(),
                    port(Setting.GRPC_PORT),
                    clientCertificates(issuer),
                    trustedProxies(),
                    hosts(Setting.IMPORT_HOSTS),
                    hosts(Setting.KEY_HOSTS),
                    parsed(Setting.MAX_CONCURRENT_REQUESTS, "Give a number from 1 to 100000.", number(1, 100_000), 256),
                    parsed(
                            Setting.MAX_CONNECTIONS_PER_ADDRESS,
                            "Give a number from 1 to 100000.",
                            number(1, 100_000),
                            Connections.MOST_OF_ONE_ADDRESS),
                    Duration.ofSeconds(
                            parsed(Setting.IDLE_SECONDS, "Give a number from 1 to 3600.", number(1, 3_600), (int)
                                    HttpServer.IDLE.toSeconds())),
                    Duration.ofSeconds(parsed(
                            Setting.STOP_DELAY_SECONDS,
                            "Give a number from 0 to 600.",
                            number(0, 600),
                            text(Setting.DATABASE_URL).isPresent() ? STOP_DELAY_AMONG_NODES : 0)),
                    administrator(),
                    text(Setting.BOOTSTRAP_TOKEN_FILE).map(Path::of).orElse(null),
                    choice(Setting.LOG_LEVEL, List.of("error", "warn", "info", "debug")),
                    choice(Setting.LOG_FORMAT, List.of("text", "json")).equals("json"));
            if (settings.masterKey() != null && values.containsKey(Setting.MASTER_KEY_FILE)) {
                problems.add("Give the master key either as " + spellings.get(Setting.MASTER_KEY) + " or as "
                        + spellings.get(Setting.MASTER_KEY_FILE) + ", not both.");
            }
            if (!problems.isEmpty()) {
                throw new UnusableSettingsException(problems);
            }
            return settings;
        }

        private void readFile(Optional<Path> named) {
            Path file = named.orElse(Path.of("latchkey.yaml"));
            if (named.isEmpty() && !Files.exists(file)) {
                return;
            }
            SettingsFile content = SettingsFile.read(file);
            problems.addAll(content.problems());
            content.values()
                    .forEach((name, value) -> Setting.withKey(name)
                            .ifPresentOrElse(
                                    setting -> {
                                        if (!value.isEmpty()) {
                                            put(setting, value, name);
                                        }
                                    },
                                    () -> unknown(
                                            name + " in " + file,
                                            Setting.nearest(name).key())));
        }

        private void readEnvironment(Map<String, String> environment) {
            environment.keySet().stream()
                    .filter(Setting::isEnvironmentVariable)
                    .sorted()
                    .forEach(name -> Setting.withEnvironmentVariable(name)
                            .ifPresentOrElse(
                                    setting -> put(setting, String.valueOf(environment.get(name)), name),
                                    () -> unknown(name, Setting.nearest(name).environmentVariable())));
        }

        private void unknown(String spelling, String nearest) {
            problems.add("There is no setting " + spelling + ". Did you mean " + nearest + "?");
        }

        private void put(Setting setting, String value, String spelling) {
            values.put(setting, value);
            spellings.put(setting, spelling);
        }

        private Optional<String> text(Setting setting) {
            return Optional.ofNullable(values.get(setting)).map(String::strip).filter(value -> !value.isEmpty());
        }

        private <T> T parsed(Setting setting, String advice, Function<String, T> parse, T otherwise) {
            Optional<String> text = text(setting);
            if (text.isEmpty()) {
                return otherwise;
            }
            try {
                return parse.apply(text.get());
            } catch (IllegalArgumentException e) {
                problems.add(spelling(setting) + " is \"" + text.get() + "\". " + advice);
                return otherwise;
            }
        }

        private String spelling(Setting setting) {
            return spellings.getOrDefault(setting, setting.environmentVariable());
        }

        private static Function<String, Integer> number(int least, int most) {
            return text -> {
                int number = Integer.parseInt(text);
                if (number < least || number > most) {
                    throw new IllegalArgumentException("out of range");
                }
                return number;
            };
        }

        private String choice(Setting setting, List<String> choices) {
            String value = text(setting).orElse(choices.getFirst()).toLowerCase(Locale.ROOT);
            if (!choices.contains(value)) {
                problems.add(
                        spelling(setting) + " is \"" + value + "\". Give one of: " + String.join(", ", choices) + ".");
            }
            return value;
        }

        private @Nullable String baseUrl(Setting setting, String text) {
            try {
                String url = text.replaceFirst("/$", "");
                URI uri = URI.create(url);
                boolean web = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
                if (web
                        && uri.getHost() != null
                        && uri.getRawQuery() == null
                        && uri.getRawFragment() == null
                        && uri.getRawUserInfo() == null) {
                    BasePath.of(url);
                    return url;
                }
            } catch (IllegalArgumentException e) {
                // answered below, like a URL of another form
            }
            problems.add(spelling(setting) + " is \"" + text
                    + "\". Give the public base URL, such as https://auth.example.com or https://example.com/auth.");
            return null;
        }

        private @Nullable DatabaseServer databaseServer() {
            Optional<String> url = text(Setting.DATABASE_URL);
            if (url.isEmpty()) {
                return null;
            }
            try {
                PostgresqlUrl.parse(url.get(), null, null);
            } catch (UnusableDatabaseException e) {
                problems.add(spelling(Setting.DATABASE_URL) + ": " + e.getMessage()
                        + " For SQLite leave it out and set the data folder.");
            }
            return new DatabaseServer(
                    url.get(),
                    text(Setting.DATABASE_USER).orElse(null),
                    secret(Setting.DATABASE_PASSWORD, Setting.DATABASE_PASSWORD_FILE)
                            .orElse(null));
        }

        private Optional<String> secret(Setting direct, Setting inFile) {
            return secret(direct, inFile, problems);
        }

        private Optional<String> secret(Setting direct, Setting inFile, List<String> found) {
            Optional<String> file = text(inFile);
            if (file.isEmpty()) {
                return Optional.ofNullable(values.get(direct)).filter(value -> !value.isEmpty());
            }
            if (values.containsKey(direct)) {
                found.add("Give either " + spelling(direct) + " or " + spelling(inFile) + ", not both.");
            }
            try {
                String content = Files.readString(Path.of(file.get()), StandardCharsets.UTF_8);
                return Optional.of(content.strip()).filter(value -> !value.isEmpty());
            } catch (IOException | InvalidPathException e) {
                found.add(spelling(inFile) + " names " + file.get()
                        + ", which cannot be read. Check that it exists and its permissions.");
                return Optional.empty();
            }
        }

        private @Nullable TlsFiles tlsFiles() {
            Optional<String> certificate = text(Setting.TLS_CERTIFICATE_FILE);
            Optional<String> key = text(Setting.TLS_KEY_FILE);
            if (certificate.isPresent() != key.isPresent()) {
                problems.add("TLS needs both " + Setting.TLS_CERTIFICATE_FILE.environmentVariable() + " and "
                        + Setting.TLS_KEY_FILE.environmentVariable() + ".");
            }
            return certificate.isPresent() && key.isPresent()
                    ? new TlsFiles(Path.of(certificate.get()), Path.of(key.get()))
                    : null;
        }

        private @Nullable Integer port(Setting setting) {
            return text(setting).isEmpty()
                    ? null
                    : parsed(setting, "Give a number from 0 to 65535.", number(0, 65_535), 0);
        }

        private ClientCertificates clientCertificates(@Nullable String issuer) {
            Optional<String> field = text(Setting.CLIENT_CERTIFICATE_FIELD);
            if (field.isPresent() && !FIELD_NAME.matcher(field.get()).matches()) {
                problems.add(spelling(Setting.CLIENT_CERTIFICATE_FIELD) + " is \"" + field.get()
                        + "\". Give the name of a header field, such as Client-Cert.");
            }
            if (field.isPresent() && text(Setting.TRUSTED_PROXIES).isEmpty()) {
                problems.add(spelling(Setting.CLIENT_CERTIFICATE_FIELD) + " is believed from trusted proxies only. Name"
                        + " them with " + Setting.TRUSTED_PROXIES.environmentVariable() + ".");
            }
            if (text(Setting.MTLS_PORT).isPresent()
                    && text(Setting.TLS_CERTIFICATE_FILE).isEmpty()) {
                problems.add(
                        spelling(Setting.MTLS_PORT) + " needs " + Setting.TLS_CERTIFICATE_FILE.environmentVariable()
                                + " and " + Setting.TLS_KEY_FILE.environmentVariable() + " too.");
            }
            @Nullable String url = text(Setting.MTLS_URL)
                    .map(text -> baseUrl(Setting.MTLS_URL, text))
                    .orElse(null);
            BasePath path = issuer == null ? BasePath.ROOT : BasePath.of(issuer);
            if (url != null && !BasePath.of(url).equals(path)) {
                problems.add(
                        spelling(Setting.MTLS_URL) + " is \"" + url + "\". Give it the path of the issuer, which is "
                                + (path.isRoot() ? "none." : path.path() + "."));
            }
            return new ClientCertificates(
                    port(Setting.MTLS_PORT),
                    url,
                    field.orElse(null),
                    text(Setting.CLIENT_CA_FILE).map(Path::of).orElse(null));
        }

        private Set<String> hosts(Setting setting) {
            Set<String> hosts = new TreeSet<>();
            for (String host : text(setting).orElse("").split("[,\\s]+", -1)) {
                if (host.contains("/")) {
                    problems.add(spelling(setting) + " holds \"" + host
                            + "\", which is not a host name. Leave out https:// and the path.");
                } else if (!host.isEmpty()) {
                    hosts.add(host.toLowerCase(Locale.ROOT));
                }
            }
            return hosts;
        }

        private List<AddressRange> trustedProxies() {
            List<AddressRange> ranges = new ArrayList<>();
            for (String part : text(Setting.TRUSTED_PROXIES).orElse("").split("[,\\s]+", -1)) {
                if (!part.isEmpty()) {
                    try {
                        ranges.add(AddressRange.parse(part));
                    } catch (IllegalArgumentException e) {
                        problems.add(spelling(Setting.TRUSTED_PROXIES) + " holds \"" + part
                                + "\". Give addresses or networks such as 10.0.0.0/8 or ::1.");
                    }
                }
            }
            return List.copyOf(ranges);
        }

        private @Nullable Administrator administrator() {
            Optional<String> email = text(Setting.ADMIN_EMAIL);
            List<String> ofFirstStart = new ArrayList<>();
            Optional<String> password = secret(Setting.ADMIN_PASSWORD, Setting.ADMIN_PASSWORD_FILE, ofFirstStart);
            if (ofFirstStart.isEmpty() && email.isPresent() != password.isPresent()) {
                ofFirstStart.add("Unattended set-up needs both " + Setting.ADMIN_EMAIL.environmentVariable() + " and "
                        + Setting.ADMIN_PASSWORD.environmentVariable() + " (or "
                        + Setting.ADMIN_PASSWORD_FILE.environmentVariable() + ").");
            }
            return email.isEmpty() && password.isEmpty() && ofFirstStart.isEmpty()
                    ? null
                    : new Administrator(
                            text(Setting.ACCOUNT_NAME).orElse("Latchkey"),
                            email.orElse(null),
                            password.orElse(null),
                            List.copyOf(ofFirstStart));
        }
    }
}
