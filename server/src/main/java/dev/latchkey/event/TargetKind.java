package dev.latchkey.event;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The kinds of things that events are about. */
public enum TargetKind {
    ACCESS_TOKEN("access_token"),
    ACCOUNT("account"),
    API("api"),
    API_TOKEN("api_token"),
    API_TOKEN_COUNT("api_token_count"),
    API_TOKEN_IMPORT("api_token_import"),
    HISTORY("history"),
    LOG_LEVEL("log_level"),
    LOST_CHANGE("lost_change"),
    MASTER_KEY("master_key"),
    ROLE("role"),
    SESSION("session"),
    SIGNING_KEY("signing_key"),
    SIGNING_POLICY("signing_policy"),
    USER("user"),
    /** One that this version does not know: a newer node writes to the same log. */
    OTHER("other");

    private static final Map<String, TargetKind> BY_TEXT =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(TargetKind::text, Function.identity()));

    private final String text;

    TargetKind(String text) {
        this.text = text;
    }

    /** The kind with this public name; {@link #OTHER} for any that is not known. */
    public static TargetKind of(String text) {
        return BY_TEXT.getOrDefault(text, OTHER);
    }

    /** Its public name. */
    public String text() {
        return text;
    }
}
