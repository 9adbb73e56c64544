package dev.latchkey;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The name of a setting in three spellings: {@code idle-seconds} in the settings file, {@code LATCHKEY_IDLE_SECONDS} in the
 * environment, and {@code --idle-seconds} as a flag.
 *
 * @param older the keys that it had in older versions, which still work
 */
record SettingName(String key, List<String> older) {
    private static final String ENVIRONMENT_PREFIX = "LATCHKEY_";

    static boolean isEnvironmentVariable(String name) {
        return name.startsWith(ENVIRONMENT_PREFIX);
    }

    /** Turns any of the three spellings into that of the settings file. */
    static String plain(String spelling) {
        return spelling.replaceFirst("^--", "")
                .replaceFirst("^" + ENVIRONMENT_PREFIX, "")
                .toLowerCase(Locale.ROOT)
                .replace('_', '-');
    }

    String flag() {
        return flag(key);
    }

    /** All spellings as a flag, the current one first. */
    String[] flags() {
        return keys().map(SettingName::flag).toArray(String[]::new);
    }

    String environmentVariable() {
        return environmentVariable(key);
    }

    boolean hasKey(String given) {
        String plain = given.replace('_', '-').toLowerCase(Locale.ROOT);
        return keys().anyMatch(plain::equals);
    }

    boolean hasEnvironmentVariable(String given) {
        return keys().map(SettingName::environmentVariable).anyMatch(given::equals);
    }

    private Stream<String> keys() {
        return Stream.concat(Stream.of(key), older.stream());
    }

    private static String flag(String key) {
        return "--" + key;
    }

    private static String environmentVariable(String key) {
        return ENVIRONMENT_PREFIX + key.toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
