package dev.latchkey.console;

import dev.latchkey.http.BasePath;
import dev.latchkey.http.Headers;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.problem.Problem;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Shows refusals as pages that say what to do next. */
final class ErrorPages {
    private final Html html;
    private final Frames frames;
    private final SentForms forms;

    ErrorPages(Html html, Frames frames, SentForms forms) {
        this.html = html;
        this.frames = frames;
        this.forms = forms;
    }

    /** @param visit null for people who are not signed in */
    Response page(Request request, @Nullable Visit visit, Problem problem) {
        Failure failure = withAnotherTry(Failure.of(problem), request, problem.status());
        if (problem.status() < 500) {
            try {
                return visit == null
                        ? page("error-bare", frames.of(request, failure.heading()), problem, failure, mayHelp(problem))
                        : page("error", frames.of(visit, failure.heading(), ""), problem, failure, false);
            } catch (Problem worse) {
                // Not even the name of the account can be read: the plain page does without it.
            }
        }
        return plain(Theme.of(request), request.base(), request.path(), problem, failure);
    }

    /** The page for a request that is refused before it reaches a page of the console. */
    Response unasked(Headers headers, BasePath base, @Nullable Request request, Problem problem) {
        Failure failure = Failure.of(problem);
        return plain(
                Theme.of(headers.cookie(Theme.COOKIE).orElse("")),
                base,
                request == null ? "" : request.path(),
                problem,
                request == null ? failure : withAnotherTry(failure, request, problem.status()));
    }

    private Response plain(Theme theme, BasePath base, String path, Problem problem, Failure failure) {
        return page("error-bare", frames.ofNothingRead(base, path, failure.heading(), theme), problem, failure, false);
    }

    /** Whether signing in may help. */
    private static boolean mayHelp(Problem problem) {
        return !problem.code().equals("not_set_up");
    }

    private Response page(String template, Frame frame, Problem problem, Failure failure, boolean signIn) {
        return html.page(problem.status(), template, frame, Map.of("failure", failure, "signIn", signIn));
    }

    /** A request that was only too much at the moment can be sent again, with everything that was typed. */
    private Failure withAnotherTry(Failure failure, Request request, int status) {
        if (status < 500 && status != 429) {
            return failure;
        }
        if (request.method().equals("GET")) {
            return failure.loadedAgain(Links.local(request.target()));
        }
        Optional<KeptForm> kept = forms.kept(request, false).filter(KeptForm::complete);
        return kept.isEmpty()
                ? failure
                : failure.sentAgain(
                        kept.get(), request.formData().fields().first("csrf").orElse(""));
    }
}
