package dev.latchkey.console;

import dev.latchkey.access.Caller;
import dev.latchkey.access.HistoryApi;
import dev.latchkey.account.Account;
import dev.latchkey.account.Sessions;
import dev.latchkey.account.Setup;
import dev.latchkey.account.SignIn;
import dev.latchkey.account.Users;
import dev.latchkey.event.LostChanges.Attention;
import dev.latchkey.gate.DeviceCookie;
import dev.latchkey.gate.Guard;
import dev.latchkey.gate.Identification;
import dev.latchkey.gate.SessionCookie;
import dev.latchkey.http.FormData;
import dev.latchkey.http.Handler;
import dev.latchkey.http.HttpStatus;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Problem;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.lane.Seldom;
import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.TemplateOutput;
import gg.jte.output.StringOutput;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all pages share: who visits, the frame around the page, the headers, and refusals that people can read. */
final class Pages {
    private static final Logger log = LoggerFactory.getLogger(Pages.class);

    /** For the forms that hold a field for each privilege or endpoint of an API, in bytes. */
    static final int LARGE_FORM = 2 * 1024 * 1024;

    private static final FormData NO_FORM = new FormData(Parameters.NONE, Map.of());

    static final String THEME_COOKIE = "latchkey_theme";

    /** Nothing from elsewhere, nothing inline: an injected tag would load and run nothing. */
    private static final String CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self';"
            + " img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none';"
            + " frame-ancestors 'none'";

    private final TemplateEngine templates =
            TemplateEngine.createPrecompiled(null, ContentType.Html, null, "dev.latchkey.console.template");
    private final Guard guard;
    private final Setup setup;
    private final Sessions sessions;
    private final Users users;
    private final HistoryApi history;
    private final Seldom attentionFails = new Seldom();
    private final Assets assets;
    private final String version;
    private final Clock clock;

    Pages(
            Guard guard,
            Setup setup,
            Sessions sessions,
            Users users,
            HistoryApi history,
            Assets assets,
            String version,
            Clock clock) {
        this.guard = guard;
        this.setup = setup;
        this.sessions = sessions;
        this.users = users;
        this.history = history;
        this.assets = assets;
        this.version = version;
        this.clock = clock;
    }

    /** Refuses those who are not signed in before their large form is read. */
    Optional<Response> refusal(Request request) {
        return Guard.isSomebody(guard.identify(request)) ? Optional.empty() : Optional.of(signedOut(request));
    }

    private Response signedOut(Request request) {
        return error(request, null, new Problem(401, "signed_out", "Your session has ended. Sign in again."));
    }

    /** A page for people who are signed in; everybody else is led to the sign-in page and back. */
    Handler shown(Function<Visit, Response> page) {
        return request -> switch (guard.identify(request)) {
            case Identification.Person person -> {
                Visit visit = new Visit(request, NO_FORM, person, users.self(person.caller()));
                yield readable(visit, () -> page.apply(visit));
            }
            case Identification.Program program -> elsewhere(request);
            case Identification.Nobody nobody -> elsewhere(request);
            case Identification.Refused refused -> elsewhere(request);
        };
    }

    /** A page that everybody may read, inside the frame for those who are signed in. */
    Handler either(Function<Visit, Response> signedIn, Function<Request, Response> otherwise) {
        return request -> guard.identify(request) instanceof Identification.Person
                ? shown(signedIn).handle(request)
                : open(otherwise).handle(request);
    }

    /** A form that signed-in people send; it must come from our own page (CSRF). */
    Handler sent(Function<Visit, Response> change) {
        return request -> {
            if (!(guard.identify(request) instanceof Identification.Person person)) {
                return signedOut(request);
            }
            FormData form = request.formData();
            Visit visit = new Visit(request, form, person, users.self(person.caller()));
            return readable(visit, () -> {
                if (!guard.isOwn(request, person, form.fields().first("csrf").orElse(null))) {
                    throw new Problem(
                            403,
                            "csrf",
                            "This form is not from your own session. Go back, reload the page and try again.");
                }
                return change.apply(visit);
            });
        };
    }

