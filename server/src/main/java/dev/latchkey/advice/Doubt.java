package dev.latchkey.advice;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Why something that was not seen may have happened nevertheless.
 *
 * @param about what causes it: a token, an API, a role or an endpoint; may be empty
 * @param more how many others cause it as well
 * @param until the time after which there is no such doubt; {@link #ALWAYS} when there is no end
 */
public record Doubt(Reason reason, String about, long more, Instant until) {
    static final Instant ALWAYS = Instant.MAX;

    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMM uuuu", Locale.ENGLISH);

    static Doubt always(Reason reason, String about) {
        return new Doubt(reason, about, 0, ALWAYS);
    }

    static Doubt until(Instant until, Reason reason, String about) {
        return new Doubt(reason, about, 0, until);
    }

    /** Whether it matters to a window that begins then. */
    boolean matters(Instant from) {
        return reason.isLasting() || until.isAfter(from);
    }

    /** The same with so many other causes. */
    Doubt with(long others) {
        return new Doubt(reason, about, others, until);
    }

    /** For people. */
    public String sentence() {
        return switch (reason) {
            case PREDEFINED_ROLE -> "The role is predefined, and people rely on it as it is.";
            case USED_BY_PEOPLE ->
                about + " this role, directly or through another role. What people do is not counted, and they can hand"
                        + " out only what they have.";
            case NO_TOKENS -> "No API token has this role.";
            case TOO_MANY_TOKENS -> "There are too many tokens or too many counted calls to look at all of them.";
            case SHORT_HISTORY ->
                "Calls are counted only since " + about + ". Advice needs whole days of counted calls, as many as the"
                        + " window has.";
            case LOST_CHANGES ->
                "The database was replaced or restored on " + day() + ", and counted calls may be lost.";
            case COARSE_COUNT ->
                "Until " + day() + " there were more calls than Latchkey counts one by one, so some are counted without"
                        + " their endpoint.";
            case YOUNG_TOKEN -> subject("is", "are") + " younger than this window.";
            case UNKNOWN_RHYTHM ->
                subject("was", "were") + " used too rarely to know how often their work comes round. Revoke tokens that"
                        + " are not needed, or choose a longer window later.";
            case HANDS_OUT ->
                subject("makes", "make") + " changes in Latchkey. A change may need any privilege, because no one hands"
                        + " out more than they have.";
            case LINKED_ROLE -> "The role was granted to " + about + " only on " + day() + ".";
            case INCLUDES_EVERYTHING -> "The role includes security:manage, which includes all of these privileges.";
            case OWN_CALLS ->
                subject("calls", "call") + " Latchkey's own API, where a call may need more than the privilege that it"
                        + " names.";
            case NO_CALLS_COUNTED ->
                subject("gets", "get") + " access tokens for this API on days without a counted call. The API seems to"
                        + " check them without asking Latchkey.";
            case OWN_VERIFIER ->
                "An API verifies access tokens on its own, with the token " + about + ", and does not report calls.";
            case AUTHZEN ->
                "A program asks AuthZEN, with the token " + about + ". What it then allows is not reported.";
            case INTROSPECTED -> "The API introspects access tokens and does not say which endpoint was called.";
            case UNKNOWN_SCOPE ->
                subject("requests", "request") + " access tokens with a scope too long to be counted.";
            case UNKNOWN_ENDPOINT ->
                "Calls were counted for " + about + (more > 0 ? " and " + more + " more" : "")
                        + ", which the API no longer has under that name.";
            case NEWLY_GRANTED -> "The role has it only since " + day() + ".";
            case NO_ENDPOINT -> "No endpoint needs it, so only the API itself knows whether it is used.";
        };
    }

    private String subject(String one, String several) {
        return more == 0
                ? "The token " + about + " " + one
                : "The token " + about + " and " + more + (more == 1 ? " other " : " others ") + several;
    }

    private String day() {
        return day(until);
    }

    static String day(Instant moment) {
        return DAY.format(moment.atOffset(ZoneOffset.UTC));
    }
}
