package dev.latchkey.console;

import dev.latchkey.problem.Problem;
import org.jspecify.annotations.Nullable;

/**
 * A refusal as people read it: what happened, in words, and how to get on.
 *
 * @param heading what happened
 * @param detail what exactly, and what to do
 * @param icon the picture beside it
 * @param again the form that can be sent once more; null for none
 * @param csrf the value that it is sent with
 * @param address the page to load once more; null when that would not help
 */
public record Failure(
        String heading,
        String detail,
        String icon,
        @Nullable KeptForm again,
        String csrf,
        @Nullable String address) {
    private static final String MEANWHILE = "It has changed in the meantime";

    static Failure of(Problem problem) {
        return new Failure(heading(problem), detail(problem), icon(problem.status()), null, "", null);
    }

    Failure sentAgain(KeptForm form, String csrfValue) {
        return new Failure(heading, detail, icon, form, csrfValue, null);
    }

    Failure loadedAgain(String page) {
        return new Failure(heading, detail, icon, null, "", page);
    }

    private static String heading(Problem problem) {
        return switch (problem.code()) {
            case "not_set_up" -> "Latchkey is not set up yet";
            case "set_up_already" -> "Latchkey is set up already";
            case "link_gone" -> "This link no longer works";
            case "signed_out" -> "Your session has ended";
            case "csrf" -> "This form did not come from your own page";
            case "missing_privilege", "people_only" -> "Your role does not allow this";
            case "role_exceeds_yours", "user_exceeds_you" -> "This is more than your own role allows";
            case "already_shown" -> "This secret was shown already";
            case "draft_gone" -> "The secret that you copied will not work";
            case "changed_meanwhile" -> MEANWHILE;
            case "search_too_long" -> "This search takes too long";
            case "internal_error" -> "Something broke on our side";
            default -> heading(problem.status());
        };
    }

    private static String heading(int status) {
        return switch (status) {
            case 401 -> "Please sign in";
            case 403 -> "This is not allowed";
            case 404, 410 -> "There is nothing here";
            case 405 -> "This address cannot be opened by itself";
            case 408 -> "That took too long to arrive";
            case 409 -> "This cannot be done as things are";
            case 412 -> MEANWHILE;
            case 413 -> "That is too large";
            case 414 -> "This address is too long";
            case 415 -> "This cannot be read";
            case 422 -> "Something needs another look";
            case 429 -> "Too many attempts";
            case 431 -> "Your browser sent too much";
            case 503 -> "Latchkey is busy";
            default -> status >= 500 ? "Something broke on our side" : "This request could not be understood";
        };
    }

    private static String detail(Problem problem) {
        return switch (problem.code()) {
            case "method_not_allowed" -> "It belongs to a form. Go back to the page that you came from.";
            case "headers_too_large" -> "Delete the cookies of this site in your browser, then try again.";
            case "uri_too_long" -> "Shorten the search or the filters in it.";
            case "internal_error" ->
                "Whoever runs Latchkey finds what happened in its log, under the number "
                        + problem.members().getOrDefault("errorId", "of this time") + ".";
            default -> problem.detail();
        };
    }

    private static String icon(int status) {
        return switch (status) {
            case 401, 403 -> "lock";
            case 404, 410 -> "search";
            case 429, 503 -> "hourglass";
            default -> "alert-triangle";
        };
    }
}