    /** A page or form for people who are not signed in. */
    Handler open(Function<Request, Response> page) {
        return request -> {
            try {
                if (!request.method().equals("GET") && Guard.isFromElsewhere(request)) {
                    throw new Problem(403, "csrf", "This form was sent by another site.");
                }
                return page.apply(request);
            } catch (Problem problem) {
                return error(request, null, problem);
            }
        };
    }

    private Response readable(Visit visit, Supplier<Response> page) {
        try {
            return page.get();
        } catch (Problem problem) {
            return error(visit.request(), visit, problem);
        }
    }

    private static Response elsewhere(Request request) {
        return Response.seeOther("/sign-in"
                + (request.path().equals("/") || request.path().equals("/tokens")
                        ? ""
                        : "?next=" + URLEncoder.encode(request.path(), StandardCharsets.UTF_8)));
    }

    /** A whole page inside the frame. */
    Response page(
            Visit visit, int status, String title, String section, String template, Map<String, Object> parameters) {
        return render(visit.request(), status, template, frame(visit, title, section), parameters);
    }

    /** A page without navigation, for people who are not signed in. */
    Response bare(Request request, int status, String title, String template, Map<String, Object> parameters) {
        return render(request, status, template, frame(request, title), parameters);
    }

    private Response render(Request request, int status, String template, Frame frame, Map<String, Object> parameters) {
        Map<String, Object> all = new HashMap<>(parameters);
        all.put("frame", frame);
        TemplateOutput output =
                request.base().isRoot() ? new StringOutput(16 * 1024) : new LinksBelowPath(request.base());
        templates.render(template + ".jte", all, output);
        return Response.html(status, output.toString())
                .with("Content-Security-Policy", CONTENT_SECURITY_POLICY)
                .with("Cache-Control", "no-store");
    }

    private Response error(Request request, @Nullable Visit visit, Problem problem) {
        Frame frame = visit == null
                ? frame(request, HttpStatus.title(problem.status()))
                : frame(visit, HttpStatus.title(problem.status()), "");
        return problem.fieldsOn(render(
                request, problem.status(), visit == null ? "error-bare" : "error", frame, Map.of("problem", problem)));
    }

    private Frame frame(Visit visit, String title, String section) {
        return new Frame(
                title,
                section,
                visit.request().path(),
                visit.caller(),
                visit.user().name(),
                accountName(),
                version,
                assets.base(),
                sessions.formValue(visit.person().secret()),
                theme(visit.request()),
                visit.request().query().first("done").map(Notices::text).orElse(null),
                attention(visit.caller()),
                clock.instant());
    }

    /** Nothing when it cannot be told: no page fails for what only stands above it. */
    private Attention attention(Caller caller) {
        try {
            return history.attention(caller);
        } catch (RuntimeException e) {
            if (attentionFails.isDue()) {
                log.warn("Whether changes were lost cannot be read now, so the console does not say so", e);
            }
            return Attention.NONE;
        }
    }

    private Frame frame(Request request, String title) {
        return new Frame(
                title,
                "",
                request.path(),
                null,
                "",
                accountName(),
                version,
                assets.base(),
                "",
                theme(request),
                request.query().first("done").map(Notices::text).orElse(null),
                Attention.NONE,
                clock.instant());
    }

    private String accountName() {
        return setup.account().map(Account::name).orElse("Set-up");
    }

    private static String theme(Request request) {
        return request.cookie(THEME_COOKIE)
                .filter(theme -> theme.equals("light") || theme.equals("dark"))
                .orElse("system");
    }

    /** A path on this server to go to, or the list of tokens when it is anything else. */
    static String local(String path) {
        boolean local = path.startsWith("/")
                && !path.startsWith("//")
                && !path.contains("\\")
                && path.chars().allMatch(c -> c > ' ' && c < 0x7f);
        return local ? path : "/tokens";
    }

    /** Signs the browser in and leads on. */
    static Response signedIn(Request request, SignIn.Outcome.SignedIn signedIn, String next) {
        return Response.seeOther(local(next))
                .with("Set-Cookie", SessionCookie.set(request, signedIn.secret()))
                .with("Set-Cookie", DeviceCookie.set(request, signedIn.device()));
    }
}
