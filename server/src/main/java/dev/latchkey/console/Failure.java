package dev.latchkey.console;

import dev.latchkey.problem.Problem;
import dev.latchkey.trace.CurrentRequest;
import org.jspecify.annotations.Nullable;

/**
 * A refusal in words: what happened, and what to do next.
 *
 * @param heading what happened
 * @param detail the details, and what to do
 * @param icon the name of its icon
 * @param again the form to send again; null for none
 * @param csrf the CSRF value of that form
 * @param address the page to load again; null when that would not help
 */
public record Failure(
        String heading,
        String detail,
        String icon,
        @Nullable KeptForm again,
        String csrf,
        @Nullable String address) {
    private static final String CHANGED = "It has changed in the meantime";
    private static final String BROKEN = "Something went wrong on our side";

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
            case "set_up_already" -> "Latchkey is already set up";
            case "link_gone" -> "This link no longer works";
            case "signed_out" -> "Your session has ended";
            case "csrf" -> "This form did not come from your session";
            case "missing_privilege", "people_only" -> "Your role does not allow this";
            case "role_exceeds_yours", "user_exceeds_you" -> "This is more than your own role allows";
            case "already_shown" -> "This secret has already been shown";
            case "draft_gone" -> "The secret that you copied does not work";
            case "changed_meanwhile" -> CHANGED;
            case "search_too_long" -> "This search takes too long";
            case "internal_error" -> BROKEN;
            default -> heading(problem.status());
        };
    }

    private static String heading(int status) {
        return switch (status) {
            case 401 -> "Sign in to continue";
            case 403 -> "This is not allowed";
            case 404, 410 -> "This does not exist";
            case 405 -> "This address is not a page";
            case 408 -> "The request took too long to arrive";
            case 409 -> "This is not possible right now";
            case 412 -> CHANGED;
            case 413 -> "The request is too large";
            case 414 -> "This address is too long";
            case 415 -> "This format is not supported";
            case 422 -> "Something needs another look";
            case 429 -> "Too many attempts";
            case 431 -> "Your browser sent too much";
            case 503 -> "Latchkey is busy";
            default -> status >= 500 ? BROKEN : "This request could not be understood";
        };
    }

    private static String detail(Problem problem) {
        return switch (problem.code()) {
            case "method_not_allowed" -> "It only accepts a form. Go back to the page that you came from.";
            case "headers_too_large" -> "Delete this site's cookies in your browser, then try again.";
            case "uri_too_long" -> "Shorten the search or the filters.";
            case "internal_error" ->
                "The log of Latchkey has the details. Ask its operator to look for the request "
                        + CurrentRequest.currentId().orElse("at this time") + ".";
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
