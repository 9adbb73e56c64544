package dev.latchkey.console;

import dev.latchkey.account.Sessions;
import dev.latchkey.gate.Guard;
import dev.latchkey.gate.SessionCookie;
import dev.latchkey.http.FormData;
import dev.latchkey.http.Request;
import dev.latchkey.problem.Problem;
import java.util.Optional;

/** Keeps forms that could not be accepted, if a page of the console sent them and not another site. */
final class SentForms {
    private final Sessions sessions;

    SentForms(Sessions sessions) {
        this.sessions = sessions;
    }

    /** @param shown whether the form has a page on which it can be shown again */
    Optional<KeptForm> kept(Request request, boolean shown) {
        try {
            FormData sent = request.formData();
            return isOwn(request, sent) ? KeptForm.of(Links.local(request.target()), sent, shown) : Optional.empty();
        } catch (Problem problem) {
            return Optional.empty();
        }
    }

    /** The CSRF value proves this even after the session has ended, because the cookie outlives the session. */
    private boolean isOwn(Request request, FormData sent) {
        return Guard.isFromHere(request)
                || (!Guard.isFromElsewhere(request)
                        && SessionCookie.secret(request)
                                .flatMap(secret -> sent.fields()
                                        .first("csrf")
                                        .filter(value -> sessions.isFormValue(secret, value)))
                                .isPresent());
    }
}
