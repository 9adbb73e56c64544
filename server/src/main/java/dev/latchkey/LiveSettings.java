package dev.latchkey;

import java.time.Duration;
import java.util.function.Supplier;

/**
 * The settings in effect: those of the start, except that settings which may change while the service runs have the values that
 * were read last. Each reading is one immutable snapshot, so no one waits for another to look at a value.
 */
final class LiveSettings {
    private final Settings atStart;
    private volatile Settings latest;

    LiveSettings(Settings atStart) {
        this.atStart = atStart;
        this.latest = atStart;
    }

    Settings atStart() {
        return atStart;
    }

    /** The settings that were read last, those included that take effect after a restart. */
    Settings latest() {
        return latest;
    }

    void replace(Settings read) {
        latest = read;
    }

    /** Supplies the current value of a setting that may change. */
    <T> Supplier<T> of(Setting<T> setting) {
        if (!setting.reloads()) {
            throw new IllegalArgumentException(setting + " is read only when the service starts");
        }
        return () -> latest.get(setting);
    }

    Duration stopDelay() {
        return latest.get(Setting.STOP_DELAY_SECONDS).orElse(atStart.usualStopDelay());
    }
}
