package dev.latchkey.console;

import dev.latchkey.account.Sessions;
import dev.latchkey.gate.Guard;
import dev.latchkey.gate.SessionCookie;
import dev.latchkey.http.FormData;
import dev.latchkey.http.Request;
import dev.latchkey.problem.Problem;
import java.util.Optional;

/** Which of the forms that could not be taken are kept: those that one of our own pages sent, and not another site. */
final class SentForms {
    private final Sessions sessions;

    SentForms(Sessions sessions) {
        this.sessions = sessions;
    }

    /** @param shown whether the form has a page on which it can be shown again */
    Optional<KeptForm> kept(Request request, boolean shown) {
        try {
            FormData sent = request.formData();
            return isOwn(request, sent) ? KeptForm.of(Pages.local(request.target()), sent, shown) : Optional.empty();
        } catch (Problem problem) {
            return Optional.empty();
        }
    }

    /** Its value also counts when its session is over: the cookie outlives that. */
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
