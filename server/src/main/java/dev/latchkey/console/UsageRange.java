package dev.latchkey.console;

import dev.latchkey.usage.Step;
import java.util.Arrays;

/** How far back the usage on a page goes. */
public enum UsageRange {
    DAY("24h", "24 hours", 24, Step.HOUR),
    MONTH("30d", "30 days", 30, Step.DAY),
    YEAR("13m", "13 months", 396, Step.DAY);

    private final String code;
    private final String text;
    private final int periods;
    private final Step step;

    UsageRange(String code, String text, int periods, Step step) {
        this.code = code;
        this.text = text;
        this.periods = periods;
        this.step = step;
    }

    /** What an address says; the first one for anything else. */
    static UsageRange of(String code) {
        return Arrays.stream(values())
                .filter(range -> range.code.equals(code))
                .findFirst()
                .orElse(DAY);
    }

    public String code() {
        return code;
    }

    public String text() {
        return text;
    }

    int periods() {
        return periods;
    }

    Step step() {
        return step;
    }
}
