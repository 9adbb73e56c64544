package dev.latchkey.console;

import dev.latchkey.advice.AdviceEvent;
import dev.latchkey.audit.AuditApi.EventReply;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Change;
import dev.latchkey.event.Event;
import dev.latchkey.event.EventType;
import dev.latchkey.event.TargetKind;
import dev.latchkey.problem.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An event in a sentence: "ada@example.com gave invoice_reader the privilege billing/invoices:read".
 *
 * @param who the beginning of the sentence
 * @param deed its end
 * @param details what else the event says, one short clause each
 */
public record EventWords(String who, String deed, List<String> details) {
    /** At most so many details are listed; the event itself has all of them. */
    private static final int MOST_DETAILS = 8;

    private static final int MOST_IN_JSON = 50;

    /** What people call the parts of Latchkey that act on their own. */
    private static final Map<String, String> PARTS = Map.of(
            "access control", "Latchkey",
            "history", "Latchkey",
            "limits", "Latchkey",
            "signing keys", "Latchkey",
            "upkeep", "Latchkey",
            "setup", "Setup",
            "repair", "The command repair",
            "leak report", "A leak report",
            "master-key rotate", "The command master-key rotate",
            "admin reset-link", "The command admin reset-link");

    public static EventWords of(Event event) {
        String name = name(event);
        List<Change> changes = event.changes();
        if (changes.size() == 1) {
            // The one change says more than that something was changed.
            Optional<String> whole = ChangeWords.wholeDeed(event.type(), name, changes.getFirst());
            if (whole.isPresent()) {
                return new EventWords(who(event.actor()), whole.get(), List.of());
            }
        }
        String deed = AdviceEvent.isApplied(event)
                ? "applied advice to the role %s"
                : AdviceEvent.isUndone(event) ? "undid the advice on the role %s" : deed(event.type());
        List<Change> telling = changes.stream()
                .filter(change -> !ChangeWords.isInDeed(event, change))
                .toList();
        List<String> details = new ArrayList<>();
        for (Change change : telling.subList(0, Math.min(MOST_DETAILS, telling.size()))) {
            details.add(ChangeWords.detail(event.type(), change));
        }
        if (telling.size() > MOST_DETAILS) {
            details.add("and " + (telling.size() - MOST_DETAILS) + " more");
        }
        return new EventWords(who(event.actor()), deed.replace("%s", name), List.copyOf(details));
    }

    /** What the actor did, with %s for the target. ChangeWords knows more precise words for single changes. */
    private static String deed(EventType type) {
        return switch (type) {
            case ACCESS_TOKEN_REFUSE -> "refused %s an access token";
            case ACCESS_TOKEN_REVOKE -> "revoked one of its access tokens";
            case ACCOUNT_SETUP -> "set up the account %s";
            case ACCOUNT_UPDATE -> "changed the account";
            case API_CREATE -> "registered the API %s";
            case API_UPDATE -> "changed the API %s";
            case API_DELETE -> "deleted the API %s";
            case API_TOKEN_CREATE -> "created the token %s";
            case API_TOKEN_UPDATE -> "changed the token %s";
            case API_TOKEN_REVOKE -> "revoked the token %s";
            case API_TOKEN_ADD_SECRET -> "added a secret to the token %s";
            case API_TOKEN_REMOVE_SECRET -> "removed a secret from the token %s";
            case API_TOKEN_IMPORT -> "imported API keys that were issued elsewhere (%s)";
            case API_TOKEN_COUNT_MEND -> "corrected the token counts of roles";
            case HISTORY_CHANGE -> "noticed that the database lost changes or has different ones";
            case HISTORY_CONFIRM -> "confirmed that the history of the database has changed";
            case LIMIT_WARN -> "noticed that most of a limit of %s is used";
            case LOG_LEVEL_UPDATE -> "changed how much is written to the server's log";
            case LOST_CHANGE_SETTLE -> "settled a lost change";
            case MASTER_KEY_ROTATE -> "replaced the master key";
            case ROLE_CREATE -> "created the role %s";
            case ROLE_UPDATE -> "changed the role %s";
            case ROLE_DELETE -> "deleted the role %s";
            case ROLE_BEGIN_TRIAL -> "began to try the role %s without some of its privileges";
            case ROLE_PASS_TRIAL -> "found that the role %s passed its trial";
            case ROLE_STOP_TRIAL -> "stopped the trial of the role %s";
            case SESSION_CREATE -> "signed in";
            case SESSION_END -> "ended one of their sessions";
            case SESSION_END_OTHERS -> "ended all their other sessions";
            case SESSION_REFUSE -> "refused a sign-in as %s";
            case SIGNING_KEY_CREATE -> "published a new signing key";
            case SIGNING_KEY_ADVANCE -> "brought the next signing key forward";
            case SIGNING_KEY_RETIRE -> "erased the private half of a signing key that no longer signs";
            case SIGNING_KEY_FORGET -> "removed an ended signing key from the list";
            case SIGNING_KEY_WITHDRAW -> "withdrew a signing key";
            case SIGNING_POLICY_UPDATE -> "changed when and how signing keys are replaced";
            case USER_INVITE -> "invited %s";
            case USER_ACCEPT -> "accepted the invitation";
            case USER_PASSWORD -> "chose a new password";
            case USER_LINK -> "created a one-time link for %s";
            case USER_RENAME -> "renamed %s";
            case USER_UPDATE -> "changed the user %s";
            case USER_ASSIGN_ROLE -> "gave %s a role";
            case USER_UNASSIGN_ROLE -> "took a role from %s";
            case USER_DISABLE -> "disabled the user %s";
            case USER_ENABLE -> "enabled the user %s";
            case USER_REMOVE -> "removed the user %s";
            case OTHER -> "did something to %s that this version of Latchkey does not know";
        };
    }

    /** The whole sentence, for a label. */
    public String sentence() {
        return who + " " + deed;
    }

    /** The event as the API serves it; of very many changes only the first. */
    public static String json(Event event) {
        List<Change> changes = event.changes();
        boolean cut = changes.size() > MOST_IN_JSON;
        Event shown = cut
                ? new Event(
                        event.sequence(),
                        event.at(),
                        event.actor(),
                        event.type(),
                        event.target(),
                        changes.subList(0, MOST_IN_JSON),
                        event.requestId())
                : event;
        return Json.writeIndented(EventReply.of(shown))
                + (cut
                        ? "\n… and " + (changes.size() - MOST_IN_JSON)
                                + " more changes; GET /events of the API has all of them"
                        : "");
    }

    private static String who(Actor actor) {
        return actor instanceof Actor.System
                ? PARTS.getOrDefault(actor.name(), "Latchkey (" + actor.name() + ")")
                : actor.name();
    }

    /** The name of the target: in quotes if it is free text, without if it follows a rule. */
    private static String name(Event event) {
        return event.target().kind() == TargetKind.API_TOKEN && event.type() != EventType.ACCESS_TOKEN_REFUSE
                ? "“" + event.target().name() + "”"
                : event.target().name();
    }
}
