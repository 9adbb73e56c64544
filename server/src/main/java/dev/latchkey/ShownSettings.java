package dev.latchkey;

import dev.latchkey.health.Redaction;
import dev.latchkey.health.SettingLine;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The settings as they may leave the house: nothing is shown unless its kind of value is known to be harmless. */
record ShownSettings(Settings settings) {
    private static final Pattern PARTS = Pattern.compile("[,\\s]+");

    List<SettingLine> lines() {
        return Setting.all().stream().map(this::line).toList();
    }

    private SettingLine line(Setting<?> setting) {
        @Nullable String text = settings.textOf(setting);
        if (text == null) {
            // A default is the same for everyone.
            return new SettingLine(
                    setting.key(), "default", setting.defaultValue().orElse("not set"));
        }
        return new SettingLine(setting.key(), settings.spelling(setting), setting.isHarmless() ? text.strip() : "set");
    }

    /** Takes the values of all other settings out of a text, in whatever message they are. */
    Redaction redaction() {
        Map<String, String> words = new LinkedHashMap<>();
        for (Setting<?> setting : Setting.all()) {
            @Nullable String text = settings.textOf(setting);
            if (text != null && !setting.isHarmless()) {
                words.put(text.strip(), "[" + setting.key() + "]");
                for (String part : PARTS.split(text.strip())) {
                    words.put(part, "[" + setting.key() + "]");
                }
            }
        }
        Settings.DatabaseServer server = settings.database();
        if (server != null) {
            put(words, server.user(), Setting.DATABASE_USER);
            put(words, server.password(), Setting.DATABASE_PASSWORD);
        }
        words.put(settings.get(Setting.DATA).toAbsolutePath().normalize().toString(), "[" + Setting.DATA.key() + "]");
        words.put(HostName.current(), "[host]");
        return new Redaction(words);
    }

    private static void put(Map<String, String> words, @Nullable String text, Setting<?> setting) {
        if (text != null) {
            words.put(text, "[" + setting.key() + "]");
        }
    }
}
