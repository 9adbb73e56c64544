package dev.latchkey;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Collects the settings from the file, the environment and the command line, without checking their values. */
final class SettingsReader {
    /** A value as it was set, and the setting's name as it was spelled. */
    record Given(String text, String spelling) {
        @Override
        public String toString() {
            // The text may be a secret.
            return spelling;
        }
    }

    /** Read if it exists and no other file is named. */
    static final Path USUAL_FILE = Path.of("latchkey.yaml");

    private final List<String> problems = new ArrayList<>();
    private final Map<Setting<?>, Given> given = new HashMap<>();

    List<String> problems() {
        return problems;
    }

    /** A flag takes precedence over a variable, and that over the file. */
    Map<Setting<?>, Given> read(Map<Setting<?>, String> flags, Map<String, String> environment, Optional<Path> file) {
        given.putAll(ofFile(file));
        given.putAll(ofEnvironment(environment));
        flags.forEach((setting, value) -> given.put(setting, new Given(value, setting.flag())));
        return given;
    }

    private Map<Setting<?>, Given> ofFile(Optional<Path> named) {
        Path file = named.orElse(USUAL_FILE);
        Map<Setting<?>, Given> found = new HashMap<>();
        if (named.isEmpty() && !Files.exists(file)) {
            return found;
        }
        SettingsFile content = SettingsFile.read(file);
        problems.addAll(content.problems());
        content.values()
                .forEach((name, value) -> Setting.withKey(name)
                        .ifPresentOrElse(
                                setting -> {
                                    if (!value.isEmpty()) {
                                        put(found, setting, new Given(value, name));
                                    }
                                },
                                () -> unknown(
                                        name + " in " + file,
                                        Setting.nearest(name).key())));
        return found;
    }

    private Map<Setting<?>, Given> ofEnvironment(Map<String, String> environment) {
        Map<Setting<?>, Given> found = new HashMap<>();
        environment.keySet().stream()
                .filter(SettingName::isEnvironmentVariable)
                .sorted()
                .forEach(name -> Setting.withEnvironmentVariable(name)
                        .ifPresentOrElse(
                                setting -> put(found, setting, new Given(String.valueOf(environment.get(name)), name)),
                                () -> unknown(name, Setting.nearest(name).environmentVariable())));
        return found;
    }

    /** Reports two spellings in one place, such as an older name and the current one, because either may be meant. */
    private void put(Map<Setting<?>, Given> found, Setting<?> setting, Given value) {
        @Nullable Given other = found.put(setting, value);
        if (other != null) {
            problems.add(
                    other.spelling() + " and " + value.spelling() + " are the same setting. Set only one of them.");
        }
    }

    private void unknown(String spelling, String nearest) {
        problems.add("There is no setting " + spelling + ". Did you mean " + nearest + "?");
    }
}
