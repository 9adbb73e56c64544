package dev.latchkey.console;

import dev.latchkey.access.Caller;
import dev.latchkey.account.Account;
import dev.latchkey.account.Sessions;
import dev.latchkey.account.Setup;
import dev.latchkey.audit.HistoryApi;
import dev.latchkey.event.Attention;
import dev.latchkey.http.BasePath;
import dev.latchkey.http.Request;
import dev.latchkey.lane.Seldom;
import java.time.Clock;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts together the frame around a page. */
final class Frames {
    private static final Logger log = LoggerFactory.getLogger(Frames.class);
    private static final Pattern DONE = Pattern.compile("([?&])done=[^&]*&?");

    private final Setup setup;
    private final Sessions sessions;
    private final HistoryApi history;
    private final Seldom attentionFails = new Seldom();
    private final String assets;
    private final String version;
    private final Clock clock;

    Frames(Setup setup, Sessions sessions, HistoryApi history, String assets, String version, Clock clock) {
        this.setup = setup;
        this.sessions = sessions;
        this.history = history;
        this.assets = assets;
        this.version = version;
        this.clock = clock;
    }

    /** The frame for a person who is signed in. */
    Frame of(Visit visit, String title, String section) {
        Request request = visit.request();
        return new Frame(
                title,
                section,
                request.base(),
                request.path(),
                back(request),
                visit.caller(),
                visit.user().name(),
                accountName(),
                version,
                assets,
                sessions.formValue(visit.person().secret()),
                Theme.of(request),
                request.query().first("done").map(Notice::text).orElse(null),
                attention(visit.caller()),
                clock.instant());
    }

    /** The frame for people who are not signed in. */
    Frame of(Request request, String title) {
        return of(
                request.base(),
                request.path(),
                title,
                accountName(),
                Theme.of(request),
                request.query().first("done").orElse(""));
    }

    /** The frame that reads nothing from the database. */
    Frame ofNothingRead(BasePath base, String path, String title, Theme theme) {
        return of(base, path, title, "", theme, "");
    }

    private Frame of(BasePath base, String path, String title, String account, Theme theme, String done) {
        return new Frame(
                title,
                "",
                base,
                path,
                Links.START,
                null,
                "",
                account,
                version,
                assets,
                "",
                theme,
                Notice.text(done),
                Attention.NONE,
                clock.instant());
    }

    /** Without the notice, which is shown once. */
    private static String back(Request request) {
        return Links.local(
                request.method().equals("GET") ? DONE.matcher(request.target()).replaceFirst("$1") : request.path());
    }

    /** None when that cannot be read: no page fails because of the note above it. */
    private Attention attention(Caller caller) {
        try {
            return history.attention(caller);
        } catch (RuntimeException e) {
            if (attentionFails.isDue()) {
                log.warn("The console cannot read whether changes were lost, so its pages do not show it", e);
            }
            return Attention.NONE;
        }
    }

    private String accountName() {
        return setup.account().map(Account::name).orElse("Setup");
    }
}
