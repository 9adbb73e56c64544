package dev.latchkey;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One setting: a name in three spellings ({@code port}, {@code LATCHKEY_PORT}, {@code --port}). */
enum Setting {
    PORT("8080", "The port to listen on; 0 takes a free one and prints it"),
    HOST("127.0.0.1", "The address to listen on; 0.0.0.0 for all"),
    DATA("./data", "The folder for the SQLite file and the master key"),
    ISSUER(null, "The public base URL, such as https://auth.example.com or https://example.com/auth"),
    DATABASE_URL(null, "jdbc:postgresql://host/database; without it, SQLite in the data folder"),
    DATABASE_USER(null, "The PostgreSQL user, when the URL does not name one"),
    DATABASE_PASSWORD(null, "The PostgreSQL password, when the URL does not hold it"),
    DATABASE_PASSWORD_FILE(null, "A file with the PostgreSQL password"),
    LEASE_SECONDS(
            "5", "How long tokens still count when the database is not heard from, up to 86400; 0 for not at all"),
    MASTER_KEY(null, "The master key, 32 bytes in base64; better given as a file"),
    MASTER_KEY_FILE(null, "The master key's file; made on the first start (default: master.key in the data folder)"),
    TLS_CERTIFICATE_FILE(null, "The certificate chain in PEM; switches to https"),
    TLS_KEY_FILE(null, "The certificate's private key in PEM (PKCS #8)"),
    GRPC_PORT(null, "The port for Envoy's questions over gRPC; 0 picks a free one; none when absent"),
    MTLS_PORT(null, "The port on which programs show TLS certificates; 0 picks a free one; none when absent"),
    MTLS_URL(null, "The public base URL of that port, when it is not the issuer's host with that port"),
    CLIENT_CA_FILE(null, "Authorities in PEM whose client certificates count for tokens of method tls_client_auth"),
    CLIENT_CERTIFICATE_FIELD(null, "The header field in which trusted proxies pass a caller's TLS certificate on"),
    KEY_HOSTS(
            "token.actions.githubusercontent.com,gitlab.com",
            "Hosts, separated by commas, from which programs' and outside issuers' public keys may be fetched"),
    TRUSTED_PROXIES(null, "Addresses or networks (CIDR), separated by commas, whose X-Forwarded headers are believed"),
    MAX_CONCURRENT_REQUESTS("256", "How many requests may be in work at once; beyond it the answer is 503"),
    MAX_CONNECTIONS_PER_ADDRESS(
            "1000", "How many connections one address may have open; trusted proxies may have any number"),
    IDLE_SECONDS("75", "How long a connection may be silent before it is closed; longer than a balancer keeps its own"),
    IMPORT_HOSTS(null, "Hosts, separated by commas, from which OpenAPI documents may be fetched; none when absent"),
    STOP_DELAY_SECONDS(
            null,
            "How long, once told to stop, it answers on while /health/ready says no, up to 600; default 3 with PostgreSQL,"
                    + " otherwise 0"),
    ACCOUNT_NAME(null, "The account's name, for a first start without the set-up page"),
    ADMIN_EMAIL(null, "The first administrator's email, for a first start without the set-up page"),
    ADMIN_PASSWORD(null, "The first administrator's password; better given as a file"),
    ADMIN_PASSWORD_FILE(null, "A file with the first administrator's password"),
    BOOTSTRAP_TOKEN_FILE(null, "Where the first start leaves an accountadmin API token, mode 0600"),
    LOG_LEVEL("info", "error, warn, info or debug"),
    LOG_FORMAT("text", "text or json");

    private static final String ENVIRONMENT_PREFIX = "LATCHKEY_";

    private final @Nullable String defaultValue;
    private final String description;

    Setting(@Nullable String defaultValue, String description) {
        this.defaultValue = defaultValue;
        this.description = description;
    }

    /** The spelling in the settings file. */
    String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String flag() {
        return "--" + key();
    }

    /** Whether the value is a secret, which no flag may carry: everybody on the machine can list processes with theirs. */
    boolean isSecret() {
        return this == MASTER_KEY || this == ADMIN_PASSWORD || this == DATABASE_PASSWORD;
    }

    String environmentVariable() {
        return ENVIRONMENT_PREFIX + name();
    }

    @Nullable String defaultValue() {
        return defaultValue;
    }

    String description() {
        return description;
    }

    /** What stands for the value in the help. */
    String label() {
        return switch (this) {
            case PORT, GRPC_PORT, MTLS_PORT -> "PORT";
            case DATA -> "FOLDER";
            case ISSUER, DATABASE_URL, MTLS_URL -> "URL";
            case DATABASE_PASSWORD_FILE,
                    MASTER_KEY_FILE,
                    TLS_CERTIFICATE_FILE,
                    TLS_KEY_FILE,
                    CLIENT_CA_FILE,
                    ADMIN_PASSWORD_FILE,
                    BOOTSTRAP_TOKEN_FILE -> "FILE";
            case ADMIN_EMAIL -> "EMAIL";
            case LEASE_SECONDS,
                    IDLE_SECONDS,
                    STOP_DELAY_SECONDS,
                    MAX_CONCURRENT_REQUESTS,
                    MAX_CONNECTIONS_PER_ADDRESS -> "NUMBER";
            default -> "VALUE";
        };
    }

    static Optional<Setting> withKey(String key) {
        return Arrays.stream(values())
                .filter(setting -> setting.key().equals(key.replace('_', '-').toLowerCase(Locale.ROOT)))
                .findFirst();
    }

    static Optional<Setting> withEnvironmentVariable(String name) {
        return Arrays.stream(values())
                .filter(setting -> setting.environmentVariable().equals(name))
                .findFirst();
    }

    static boolean isEnvironmentVariable(String name) {
        return name.startsWith(ENVIRONMENT_PREFIX);
    }

    /** The setting that an unknown spelling most likely means. */
    static Setting nearest(String spelling) {
        String plain = spelling.replaceFirst("^--", "")
                .replaceFirst("^" + ENVIRONMENT_PREFIX, "")
                .toLowerCase(Locale.ROOT)
                .replace('_', '-');
        return Arrays.stream(values())
                .min(Comparator.comparingInt(setting -> Nearest.distance(plain, setting.key())))
                .orElseThrow();
    }
}
