package dev.latchkey.console;

import dev.latchkey.event.Change;
import dev.latchkey.event.Event;
import dev.latchkey.event.EventType;
import dev.latchkey.problem.Text;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Words for a single change of an event. */
final class ChangeWords {
    private static final String PRIVILEGE = "privilege ";
    private static final String ENDPOINT = "endpoint ";
    private static final String SCOPE = "scope ";
    private static final int LONGEST = 160;

    /** Plain words for the fields that the log names otherwise. */
    private static final Map<String, String> NAMES = Map.ofEntries(
            Map.entry("signsFrom", "signs from"),
            Map.entry("verifiesUntil", "checks tokens until"),
            Map.entry("privateKey", "private half"),
            Map.entry("rotationDays", "days between two keys"),
            Map.entry("count", "times"),
            Map.entry("first", "first time"),
            Map.entry("last", "last time"),
            Map.entry("acts for", "acts for the API"),
            Map.entry("default resource", "access tokens are for"),
            Map.entry("bound to", "access tokens bound to"),
            Map.entry("clientId", "client ID"),
            Map.entry("expiresAt", "expires"),
            Map.entry("secret made", "created"));

    private ChangeWords() {}

    /** What the actor did, for an event that consists of this change alone; empty when one sentence cannot say it. */
    static Optional<String> wholeDeed(EventType type, String name, Change change) {
        return Optional.ofNullable(
                switch (type) {
                    case ROLE_UPDATE -> ofRole(name, change);
                    case API_UPDATE -> ofApi(name, change);
                    case API_TOKEN_UPDATE -> ofToken(name, change);
                    case USER_ASSIGN_ROLE -> "gave " + name + " the role " + change.after();
                    case USER_UNASSIGN_ROLE -> "took the role " + change.before() + " from " + name;
                    case USER_UPDATE -> ofUser(name, change);
                    case USER_RENAME ->
                        "renamed " + name + " from " + shown(change.before()) + " to " + shown(change.after());
                    case ACCOUNT_SETUP ->
                        "set up the account " + name + " with " + shown(change.after()) + " as its administrator";
                    case ACCESS_TOKEN_REFUSE -> "refused " + name + " an access token: " + shown(change.after());
                    case SESSION_REFUSE -> "refused a sign-in as " + name + ": " + shown(change.after());
                    default -> null;
                });
    }

    private static @Nullable String ofRole(String name, Change change) {
        String before = change.before();
        String after = change.after();
        if (change.field().startsWith(PRIVILEGE)) {
            String privilege = privilege(change);
            if ("allow".equals(after)) {
                return "gave " + name + " the privilege " + privilege
                        + ("deny".equals(before) ? ", which it had denied" : "");
            }
            if ("deny".equals(after)) {
                return "made " + name + " deny " + privilege + ("allow".equals(before) ? ", which it had allowed" : "");
            }
            return "deny".equals(before)
                    ? "removed the denial of " + privilege + " from " + name
                    : "took the privilege " + privilege + " from " + name;
        }
        if (change.field().equals("granted role")) {
            return after != null
                    ? "granted the role " + after + " to " + name
                    : "revoked the role " + before + " from " + name;
        }
        return change.field().equals("description") ? described(name, after) : null;
    }

    private static @Nullable String ofApi(String name, Change change) {
        String before = change.before();
        String after = change.after();
        if (change.field().startsWith(ENDPOINT)) {
            String endpoint = change.field().substring(ENDPOINT.length());
            return before == null
                    ? "added " + endpoint + " to the API " + name + ", which needs " + shown(after)
                    : after == null
                            ? "removed " + endpoint + " from the API " + name
                            : "changed what " + endpoint + " of " + name + " needs from " + shown(before) + " to "
                                    + shown(after);
        }
        if (change.field().startsWith(PRIVILEGE)) {
            return before == null
                    ? "added the privilege " + privilege(change) + " to the API " + name
                    : after == null
                            ? "removed the privilege " + privilege(change) + " from the API " + name
                            : "described the privilege " + privilege(change) + " of " + name + " as " + quoted(after);
        }
        return change.field().equals("description") ? described(name, after) : null;
    }

