package dev.latchkey.console;

import dev.latchkey.account.Passwords;
import dev.latchkey.account.Sessions;
import dev.latchkey.account.Users;
import dev.latchkey.http.Cookies;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import java.time.Duration;
import java.util.Map;

/** A person's own profile: name, password, sessions, theme. */
final class ProfilePages {
    private static final Duration THEME_LIFETIME = Duration.ofDays(365);

    private final Pages pages;
    private final Users users;
    private final Passwords passwords;
    private final Sessions sessions;

    ProfilePages(Pages pages, Users users, Passwords passwords, Sessions sessions) {
        this.pages = pages;
        this.users = users;
        this.passwords = passwords;
        this.sessions = sessions;
    }

    void addTo(Routes.Builder routes) {
        routes.add("GET", "/profile", pages.shown(visit -> profile(visit, 200, Form.EMPTY)))
                .add("POST", "/profile/name", pages.sent(this::rename, this::profile))
                .add("POST", "/profile/password", pages.sent(this::changePassword, this::profile))
                .add("POST", "/profile/sessions/{sessionId}/end", pages.sent(this::endSession))
                .add("POST", "/profile/sessions/end-others", pages.sent(this::endOtherSessions))
                .add("POST", "/theme", pages.sent(this::theme));
    }

    private Response profile(Visit visit, int status, Form form) {
        return pages.page(
                visit,
                status,
                "Your profile",
                "profile",
                "account/profile",
                Map.of(
                        "user", visit.user(),
                        "form", form,
                        "sessions", sessions.list(visit.caller()),
                        "current", visit.person().session().id()));
    }

    private Response rename(Visit visit) {
        users.renameSelf(visit.caller(), visit.field("name"));
        return done(Notice.NAME);
    }

    private Response changePassword(Visit visit) {
        passwords.changeOwn(
                visit.caller(),
                visit.form().first("currentPassword").orElse(""),
                visit.form().first("password").orElse(""),
                visit.person().session().id());
        return done(Notice.PASSWORD);
    }

    private Response endSession(Visit visit) {
        sessions.end(visit.caller(), visit.path("sessionId"));
        return done(Notice.SESSION_ENDED);
    }

    private Response endOtherSessions(Visit visit) {
        sessions.endOthers(visit.caller(), visit.person().session().id());
        return done(Notice.SESSIONS_ENDED);
    }

    private static Response done(Notice notice) {
        return Response.seeOther(notice.at("/profile"));
    }

    private Response theme(Visit visit) {
        String theme = Theme.of(visit.field("theme")).text();
        return Response.seeOther(Links.local(visit.field("back")))
                .with("Set-Cookie", Cookies.set(visit.request(), Theme.COOKIE, theme, THEME_LIFETIME));
    }
}
