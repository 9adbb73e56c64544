package dev.latchkey;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Collects the settings from the file, the environment and the command line, without looking at what they say. */
final class SettingsReader {
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** A value as it was given, and how whoever gave it spells the setting. */
    record Given(String text, String spelling) {
        @Override
        public String toString() {
            // The text may be a secret.
            return spelling;
        }
    }

    private final List<String> problems = new ArrayList<>();
    private final Map<Setting<?>, Given> given = new HashMap<>();

    List<String> problems() {
        return problems;
    }

    /** A flag counts before a variable, and that before the file. */
    Map<Setting<?>, Given> read(Map<Setting<?>, String> flags, Map<String, String> environment, Optional<Path> file) {
        given.putAll(ofFile(file));
        given.putAll(ofEnvironment(environment));
        flags.forEach((setting, value) -> given.put(setting, new Given(value, setting.flag())));
        return given;
    }

    private Map<Setting<?>, Given> ofFile(Optional<Path> named) {
        Path file = named.orElse(Path.of("latchkey.yaml"));
        Map<Setting<?>, Given> found = new HashMap<>();
        if (named.isEmpty() && !Files.exists(file)) {
            return found;
        }
        content(file).forEach((key, value) -> {
            String name = String.valueOf(key);
            Optional<Setting<?>> setting = Setting.withKey(name);
            if (setting.isEmpty()) {
                unknown(name + " in " + file, Setting.nearest(name).key());
            } else if (value instanceof List<?> list) {
                String text =
                        String.join(",", list.stream().map(String::valueOf).toList());
                put(found, setting.get(), new Given(text, name));
            } else if (value instanceof Map) {
                problems.add(name + " in " + file + " must be a single value.");
            } else if (value != null) {
                put(found, setting.get(), new Given(String.valueOf(value), name));
            }
        });
        return found;
    }

    private Map<?, ?> content(Path file) {
        try {
            String text = Files.readString(file);
            return text.isBlank() ? Map.of() : YAML.readValue(text, Map.class);
        } catch (CharacterCodingException e) {
            problems.add("The settings file " + file + " is not in UTF-8. Save it in that encoding.");
        } catch (IOException e) {
            problems.add("The settings file " + file + " cannot be read. Check that it exists and its permissions.");
        } catch (JacksonException e) {
            boolean twice = String.valueOf(e.getOriginalMessage()).startsWith("Duplicate");
            problems.add("The settings file " + file
                    + (twice ? " names a setting twice" : " is not a YAML map of settings")
                    + (e.getLocation() == null
                            ? "."
                            : " (line " + e.getLocation().getLineNr() + ")."));
        }
        return Map.of();
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

    /** Two spellings in one place, such as the older name beside the present one: nobody knows which one was meant. */
    private void put(Map<Setting<?>, Given> found, Setting<?> setting, Given value) {
        @Nullable Given other = found.put(setting, value);
        if (other != null) {
            problems.add(other.spelling() + " and " + value.spelling() + " are the same setting. Give one of them.");
        }
    }

    private void unknown(String spelling, String nearest) {
        problems.add("There is no setting " + spelling + ". Did you mean " + nearest + "?");
    }
}
