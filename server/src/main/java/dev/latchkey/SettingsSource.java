package dev.latchkey;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Where the settings of this process come from. They can be read again; only those of the file can differ then. */
final class SettingsSource {
    private final Map<Setting<?>, String> flags;
    private final Map<String, String> environment;
    private final Optional<Path> named;
    private boolean hadFile;

    /**
     * @param flags by setting, as on the command line
     * @param environment the process's environment
     * @param named the settings file; when empty, {@code latchkey.yaml} if it exists
     */
    SettingsSource(Map<Setting<?>, String> flags, Map<String, String> environment, Optional<Path> named) {
        this.flags = Map.copyOf(flags);
        this.environment = Map.copyOf(environment);
        this.named = named;
    }

    Path file() {
        return named.orElse(SettingsReader.USUAL_FILE);
    }

    /**
     * Reads all settings. A file that was there before must still be there: settings must not fall back to their defaults because
     * someone moved it.
     *
     * @throws UnusableSettingsException when anything is unknown or invalid
     */
    Settings read() {
        boolean hasFile = Files.exists(file());
        Settings read = Settings.read(flags, environment, hadFile ? Optional.of(file()) : named);
        hadFile = hadFile || hasFile;
        return read;
    }
}
