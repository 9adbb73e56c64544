package dev.latchkey;

import dev.latchkey.crypto.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the settings again while the service runs: when it is told to, and when their file has changed. What may change takes
 * effect at once; the log names everything that differs, without values, and what needs a restart. Settings with a mistake
 * change nothing.
 */
final class SettingsReload {
    private static final Logger log = LoggerFactory.getLogger(SettingsReload.class);

    private final SettingsSource source;
    private final LiveSettings settings;
    private String known;
    private String seen;

    /** @param settings receives what is read */
    SettingsReload(SettingsSource source, LiveSettings settings) {
        this.source = source;
        this.settings = settings;
        this.known = fingerprint();
        this.seen = known;
    }

    /**
     * Reads the settings if their file has changed and then stayed the same since the last look, because editors write in steps.
     * Call it from time to time.
     */
    synchronized void look() {
        String now = fingerprint();
        boolean hasSettled = now.equals(seen);
        seen = now;
        if (hasSettled && !now.equals(known)) {
            read();
        }
    }

    /** Reads the settings. */
    synchronized void read() {
        // Before the file is read: a change in between is then read again rather than never.
        known = fingerprint();
        Settings before = settings.latest();
        Settings read;
        try {
            read = source.read();
        } catch (UnusableSettingsException e) {
            log.error(
                    "The settings were read again and are unusable, so nothing has changed. {}",
                    String.join(" ", e.problems()));
            return;
        }
        settings.replace(read);
        List<Setting<?>> changed = read.differingFrom(before);
        if (changed.contains(Setting.LOG_LEVEL)) {
            LogLevel.set(read.get(Setting.LOG_LEVEL));
        }
        report(
                changed.stream().filter(Setting::reloads).toList(),
                read.differingFrom(settings.atStart()).stream()
                        .filter(setting -> !setting.reloads())
                        .toList());
    }

    private static void report(List<Setting<?>> inEffect, List<Setting<?>> waiting) {
        String changes = inEffect.isEmpty() ? "Nothing has changed" : "Changed: " + names(inEffect);
        if (waiting.isEmpty()) {
            log.info("The settings were read again. {}", changes);
        } else {
            log.warn("The settings were read again. {}. Restart to change: {}", changes, names(waiting));
        }
    }

    private static String names(List<Setting<?>> settings) {
        return settings.stream().map(Setting::key).collect(Collectors.joining(", "));
    }

    /** A value that changes when the file does. Of the content, because links may be switched and file times are coarse. */
    private String fingerprint() {
        try {
            return HexFormat.of().formatHex(Sha256.begin().digest(Files.readAllBytes(source.file())));
        } catch (IOException e) {
            return "unreadable";
        }
    }
}