    private static @Nullable String ofToken(String name, Change change) {
        String before = change.before();
        String after = change.after();
        return switch (change.field()) {
            case "description" -> "renamed the token " + quoted(before) + " to " + quoted(after);
            case "owner" ->
                after == null
                        ? "removed the owner of the token " + name
                        : "made " + shown(after) + " the owner of the token " + name;
            case "expires" ->
                after == null
                        ? "removed the expiry of the token " + name
                        : "set the token " + name + " to expire on " + shown(after);
            case "authentication" -> "changed how the token " + name + " authenticates";
            default -> null;
        };
    }

    private static @Nullable String ofUser(String name, Change change) {
        return switch (change.field()) {
            case "role" ->
                change.after() != null
                        ? "gave " + name + " the role " + change.after()
                        : "took the role " + change.before() + " from " + name;
            case "name" -> "renamed " + name + " from " + shown(change.before()) + " to " + shown(change.after());
            default -> null;
        };
    }

    private static String described(String name, @Nullable String after) {
        return after == null ? "removed the description of " + name : "described " + name + " as " + quoted(after);
    }

    /** Whether the sentence about the event says it already, such as that a revoked token was active before. */
    static boolean isInDeed(Event event, Change change) {
        return switch (change.field()) {
            case "status" -> true;
            case "state" -> event.type() == EventType.SIGNING_KEY_WITHDRAW;
            case "description" ->
                event.type() == EventType.API_TOKEN_CREATE
                        && event.target().name().equals(change.after());
            default -> false;
        };
    }

    /** The change as one of several, after a sentence that names what was changed. */
    static String detail(EventType type, Change change) {
        String field = change.field();
        String before = change.before();
        String after = change.after();
        if (field.startsWith(PRIVILEGE)
                && (type == EventType.ROLE_CREATE || type == EventType.ROLE_UPDATE || type == EventType.ROLE_DELETE)) {
            return "allow".equals(after)
                    ? "allows " + privilege(change)
                    : "deny".equals(after)
                            ? "denies " + privilege(change)
                            : "no longer " + was(before) + " " + privilege(change);
        }
        if (field.startsWith(PRIVILEGE)) {
            return named("privilege " + privilege(change), before, after, false);
        }
        if (field.startsWith(ENDPOINT)) {
            return named(field.substring(ENDPOINT.length()), before, after, true);
        }
        if (field.startsWith(SCOPE)) {
            return named(field, before, after, true);
        }
        if (field.equals("granted role")) {
            return after != null ? "includes the role " + after : "no longer includes the role " + before;
        }
        if (field.equals("assigned to")) {
            return shown(before) + " had it";
        }
        if (field.equals("open links")) {
            return "1".equals(before) ? "an unused one-time link ended" : before + " unused one-time links ended";
        }
        if (type == EventType.USER_REMOVE && field.equals("role")) {
            return "had the role " + before;
        }
        if (field.equals("authentication")) {
            return before == null
                    ? "authenticates with something other than a secret"
                    : "authenticates with something else";
        }
        if (field.equals("session") || field.equals("ended session")) {
            return "a session ended";
        }
        if (field.equals("lost event")) {
            return "repeated, because the database had lost event " + shown(after);
        }
        String word = NAMES.getOrDefault(field, field);
        if (before == null) {
            return word + ": " + shown(after);
        }
        return after == null
                ? word + " removed (was " + shown(before) + ")"
                : word + ": " + shown(after) + " (was " + shown(before) + ")";
    }

    private static String named(String what, @Nullable String before, @Nullable String after, boolean needs) {
        if (before == null) {
            return "added " + what + (needs ? ": " + shown(after) : "");
        }
        return after == null ? "removed " + what : what + ": " + shown(after) + " (was " + shown(before) + ")";
    }

    private static String was(@Nullable String effect) {
        return "deny".equals(effect) ? "denies" : "allows";
    }

    /** The privilege; Latchkey's own without the name of the API, as on all pages. */
    private static String privilege(Change change) {
        String privilege = change.field().substring(PRIVILEGE.length());
        return privilege.startsWith("latchkey/") ? privilege.substring("latchkey/".length()) : privilege;
    }

    private static String quoted(@Nullable String text) {
        return "“" + shown(text) + "”";
    }

    /** Times as on all pages; long values end in an ellipsis, and the event itself has them in full. */
    private static String shown(@Nullable String value) {
        String text = String.valueOf(value);
        try {
            return Times.second(Instant.parse(text));
        } catch (DateTimeParseException e) {
            return text.length() <= LONGEST ? text : Text.cut(text, LONGEST) + "…";
        }
    }
}
