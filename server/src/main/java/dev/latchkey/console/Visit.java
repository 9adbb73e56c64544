package dev.latchkey.console;

import dev.latchkey.access.Caller;
import dev.latchkey.account.User;
import dev.latchkey.gate.Identification;
import dev.latchkey.http.FormData;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Request;
import dev.latchkey.management.ETag;
import dev.latchkey.problem.Problem;

/**
 * A signed-in person's request for a page, or what they sent with one of its forms.
 *
 * @param sent the form; empty for a GET
 */
record Visit(Request request, FormData sent, Identification.Person person, User user) {

    Caller caller() {
        return person.caller();
    }

    Parameters form() {
        return sent.fields();
    }

    String path(String parameter) {
        return request.pathParameter(parameter);
    }

    /**
     * The version that the form was shown with, so that it does not overwrite someone else's change.
     *
     * @param what the form changes, such as {@code role}
     */
    ETag.Expected version(String what) {
        try {
            return ETag.Expected.of(Long.parseLong(field(Form.VERSION)));
        } catch (NumberFormatException e) {
            throw Problem.badRequest("The form lacks the version of the " + what + ". Reload the page.");
        }
    }

    /** A whole number of the form; -1, which is out of every range, for anything else. */
    int wholeNumber(String name) {
        try {
            return Integer.parseInt(field(name));
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** A field of the form without surrounding whitespace; empty when it is absent. */
    String field(String name) {
        return form().text(name).orElse("");
    }
}
