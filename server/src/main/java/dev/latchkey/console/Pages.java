package dev.latchkey.console;

import dev.latchkey.account.Sessions;
import dev.latchkey.account.SignIn;
import dev.latchkey.account.Users;
import dev.latchkey.gate.DeviceCookie;
import dev.latchkey.gate.Guard;
import dev.latchkey.gate.Identification;
import dev.latchkey.gate.SessionCookie;
import dev.latchkey.http.BasePath;
import dev.latchkey.http.FormData;
import dev.latchkey.http.Handler;
import dev.latchkey.http.Headers;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.problem.Problem;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What all pages share: who visits, the headers, forms that outlive their session, and readable refusals. */
final class Pages {
    /** For forms with a field for each privilege or endpoint of an API, in bytes. */
    static final int LARGE_FORM = 2 * 1024 * 1024;

    private static final FormData NO_FORM = new FormData(Parameters.NONE, Map.of());

    private static final String ENDED = "Your session has ended, and nothing was changed.";

    private final Guard guard;
    private final Sessions sessions;
    private final Users users;
    private final Frames frames;
    private final SentForms forms;
    private final Html html = new Html();
    private final ErrorPages errors;

    Pages(Guard guard, Sessions sessions, Users users, Frames frames) {
        this.guard = guard;
        this.sessions = sessions;
        this.users = users;
        this.frames = frames;
        this.forms = new SentForms(sessions);
        this.errors = new ErrorPages(html, frames, forms);
    }

    /** Shows the page of a form: at first, and again when the form is refused. */
    @FunctionalInterface
    interface FormPage {
        Response show(Visit visit, int status, Form form);
    }

    /**
     * Refuses a large form of a person who is not signed in before it is read. A small one is read, so that it is still there
     * after signing in.
     */
    Optional<Response> refusal(Request request) {
        return isSmall(request) || Guard.isIdentified(guard.identify(request))
                ? Optional.empty()
                : Optional.of(signInPage(
                        request,
                        401,
                        new Form(
                                Parameters.NONE,
                                Map.of(),
                                null,
                                ENDED
                                        + " The form is too large to keep here, but your browser still has it: sign in in a"
                                        + " new tab, then go back to the form in this one and send it again."),
                        null));
    }

