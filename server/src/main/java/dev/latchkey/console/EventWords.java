package dev.latchkey.console;

import dev.latchkey.audit.AuditApi.EventReply;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Change;
import dev.latchkey.event.Event;
import dev.latchkey.problem.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An event as somebody would tell it: "ada@example.com gave invoice_reader the privilege billing/invoices:read".
 *
 * @param who the beginning of the sentence
 * @param deed its end
 * @param details what else there is to tell, each a short clause of its own
 */
public record EventWords(String who, String deed, List<String> details) {
    /** So many details are told; the event itself has all of them. */
    private static final int MOST_DETAILS = 8;

    private static final int MOST_IN_JSON = 50;

    /** What each operation says of the actor, with %s for the thing that it is about. Longer ones are told by ChangeWords. */
    private static final Map<String, String> DEEDS = Map.ofEntries(
            Map.entry("access_token.refuse", "refused %s an access token"),
            Map.entry("access_token.revoke", "revoked one of its access tokens"),
            Map.entry("account.setup", "set up the account %s"),
            Map.entry("account.update", "changed the account"),
            Map.entry("api.create", "registered the API %s"),
            Map.entry("api.change", "changed the API %s"),
            Map.entry("api.delete", "deleted the API %s"),
            Map.entry("api_token.create", "created the token %s"),
            Map.entry("api_token.update", "changed the token %s"),
            Map.entry("api_token.revoke", "revoked the token %s"),
            Map.entry("api_token.add_secret", "added a secret to the token %s"),
            Map.entry("api_token.remove_secret", "removed a secret of the token %s"),
            Map.entry("api_token_count.mend", "corrected the numbers of tokens by role"),
            Map.entry("history.change", "noticed that the database has lost changes, or has others"),
            Map.entry("history.confirm", "confirmed that the database has another history"),
            Map.entry("lost_change.settle", "settled a lost change"),
            Map.entry("master_key.rotate", "replaced the master key"),
            Map.entry("role.create", "created the role %s"),
            Map.entry("role.change", "changed the role %s"),
            Map.entry("role.delete", "deleted the role %s"),
            Map.entry("session.create", "signed in"),
            Map.entry("session.end", "ended one of their sessions"),
            Map.entry("session.end_others", "ended all their other sessions"),
            Map.entry("session.refuse", "refused a sign-in as %s"),
            Map.entry("signing_key.create", "published a new signing key"),
            Map.entry("signing_key.advance", "let the next signing key sign earlier"),
            Map.entry("signing_key.retire", "erased the private half of a signing key that signs no more"),
            Map.entry("signing_key.forget", "took a signing key that had ended off the list"),
            Map.entry("signing_key.withdraw", "withdrew a signing key"),
            Map.entry("signing_policy.change", "changed when and how signing keys are replaced"),
            Map.entry("user.invite", "invited %s"),
            Map.entry("user.accept", "accepted the invitation"),
            Map.entry("user.password", "chose a new password"),
            Map.entry("user.link", "made a one-time link for %s"),
            Map.entry("user.rename", "renamed %s"),
            Map.entry("user.change", "changed the user %s"),
            Map.entry("user.assign_role", "gave %s a role"),
            Map.entry("user.unassign_role", "took a role from %s"),
            Map.entry("user.disable", "disabled the user %s"),
            Map.entry("user.enable", "enabled the user %s"),
            Map.entry("user.remove", "removed the user %s"));

    /** How people know the parts of Latchkey that act by themselves. */
    private static final Map<String, String> PARTS = Map.of(
            "access control", "Latchkey",
            "history", "Latchkey",
            "signing keys", "Latchkey",
            "upkeep", "Latchkey",
            "setup", "The set-up",
            "repair", "The command repair",
            "leak report", "A leak report",
            "master-key rotate", "The command master-key rotate",
            "admin reset-link", "The command admin reset-link");

    /** Whether there are words for the operation; without any, its own name is shown. */
    static boolean knows(String operation) {
        return DEEDS.containsKey(operation);
    }

    public static EventWords of(Event event) {
        String name = name(event);
        List<Change> changes = event.changes();
        if (changes.size() == 1) {
            // The one change says more than that something was changed.
            Optional<String> whole = ChangeWords.wholeDeed(event.operation(), name, changes.getFirst());
            if (whole.isPresent()) {
                return new EventWords(who(event.actor()), whole.get(), List.of());
            }
        }
        String deed = DEEDS.getOrDefault(event.operation(), event.operation() + " %s");
        List<Change> telling = changes.stream()
                .filter(change -> !ChangeWords.isInDeed(event, change))
                .toList();
        List<String> details = new ArrayList<>();
        for (Change change : telling.subList(0, Math.min(MOST_DETAILS, telling.size()))) {
            details.add(ChangeWords.detail(event.operation(), change));
        }
        if (telling.size() > MOST_DETAILS) {
            details.add("and " + (telling.size() - MOST_DETAILS) + " more");
        }
        return new EventWords(who(event.actor()), deed.replace("%s", name), List.copyOf(details));
    }

    /** The whole sentence, for a label. */
    public String sentence() {
        return who + " " + deed;
    }

    /** The event as the API has it, with the first of its changes when it has very many. */
    public static String json(Event event) {
        List<Change> changes = event.changes();
        boolean cut = changes.size() > MOST_IN_JSON;
        Event shown = cut
                ? new Event(
                        event.sequence(),
                        event.at(),
                        event.actor(),
                        event.operation(),
                        event.target(),
                        changes.subList(0, MOST_IN_JSON))
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

    /** What the event is about: names that people gave stand in quotes, those that follow a rule do not. */
    private static String name(Event event) {
        return event.target().kind().equals("api_token") && !event.operation().endsWith(".refuse")
                ? "“" + event.target().name() + "”"
                : event.target().name();
    }

    /** All operations that have words, for the test that none is forgotten. */
    static List<String> operations() {
        return DEEDS.keySet().stream().sorted().toList();
    }
}
