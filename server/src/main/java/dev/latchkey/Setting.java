package dev.latchkey;

import static dev.latchkey.SettingGroup.CERTIFICATES;
import static dev.latchkey.SettingGroup.FETCHING;
import static dev.latchkey.SettingGroup.FIRST_START;
import static dev.latchkey.SettingGroup.LIMITS;
import static dev.latchkey.SettingGroup.LISTENING;
import static dev.latchkey.SettingGroup.STORAGE;

import dev.latchkey.http.AddressRange;
import dev.latchkey.problem.Nearest;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A setting, with everything there is to know about it: its name, its kind of value, its default, and what it is for. The
 * command line, its help, the settings file and the environment follow from this list. {@link Settings#get} returns the
 * values.
 *
 * @param <T> the type of the value; an {@link Optional} where there is neither a value nor a default
 */
final class Setting<T> {
    private static final List<Setting<?>> ALL = new ArrayList<>();

    static final Setting<Integer> PORT = setting(
            LISTENING, "port", ValueKind.PORT, "8080", "The port to listen on; 0 picks a free one and prints it");
    static final Setting<String> HOST =
            setting(LISTENING, "host", ValueKind.TEXT, "127.0.0.1", "The address to listen on; 0.0.0.0 for all");
    static final Setting<Optional<String>> ISSUER = optional(
            LISTENING,
            "issuer",
            ValueKind.BASE_URL,
            "The public base URL, such as https://auth.example.com or https://example.com/auth");
    static final Setting<Optional<Path>> TLS_CERTIFICATE_FILE = optional(
            LISTENING, "tls-certificate-file", ValueKind.FILE, "The certificate chain in PEM; switches to https");
    static final Setting<Optional<Path>> TLS_KEY_FILE =
            optional(LISTENING, "tls-key-file", ValueKind.FILE, "The certificate's private key in PEM (PKCS #8)");
    static final Setting<List<AddressRange>> TRUSTED_PROXIES = setting(
                    LISTENING,
                    "trusted-proxies",
                    ValueKind.NETWORKS,
                    "",
                    "Addresses or networks (CIDR), separated by commas, whose X-Forwarded headers are trusted")
            .live();
    static final Setting<Optional<Integer>> GRPC_PORT = optional(
            LISTENING,
            "grpc-port",
            ValueKind.PORT,
            "The port for Envoy's gRPC checks; 0 picks a free one (default: none)");

    static final Setting<Optional<Integer>> METRICS_PORT = optional(
            LISTENING,
            "metrics-port",
            ValueKind.PORT,
            "The port for metrics, which must not be public; 0 picks a free one (default: none)");
    static final Setting<Optional<URI>> SECURITY_CONTACT = optional(
            LISTENING,
            "security-contact",
            ValueKind.CONTACT,
            "Where to report a vulnerability, mailto:... or https://..., for /.well-known/security.txt (default: none)");

    static final Setting<Path> DATA =
            setting(STORAGE, "data", ValueKind.FOLDER, "./data", "The folder for the SQLite file and the master key");
    static final Setting<Optional<String>> DATABASE_URL = optional(
            STORAGE,
            "database-url",
            ValueKind.POSTGRESQL,
            "jdbc:postgresql://host/database; without it, SQLite in the data folder");
    static final Setting<Optional<String>> DATABASE_USER =
            optional(STORAGE, "database-user", ValueKind.TEXT, "The PostgreSQL user, when the URL does not name one");
    static final Setting<Optional<String>> DATABASE_PASSWORD = optional(
            STORAGE,
            "database-password",
            ValueKind.PASSWORD,
            "The PostgreSQL password, when the URL does not contain it");
    static final Setting<Optional<Path>> DATABASE_PASSWORD_FILE =
            optional(STORAGE, "database-password-file", ValueKind.FILE, "A file with the PostgreSQL password");
    static final Setting<Duration> LEASE_SECONDS = setting(
                    STORAGE,
                    "lease-seconds",
                    ValueKind.seconds(0, 86_400),
                    "5",
                    "How long tokens stay valid while the database does not respond, up to 86400; 0 for not at all")
            .live();
    static final Setting<Integer> USAGE_HOURS_DAYS = setting(
                    STORAGE,
                    "usage-hours-days",
                    ValueKind.number(1, 400),
                    "14",
                    "How many days the usage of tokens is kept by the hour")
            .live();
    static final Setting<Integer> USAGE_DAYS_DAYS = setting(
                    STORAGE,
                    "usage-days-days",
                    ValueKind.number(1, 4_000),
                    "400",
                    "How many days the usage of tokens is kept by the day")
            .live();
    static final Setting<Integer> USAGE_ADDRESSES_DAYS = setting(
                    STORAGE,
                    "usage-addresses-days",
                    ValueKind.number(0, 400),
                    "30",
                    "How many days the addresses are kept from which tokens are used; 0 for not at all")
            .live();
    static final Setting<Optional<String>> MASTER_KEY =
            optional(STORAGE, "master-key", ValueKind.KEY, "The master key, 32 bytes in base64; better kept in a file");
    static final Setting<Optional<Path>> MASTER_KEY_FILE = optional(
            STORAGE,
            "master-key-file",
            ValueKind.FILE,
            "The master key's file, created at the first start (default: master.key in the data folder)");

    static final Setting<String> ACCOUNT_NAME = setting(
            FIRST_START,
            "account-name",
            ValueKind.TEXT,
            "Latchkey",
            "The account's name, for a first start without the setup page");
    static final Setting<Optional<String>> ADMIN_EMAIL = optional(
            FIRST_START,
            "admin-email",
            ValueKind.EMAIL,
            "The first administrator's email, for a first start without the setup page");
    static final Setting<Optional<String>> ADMIN_PASSWORD = optional(
            FIRST_START,
            "admin-password",
            ValueKind.PASSWORD,
            "The first administrator's password; better kept in a file");
    static final Setting<Optional<Path>> ADMIN_PASSWORD_FILE = optional(
            FIRST_START, "admin-password-file", ValueKind.FILE, "A file with the first administrator's password");
    static final Setting<Optional<Path>> BOOTSTRAP_TOKEN_FILE = optional(
            FIRST_START,
            "bootstrap-token-file",
            ValueKind.FILE,
            "Where the first start writes an accountadmin API token, mode 0600");

    static final Setting<Optional<Integer>> MTLS_PORT = optional(
            CERTIFICATES,
            "mtls-port",
            ValueKind.PORT,
            "The port on which programs present TLS certificates; 0 picks a free one (default: none)");
    static final Setting<Optional<String>> MTLS_URL = optional(
            CERTIFICATES,
            "mtls-url",
            ValueKind.BASE_URL,
            "The public base URL of that port (default: the issuer's host with that port)");
    static final Setting<Optional<Path>> CLIENT_CA_FILE = optional(
            CERTIFICATES,
            "client-ca-file",
            ValueKind.FILE,
            "The authorities, in PEM, whose client certificates authenticate tokens of method tls_client_auth");
    static final Setting<Optional<String>> CLIENT_CERTIFICATE_FIELD = optional(
            CERTIFICATES,
            "client-certificate-field",
            ValueKind.FIELD_NAME,
            "The header field in which trusted proxies pass a caller's TLS certificate on");

    static final Setting<Set<String>> KEY_HOSTS = setting(
                    FETCHING,
                    "key-hosts",
                    ValueKind.HOSTS,
                    "token.actions.githubusercontent.com,gitlab.com",
                    "Hosts, separated by commas, from which programs' and outside issuers' public keys may be fetched")
            .live();
    static final Setting<Optional<URI>> SECRET_SCANNING_KEYS_URL = optional(
            FETCHING,
            "secret-scanning-keys-url",
            ValueKind.ADDRESS,
            "Where GitHub publishes the keys that sign its reports of leaked secrets; its host must be in key-hosts (default: none)");
    static final Setting<Set<String>> IMPORT_HOSTS = setting(
                    FETCHING,
                    "import-hosts",
                    ValueKind.HOSTS,
                    "",
                    "Hosts, separated by commas, from which OpenAPI documents may be fetched (default: none)")
            .live();

    static final Setting<Integer> MAX_CONCURRENT_REQUESTS = setting(
                    LIMITS,
                    "max-concurrent-requests",
                    ValueKind.number(1, 100_000),
                    "256",
                    "How many requests may be in progress at once; further ones get a 503")
            .live();
    static final Setting<Integer> MAX_CONNECTIONS_PER_ADDRESS = setting(
                    LIMITS,
                    "max-connections-per-address",
                    ValueKind.number(1, 100_000),
                    "1000",
                    "How many connections one address may have open; trusted proxies may have any number")
            .live();
    static final Setting<Duration> IDLE_SECONDS = setting(
                    LIMITS,
                    "idle-seconds",
                    ValueKind.seconds(1, 3_600),
                    "75",
                    "How long a connection may be idle before it is closed; should be longer than the balancer's limit")
            .live();
    static final Setting<Optional<Duration>> STOP_DELAY_SECONDS = optional(
                    LIMITS,
                    "stop-delay-seconds",
                    ValueKind.seconds(0, 600),
                    "How long it still serves requests once told to stop, while /health/ready answers 503, up to 600 (default: 3 with"
                            + " PostgreSQL, otherwise 0)")
            .live();
    static final Setting<Integer> IDLE_TOKEN_DAYS = setting(
                    LIMITS,
                    "idle-token-days",
                    ValueKind.number(1, 4_000),
                    "45",
                    "After how many days without use an API token is listed as idle; nothing else follows from it")
            .live();
    static final Setting<Integer> ADVICE_TRIAL_DAYS = setting(
                    LIMITS,
                    "advice-trial-days",
                    ValueKind.number(1, 90),
                    "14",
                    "How many days a role is tried without some of its privileges before that can be applied")
            .live();
    static final Setting<String> METRICS = setting(
            LIMITS,
            "metrics",
            ValueKind.choice("on", "off"),
            "on",
            "on or off: whether anything is measured for metrics");
    static final Setting<String> LOG_LEVEL = setting(
                    LIMITS,
                    "log-level",
                    ValueKind.choice("error", "warn", "info", "debug"),
                    "info",
                    "error, warn, info or debug")
            .live();
    static final Setting<String> LOG_FORMAT =
            setting(LIMITS, "log-format", ValueKind.choice("text", "json"), "text", "text or json");
    static final Setting<String> REQUEST_LOG = setting(
            LIMITS,
            "request-log",
            ValueKind.choice("off", "json", "common"),
            "off",
            "A line for each request on standard output: off, json or common");
    static final Setting<Optional<URI>> OTLP_ENDPOINT = optional(
            LIMITS,
            "otlp-endpoint",
            ValueKind.ADDRESS,
            "The base URL of an OpenTelemetry collector that gets traces (OTLP over HTTP), such as http://localhost:4318"
                    + " (default: none)");
    static final Setting<Double> TRACE_PERCENT = setting(
            LIMITS,
            "trace-percent",
            ValueKind.PERCENT,
            "1",
            "How many of a hundred requests are traced, from 0 to 100, such as 0.5");

    private final SettingGroup group;
    private final SettingName name;
    private final ValueKind<?> kind;
    private final @Nullable String defaultValue;
    private final String description;
    private final BiFunction<@Nullable String, Consumer<String>, T> reading;
    private boolean reloads;

    private Setting(
            SettingGroup group,
            SettingName name,
            ValueKind<?> kind,
            @Nullable String defaultValue,
            String description,
            BiFunction<@Nullable String, Consumer<String>, T> reading) {
        this.group = group;
        this.name = name;
        this.kind = kind;
        this.defaultValue = defaultValue;
        this.description = description;
        this.reading = reading;
        ALL.add(this);
    }

    /** A setting that always has a value. */
    private static <T> Setting<T> setting(
            SettingGroup group,
            String key,
            ValueKind<T> kind,
            String defaultValue,
            String description,
            String... older) {
        return new Setting<>(
                group,
                new SettingName(key, List.of(older)),
                kind,
                defaultValue,
                description,
                (text, problem) -> Optional.ofNullable(text)
                        .flatMap(given -> kind.read(given, problem))
                        .or(() -> kind.read(defaultValue, problem))
                        .orElseThrow());
    }

    /** A setting that may be absent. */
    private static <T> Setting<Optional<T>> optional(
            SettingGroup group, String key, ValueKind<T> kind, String description, String... older) {
        return new Setting<>(
                group,
                new SettingName(key, List.of(older)),
                kind,
                null,
                description,
                (text, problem) -> Optional.ofNullable(text).flatMap(given -> kind.read(given, problem)));
    }

    /** This setting, which may change while the service runs. Code that needs it gets it from {@link LiveSettings}. */
    private Setting<T> live() {
        reloads = true;
        return this;
    }

    static List<Setting<?>> all() {
        return List.copyOf(ALL);
    }

    /** Whether a new value takes effect while the service runs; any other takes effect after a restart. */
    boolean reloads() {
        return reloads;
    }

    SettingGroup group() {
        return group;
    }

    /** The spelling in the settings file. */
    String key() {
        return name.key();
    }

    String flag() {
        return name.flag();
    }

    /** Its spellings as a flag, the current one first. */
    String[] flags() {
        return name.flags();
    }

    String environmentVariable() {
        return name.environmentVariable();
    }

    /**
     * Whether the value is a secret, which must not be a flag: everyone on the machine can list processes with their flags.
     */
    boolean isSecret() {
        return kind.isSecret();
    }

    /** Whether anyone may see its value: a number or one of a few words. */
    boolean isHarmless() {
        return kind.isHarmless();
    }

    /** The placeholder of the value in the help. */
    String label() {
        return kind.label();
    }

    /** The value when it is absent, if that is always the same. */
    Optional<String> defaultValue() {
        return Optional.ofNullable(defaultValue).filter(value -> !value.isEmpty());
    }

    String description() {
        return description;
    }

    /**
     * Reads the value.
     *
     * @param text the value as it was set; null when it was not
     * @param problem receives what is wrong: the rest of a sentence that begins with the setting's name
     */
    T read(@Nullable String text, Consumer<String> problem) {
        return reading.apply(text, problem);
    }

    static Optional<Setting<?>> withKey(String key) {
        return all().stream().filter(setting -> setting.name.hasKey(key)).findFirst();
    }

    static Optional<Setting<?>> withEnvironmentVariable(String variable) {
        return all().stream()
                .filter(setting -> setting.name.hasEnvironmentVariable(variable))
                .findFirst();
    }

    /** The setting that an unknown spelling most likely means. */
    static Setting<?> nearest(String spelling) {
        String plain = SettingName.plain(spelling);
        return all().stream()
                .min(Comparator.comparingInt(setting -> Nearest.distance(plain, setting.key())))
                .orElseThrow();
    }

    @Override
    public String toString() {
        return key();
    }
}
