package dev.latchkey.event;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The types of events. Each has a public name, {@code <thing>.<verb>}, which REST, the filters and the log's own column
 * use. A name stays readable forever: one that was replaced is an older name of its successor.
 */
public enum EventType {
    ACCESS_TOKEN_REFUSE("access_token.refuse"),
    ACCESS_TOKEN_REVOKE("access_token.revoke"),
    ACCOUNT_SETUP("account.setup"),
    ACCOUNT_UPDATE("account.update"),
    API_CREATE("api.create"),
    API_UPDATE("api.update", "api.change"),
    API_DELETE("api.delete"),
    API_TOKEN_CREATE("api_token.create"),
    API_TOKEN_UPDATE("api_token.update"),
    API_TOKEN_REVOKE("api_token.revoke"),
    API_TOKEN_ADD_SECRET("api_token.add_secret"),
    API_TOKEN_REMOVE_SECRET("api_token.remove_secret"),
    API_TOKEN_IMPORT("api_token.import"),
    API_TOKEN_COUNT_MEND("api_token_count.mend"),
    /** The history of the database was found to have changed. */
    HISTORY_CHANGE("history.change"),
    HISTORY_CONFIRM("history.confirm"),
    /** Most of a quota is used. */
    LIMIT_WARN("limit.warn"),
    LOG_LEVEL_UPDATE("log_level.update"),
    LOST_CHANGE_SETTLE("lost_change.settle"),
    MASTER_KEY_ROTATE("master_key.rotate"),
    ROLE_CREATE("role.create"),
    ROLE_UPDATE("role.update", "role.change"),
    ROLE_DELETE("role.delete"),
    /** The role is tried without some of its privileges, and keeps them. */
    ROLE_BEGIN_TRIAL("role.begin_trial"),
    ROLE_PASS_TRIAL("role.pass_trial"),
    ROLE_STOP_TRIAL("role.stop_trial"),
    SESSION_CREATE("session.create"),
    SESSION_END("session.end"),
    SESSION_END_OTHERS("session.end_others"),
    SESSION_REFUSE("session.refuse"),
    SIGNING_KEY_CREATE("signing_key.create"),
    SIGNING_KEY_ADVANCE("signing_key.advance"),
    SIGNING_KEY_RETIRE("signing_key.retire"),
    SIGNING_KEY_FORGET("signing_key.forget"),
    SIGNING_KEY_WITHDRAW("signing_key.withdraw"),
    SIGNING_POLICY_UPDATE("signing_policy.update", "signing_policy.change"),
    USER_INVITE("user.invite"),
    USER_ACCEPT("user.accept"),
    USER_PASSWORD("user.password"),
    USER_LINK("user.link"),
    USER_RENAME("user.rename"),
    USER_UPDATE("user.update", "user.change"),
    USER_ASSIGN_ROLE("user.assign_role"),
    USER_UNASSIGN_ROLE("user.unassign_role"),
    USER_DISABLE("user.disable"),
    USER_ENABLE("user.enable"),
    USER_REMOVE("user.remove"),
    /** One that this version does not know: a newer node writes to the same log. */
    OTHER("other");

    private static final Map<String, EventType> BY_TEXT = byText();

    private final String text;
    private final List<String> olderTexts;

    EventType(String text, String... olderTexts) {
        this.text = text;
        this.olderTexts = List.of(olderTexts);
    }

    private static Map<String, EventType> byText() {
        Map<String, EventType> types = new HashMap<>();
        Arrays.stream(values()).forEach(type -> type.texts().forEach(text -> types.put(text, type)));
        return Map.copyOf(types);
    }

    /** The type with this public name, current or older; {@link #OTHER} for any that is not known. */
    public static EventType of(String text) {
        return BY_TEXT.getOrDefault(text, OTHER);
    }

    /** Its public name. */
    public String text() {
        return text;
    }

    /** All names that it has in the log: the current one, then the older ones. */
    List<String> texts() {
        List<String> texts = new ArrayList<>(olderTexts);
        texts.addFirst(text);
        return texts;
    }
}
