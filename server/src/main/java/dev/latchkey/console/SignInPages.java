package dev.latchkey.console;

import dev.latchkey.account.Passwords;
import dev.latchkey.account.Sessions;
import dev.latchkey.account.Setup;
import dev.latchkey.account.SignIn;
import dev.latchkey.account.User;
import dev.latchkey.event.Origin;
import dev.latchkey.gate.DeviceCookie;
import dev.latchkey.gate.SessionCookie;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.problem.Problem;
import java.util.Map;

/** The pages before signing in: setup, sign-in, and one-time links; and signing out. */
final class SignInPages {
    private final Pages pages;
    private final Setup setup;
    private final SignIn signIn;
    private final Passwords passwords;
    private final Sessions sessions;

    SignInPages(Pages pages, Setup setup, SignIn signIn, Passwords passwords, Sessions sessions) {
        this.pages = pages;
        this.setup = setup;
        this.signIn = signIn;
        this.passwords = passwords;
        this.sessions = sessions;
    }

    void addTo(Routes.Builder routes) {
        routes.add("GET", Links.SIGN_IN, pages.open(this::signInPage))
                .add("POST", Links.SIGN_IN, pages.open(this::signIn))
                .add("POST", "/sign-out", pages.leaving(this::signOut, SignInPages::signedOut))
                .add("GET", "/setup/{secret}", pages.open(this::setupPage))
                .add("POST", "/setup/{secret}", pages.open(this::setup))
                .add("GET", "/invitation/{secret}", pages.open(this::invitationPage))
                .add("POST", "/invitation/{secret}", pages.open(this::acceptInvitation));
    }

    private Response signInPage(Request request) {
        if (setup.account().isEmpty()) {
            throw Setup.notYet();
        }
        return pages.signInPage(request, 200, Form.of(request.query()), null);
    }

    private Response signIn(Request request) {
        Parameters form = request.form();
        String email = form.text("email").orElse("");
        KeptForm kept = KeptForm.carriedBy(form).orElse(null);
        SignIn.Outcome outcome;
        try {
            outcome = signIn.signIn(
                    email,
                    form.first("password").orElse(""),
                    new Origin(request.remoteAddress(), request.userAgent()),
                    DeviceCookie.proof(request).orElse(null));
        } catch (Problem problem) {
            if (problem.status() != 429 && problem.status() != 503) {
                throw problem;
            }
            // The form keeps what was typed, for another attempt in a moment.
            return pages.signInPage(request, problem.status(), new Form(form, Map.of(), problem.detail()), kept)
                    .withFieldsOf(problem);
        }
        return switch (outcome) {
            case SignIn.Outcome.SignedIn signedIn ->
                kept == null
                        ? Pages.signedIn(request, signedIn, form.first("next").orElse(Links.START))
                        : pages.resumed(request, signedIn, kept);
            case SignIn.Outcome.Refused refused ->
                pages.signInPage(
                        request,
                        401,
                        new Form(form, Map.of(), "The email or the password is wrong. Check both and try again."),
                        kept);
            case SignIn.Outcome.SlowDown slowDown -> {
                long seconds = Math.max(1, slowDown.retryAfter().toSeconds() + 1);
                yield pages.signInPage(
                                request,
                                429,
                                new Form(
                                        form,
                                        Map.of(),
                                        "Too many attempts. Try again in " + seconds
                                                + (seconds == 1 ? " second." : " seconds.")),
                                kept)
                        .with("Retry-After", Long.toString(seconds));
            }
        };
    }

    private Response signOut(Visit visit) {
        sessions.end(visit.caller(), visit.person().session().id());
        return signedOut(visit.request());
    }

    private static Response signedOut(Request request) {
        return Response.seeOther(Notice.SIGNED_OUT.at(Links.SIGN_IN)).with("Set-Cookie", SessionCookie.clear(request));
    }

    private Response setupPage(Request request) {
        if (!setup.isOpen(request.pathParameter("secret"))) {
            throw setup.linkGone();
        }
        return setupPage(request, 200, Form.EMPTY);
    }

    private Response setupPage(Request request, int status, Form form) {
        return pages.bare(request, status, "Set up Latchkey", "account/setup", Map.of("form", form));
    }

    private Response setup(Request request) {
        Parameters form = request.form();
        String email = form.text("email").orElse("");
        String password = form.first("password").orElse("");
        try {
            setup.complete(
                    request.pathParameter("secret"),
                    form.text("accountName").orElse(""),
                    email,
                    form.text("name").orElse(""),
                    password,
                    new Origin(request.remoteAddress(), request.userAgent()));
        } catch (Problem problem) {
            if (problem.status() != 422) {
                throw problem;
            }
            return setupPage(request, 422, Form.refused(form, problem));
        }
        return signedInAs(request, email, password, Notice.WELCOME.at(Links.TOKENS));
    }

    private Response invitationPage(Request request) {
        User user = invited(request);
        return invitationPage(request, 200, user, Form.EMPTY);
    }

    private Response invitationPage(Request request, int status, User user, Form form) {
        return pages.bare(
                request, status, "Choose a password", "account/invitation", Map.of("form", form, "user", user));
    }

    private User invited(Request request) {
        return passwords.invited(request.pathParameter("secret")).orElseThrow(Passwords::linkGone);
    }

    private Response acceptInvitation(Request request) {
        User user = invited(request);
        Parameters form = request.form();
        String password = form.first("password").orElse("");
        try {
            passwords.acceptLink(
                    request.pathParameter("secret"),
                    form.text("name").orElse(""),
                    password,
                    new Origin(request.remoteAddress(), request.userAgent()));
        } catch (Problem problem) {
            if (problem.status() != 422) {
                throw problem;
            }
            return invitationPage(request, 422, user, Form.refused(form, problem));
        }
        return signedInAs(request, user.email(), password, Links.START);
    }

    private Response signedInAs(Request request, String email, String password, String next) {
        return signIn.signIn(email, password, new Origin(request.remoteAddress(), request.userAgent()))
                        instanceof SignIn.Outcome.SignedIn signedIn
                ? Pages.signedIn(request, signedIn, next)
                : Response.seeOther(Links.SIGN_IN);
    }
}
