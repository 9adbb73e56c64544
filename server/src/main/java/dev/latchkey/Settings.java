package dev.latchkey;

import dev.latchkey.SettingsReader.Given;
import dev.latchkey.http.BasePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The settings, checked. A flag takes precedence over an environment variable, that over the file, and that over the
 * default. All problems are reported together.
 *
 * <p>{@link #get} returns a single setting. What several say together has a method of its own.
 */
final class Settings {
    /**
     * A balancer that asks every second has noticed by then, and the ten seconds that Docker allows leave time to finish
     * requests.
     */
    private static final Duration STOP_DELAY_AMONG_NODES = Duration.ofSeconds(3);

    private final Map<Setting<?>, Given> given;
    private final Map<Setting<?>, Object> values = new HashMap<>();
    private final @Nullable DatabaseServer database;
    private final @Nullable TlsFiles tls;
    private final @Nullable Administrator administrator;

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
     * The first account and its administrator, for a first start.
     *
     * @param problems what a first start cannot work with; later starts do not need any of this
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

    private Settings(Map<Setting<?>, Given> given, List<String> problemsBefore) {
        this.given = Map.copyOf(given);
        List<String> problems = new ArrayList<>(problemsBefore);
        for (Setting<?> setting : Setting.all()) {
            values.put(setting, setting.read(textOf(setting), problem -> problems.add(spelling(setting) + problem)));
        }
        this.database = databaseServer(problems);
        this.tls = tlsFiles(problems);
        this.administrator = firstAdministrator();
        checkMasterKey(problems);
        checkClientCertificates(problems);
        checkMetrics(problems);
        if (!problems.isEmpty()) {
            throw new UnusableSettingsException(problems);
        }
    }

    /**
     * Reads the settings.
     *
     * @param flags by setting, as on the command line
     * @param environment the process's environment
     * @param file the settings file; when empty, {@code latchkey.yaml} if it exists
     * @throws UnusableSettingsException when anything is unknown or invalid
     */
    static Settings read(Map<Setting<?>, String> flags, Map<String, String> environment, Optional<Path> file) {
        SettingsReader reader = new SettingsReader();
        Map<Setting<?>, Given> given = reader.read(flags, environment, file);
        return new Settings(given, reader.problems());
    }

    /** Settings with only these of the values that were set, and others with the values here. */
    Settings only(Set<Setting<?>> kept, Map<Setting<?>, String> others) {
        Map<Setting<?>, Given> fewer = new HashMap<>(given);
        fewer.keySet().retainAll(kept);
        others.forEach((setting, text) -> fewer.put(setting, new Given(text, setting.key())));
        return new Settings(fewer, List.of());
    }

    /** The value. It is read once, so this is as quick as a look into a map. */
    @SuppressWarnings("unchecked") // Each value was read by its own setting.
    <T> T get(Setting<T> setting) {
        return (T) Objects.requireNonNull(values.get(setting));
    }

    /** The settings that other settings set differently, in the order of the declarations. */
    List<Setting<?>> differingFrom(Settings other) {
        return Setting.all().stream()
                .filter(setting -> !Objects.equals(effective(setting), other.effective(setting)))
                .toList();
    }

    private @Nullable String effective(Setting<?> setting) {
        @Nullable String text = textOf(setting);
        return text == null ? setting.defaultValue().orElse(null) : text.strip();
    }

    /** Null for SQLite in the data folder. */
    @Nullable DatabaseServer database() {
        return database;
    }

    /** Null for plain HTTP. */
    @Nullable TlsFiles tls() {
        return tls;
    }

    /** The first administrator; null to leave that to the setup page. */
    @Nullable Administrator administrator() {
        return administrator;
    }

    /** The master key's file, used unless the key itself was set. */
    Path masterKeyFile() {
        return get(Setting.MASTER_KEY_FILE).orElse(get(Setting.DATA).resolve("master.key"));
    }

    /** How long it serves requests after a signal to stop, unless that is set. */
    Duration usualStopDelay() {
        return database == null ? Duration.ZERO : STOP_DELAY_AMONG_NODES;
    }

    /** The value as it was set, which may be a secret; null when it was not set. */
    @Nullable String textOf(Setting<?> setting) {
        @Nullable Given value = given.get(setting);
        return value == null ? null : value.text();
    }

    private boolean says(Setting<?> setting) {
        @Nullable String text = textOf(setting);
        return text != null && !text.isBlank();
    }

    /** The setting as it was spelled, or as an environment variable when it was not set. */
    String spelling(Setting<?> setting) {
        @Nullable Given value = given.get(setting);
        return value == null ? setting.environmentVariable() : value.spelling();
    }

    private @Nullable DatabaseServer databaseServer(List<String> problems) {
        return get(Setting.DATABASE_URL)
                .map(url -> new DatabaseServer(
                        url,
                        get(Setting.DATABASE_USER).orElse(null),
                        secret(Setting.DATABASE_PASSWORD, Setting.DATABASE_PASSWORD_FILE, problems)
                                .orElse(null)))
                .orElse(null);
    }

    private Optional<String> secret(
            Setting<Optional<String>> direct, Setting<Optional<Path>> inFile, List<String> problems) {
        Optional<Path> file = get(inFile);
        if (file.isEmpty()) {
            return get(direct);
        }
        if (given.containsKey(direct)) {
            problems.add("Set either " + spelling(direct) + " or " + spelling(inFile) + ", not both.");
        }
        try {
            String content = Files.readString(file.get(), StandardCharsets.UTF_8);
            return Optional.of(content.strip()).filter(value -> !value.isEmpty());
        } catch (IOException e) {
            problems.add(spelling(inFile) + " names " + file.get()
                    + ", which cannot be read. Check that it exists and its permissions.");
            return Optional.empty();
        }
    }

    private @Nullable TlsFiles tlsFiles(List<String> problems) {
        Optional<Path> certificate = get(Setting.TLS_CERTIFICATE_FILE);
        Optional<Path> key = get(Setting.TLS_KEY_FILE);
        if (certificate.isPresent() != key.isPresent()) {
            problems.add("TLS needs both " + Setting.TLS_CERTIFICATE_FILE.environmentVariable() + " and "
                    + Setting.TLS_KEY_FILE.environmentVariable() + ".");
        }
        return certificate.isPresent() && key.isPresent() ? new TlsFiles(certificate.get(), key.get()) : null;
    }

    private void checkMasterKey(List<String> problems) {
        if (says(Setting.MASTER_KEY) && given.containsKey(Setting.MASTER_KEY_FILE)) {
            problems.add("Set the master key either as " + spelling(Setting.MASTER_KEY) + " or as "
                    + spelling(Setting.MASTER_KEY_FILE) + ", not both.");
        }
    }

    private void checkMetrics(List<String> problems) {
        if (says(Setting.METRICS_PORT) && get(Setting.METRICS).equals("off")) {
            problems.add(spelling(Setting.METRICS_PORT) + " needs " + Setting.METRICS.environmentVariable() + "=on.");
        }
    }

    private void checkClientCertificates(List<String> problems) {
        if (says(Setting.CLIENT_CERTIFICATE_FIELD) && !says(Setting.TRUSTED_PROXIES)) {
            problems.add(spelling(Setting.CLIENT_CERTIFICATE_FIELD) + " is accepted from trusted proxies only. Name"
                    + " them with " + Setting.TRUSTED_PROXIES.environmentVariable() + ".");
        }
        if (says(Setting.MTLS_PORT) && !says(Setting.TLS_CERTIFICATE_FILE)) {
            problems.add(spelling(Setting.MTLS_PORT) + " needs " + Setting.TLS_CERTIFICATE_FILE.environmentVariable()
                    + " and " + Setting.TLS_KEY_FILE.environmentVariable() + " too.");
        }
        BasePath path = get(Setting.ISSUER).map(BasePath::of).orElse(BasePath.ROOT);
        get(Setting.MTLS_URL)
                .filter(url -> !BasePath.of(url).equals(path))
                .ifPresent(url -> problems.add(spelling(Setting.MTLS_URL) + " is \"" + url
                        + "\". Its path must be that of the issuer, which is "
                        + (path.isRoot() ? "none." : path.path() + ".")));
    }

    private @Nullable Administrator firstAdministrator() {
        Optional<String> email = get(Setting.ADMIN_EMAIL);
        List<String> problems = new ArrayList<>();
        Optional<String> password = secret(Setting.ADMIN_PASSWORD, Setting.ADMIN_PASSWORD_FILE, problems);
        if (problems.isEmpty() && email.isPresent() != password.isPresent()) {
            problems.add("Unattended setup needs both " + Setting.ADMIN_EMAIL.environmentVariable() + " and "
                    + Setting.ADMIN_PASSWORD.environmentVariable() + " (or "
                    + Setting.ADMIN_PASSWORD_FILE.environmentVariable() + ").");
        }
        return email.isEmpty() && password.isEmpty() && problems.isEmpty()
                ? null
                : new Administrator(
                        get(Setting.ACCOUNT_NAME), email.orElse(null), password.orElse(null), List.copyOf(problems));
    }

    @Override
    public String toString() {
        // Several of these are secrets.
        return "Settings";
    }
}