    private static boolean isSmall(Request request) {
        try {
            return Integer.parseInt(request.header("Content-Length").orElse("")) <= Routes.DEFAULT_MAX_BODY_BYTES;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    /** A page for people who are signed in; others get to it through the sign-in page. */
    Handler shown(Function<Visit, Response> page) {
        return request -> readable(request, null, () -> {
            if (!(guard.identify(request) instanceof Identification.Person person)) {
                return elsewhere(request);
            }
            Visit visit = new Visit(request, NO_FORM, person, users.self(person.caller()));
            return readable(request, visit, () -> page.apply(visit));
        });
    }

    /** A page that anyone may read, inside the frame for people who are signed in. */
    Handler either(Function<Visit, Response> signedIn, Function<Request, Response> otherwise) {
        return request -> readable(
                request,
                null,
                () -> guard.identify(request) instanceof Identification.Person
                        ? shown(signedIn).handle(request)
                        : open(otherwise).handle(request));
    }

    /** A form that signed-in people send; it must come from a page of theirs (CSRF). */
    Handler sent(Function<Visit, Response> change) {
        return sent(change, null, ENDED);
    }

    /** The same, with the page that shows the form again if it is refused. */
    Handler sent(Function<Visit, Response> change, FormPage form) {
        return sent(change, form, ENDED);
    }

    /**
     * A button on a page, which shows a refusal as well. Unlike a form it holds nothing typed: after signing in again the person
     * is only asked whether they still want it.
     */
    Handler pressed(Function<Visit, Response> change, FormPage page) {
        return sent(visit -> orAgain(visit, change, page));
    }

    /** A form that ends the session. When that has ended already, the answer is the same. */
    Handler leaving(Function<Visit, Response> end, Function<Request, Response> ended) {
        return request -> readable(
                request,
                null,
                () -> guard.identify(request) instanceof Identification.Person
                        ? sent(end).handle(request)
                        : ended.apply(request));
    }

    /** @param ended what a person reads whose session ended before they sent the form */
    Handler sent(Function<Visit, Response> change, @Nullable FormPage form, String ended) {
        return request -> readable(request, null, () -> {
            if (!(guard.identify(request) instanceof Identification.Person person)) {
                return signedOut(request, form != null, ended);
            }
            Visit visit = new Visit(request, request.formData(), person, users.self(person.caller()));
            return readable(request, visit, () -> answer(visit, change, form));
        });
    }

    private Response answer(Visit visit, Function<Visit, Response> change, @Nullable FormPage form) {
        Request request = visit.request();
        if (!guard.isOwn(request, visit.person(), visit.form().first("csrf").orElse(null))) {
            if (!Guard.isFromHere(request)) {
                throw new Problem(
                        403,
                        "csrf",
                        "Nothing was changed. Open the page in this browser, and send the form from there.");
            }
            // The person has signed in again in another tab since the form was opened.
            return form == null ? notSent(visit) : form.show(visit, 200, notSentYet(visit));
        }
        if (form == null) {
            return change.apply(visit);
        }
        if (visit.form().has(KeptForm.AGAIN)) {
            return form.show(visit, 200, notSentYet(visit));
        }
        return orAgain(visit, change, form);
    }

    private static Response orAgain(Visit visit, Function<Visit, Response> change, FormPage form) {
        try {
            return change.apply(visit);
        } catch (Problem problem) {
            if (!Form.shows(problem)) {
                throw problem;
            }
            return form.show(visit, problem.status(), Form.refused(visit.form(), problem))
                    .withFieldsOf(problem);
        }
    }

    private static Form notSentYet(Visit visit) {
        boolean lacks =
                visit.form().first(KeptForm.AGAIN).filter("incomplete"::equals).isPresent()
                        || !visit.sent().files().isEmpty();
        return Form.noted(
                visit.form().without("csrf", KeptForm.AGAIN),
                "You have signed in again, and nothing was sent yet. What you typed is still here"
                        + (lacks ? ", except files and passwords" : "") + ": check it and send it.");
    }

    /** Lists the values of a form without a page of its own, and asks. */
    private Response notSent(Visit visit) {
        KeptForm kept = KeptForm.of(Links.local(visit.request().target()), visit.sent(), false)
                .orElseThrow(() -> new Problem(
                        403,
                        "csrf",
                        "You have signed in again since this page was opened, and nothing was changed. Go back to the page,"
                                + " reload it, and send the form from there."));
        return resumePage(
                frames.of(visit.request(), "Not sent yet"), kept, visit.person().secret());
    }

    /** The person signs in and continues with their form; a form that another site sent is not kept. */
    private Response signedOut(Request request, boolean shown, String ended) {
        KeptForm kept = forms.kept(request, shown).orElse(null);
        return signInPage(
                request,
                401,
                Form.noted(
                        Parameters.NONE,
                        !ended.equals(ENDED)
                                ? ended
                                : ended
                                        + (kept == null
                                                ? " Sign in again."
                                                : " Sign in to continue: what you typed is kept.")),
                kept);
    }

    /** @param kept the form to continue with after signing in; null for none */
    Response signInPage(Request request, int status, Form form, @Nullable KeptForm kept) {
        Map<String, Object> parameters = new HashMap<>(Map.of("form", form));
        if (kept != null) {
            parameters.put("kept", kept);
        }
        return bare(request, status, "Sign in", "account/sign-in", parameters);
    }

    /** Signs the browser in and continues with the form that the sign-in form carried. */
    Response resumed(Request request, SignIn.Outcome.SignedIn signedIn, KeptForm kept) {
        return withCookies(
                resumePage(frames.of(request, "You are signed in"), kept, signedIn.secret()), request, signedIn);
    }

    private Response resumePage(Frame frame, KeptForm kept, String session) {
        return html.page(200, "account/resume", frame, Map.of("kept", kept, "csrf", sessions.formValue(session)));
    }

    /** A page or form for people who are not signed in. */
    Handler open(Function<Request, Response> page) {
        return request -> readable(request, null, () -> {
            if (!request.method().equals("GET") && Guard.isFromElsewhere(request)) {
                throw new Problem(403, "csrf", "This form was sent by another site.");
            }
            return page.apply(request);
        });
    }

    private Response readable(Request request, @Nullable Visit visit, Supplier<Response> page) {
        try {
            return page.get();
        } catch (Problem problem) {
            return errors.page(request, visit, problem).withFieldsOf(problem);
        }
    }

    /** The page for a request that is refused before it reaches a page of the console. */
    Response refused(Headers headers, BasePath base, @Nullable Request request, Problem problem) {
        return errors.unasked(headers, base, request, problem);
    }

    /** To the sign-in page, which leads back to the address with its filters. */
    private static Response elsewhere(Request request) {
        return Response.seeOther(Links.signIn(Links.local(request.target())));
    }

    /** A whole page inside the frame. */
    Response page(
            Visit visit, int status, String title, String section, String template, Map<String, Object> parameters) {
        return html.page(status, template, frames.of(visit, title, section), parameters);
    }

    /** A page without navigation, for people who are not signed in. */
    Response bare(Request request, int status, String title, String template, Map<String, Object> parameters) {
        return html.page(status, template, frames.of(request, title), parameters);
    }

    /** Signs the browser in and redirects it. */
    static Response signedIn(Request request, SignIn.Outcome.SignedIn signedIn, String next) {
        return withCookies(Response.seeOther(Links.local(next)), request, signedIn);
    }

    private static Response withCookies(Response response, Request request, SignIn.Outcome.SignedIn signedIn) {
        return response.with("Set-Cookie", SessionCookie.set(request, signedIn.secret()))
                .with("Set-Cookie", DeviceCookie.set(request, signedIn.device()));
    }
}
