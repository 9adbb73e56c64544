package dev.latchkey.console;

import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoint;
import dev.latchkey.advice.Window;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Attention;
import dev.latchkey.event.LostChange;
import dev.latchkey.event.Target;
import dev.latchkey.event.TargetKind;
import dev.latchkey.http.Parameters;
import dev.latchkey.usage.Selection;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The address book of the console: the addresses under which features link to one another, named for what they lead to.
 * Templates and pages build no query strings of their own.
 */
public final class Links {
    static final String OVERVIEW = "/overview";
    static final String FIND = "/find";
    static final String TOKENS = "/tokens";
    static final String USERS = "/users";
    static final String ROLES = "/roles";
    static final String APIS = "/apis";
    static final String AUDIT = "/audit";
    static final String LOST_CHANGES = AUDIT + "/lost";
    static final String END_TOKENS = LOST_CHANGES + "/revoke";
    static final String ADVICE = "/advice";
    private static final String TRIAL = "trial";
    /** The roles that no token and no person has. */
    public static final String UNUSED_ROLES =
            Address.of(ROLES).with("only", "unused").text();

    static final String HEALTH = "/health";
    static final String SIGN_IN = "/sign-in";

    /** Parameters of an address: which usage a page shows. */
    static final String USAGE_RANGE = "usage";

    static final String CALLED_API = "calledApi";
    static final String CALLED_ENDPOINT = "called";

    /** Where people begin: a page that everyone may see, with what their role allows. */
    static final String START = OVERVIEW;

    /** Longer than the link to an explanation of the longest call that the gate explains, URL-encoded a second time. */
    private static final int LONGEST = 8 * 1024;

    private static final DateTimeFormatter SECOND =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss", Locale.ENGLISH);

    private Links() {}

    /** The address itself if it is a path on this server, with its query; otherwise where people begin. */
    static String local(String address) {
        boolean local = address.length() <= LONGEST
                && address.startsWith("/")
                && !address.startsWith("//")
                && !address.contains("\\")
                && address.chars().allMatch(c -> c > ' ' && c < 0x7f);
        return local ? address : START;
    }

    /** Whether the address is {@link #UNUSED_ROLES}. */
    static boolean isUnused(Parameters query) {
        return query.all("only").contains("unused");
    }

    /** The sign-in page, which leads back to an address. */
    static String signIn(String next) {
        return Address.of(SIGN_IN)
                .with("next", next.equals("/") || next.equals(START) ? "" : next)
                .text();
    }

    public static String token(String clientId) {
        return TOKENS + "/" + clientId;
    }

    /** What was called in some time, on the page of a token, a role or an API. */
    static String usage(String page, UsageRange range, Selection selection) {
        String api = selection.subject() == Selection.Subject.API ? null : selection.api();
        return Address.of(page)
                        .with(USAGE_RANGE, range.code())
                        .with(CALLED_API, api == null ? "" : api)
                        .with(CALLED_ENDPOINT, selection.endpoint() == null ? "" : selection.endpoint())
                        .text()
                + "#usage";
    }

    /** What was done to a token. */
    public static String tokenEvents(String clientId) {
        return token(clientId) + "#events";
    }

    private static Address activeTokens() {
        return Address.of(TOKENS).with("state", ApiToken.State.ACTIVE.text());
    }

    /** The active tokens that a role is assigned to. */
    public static String activeTokensWith(String role) {
        return activeTokens().with("role", role).text();
    }

    /** The active tokens that a person owns. */
    public static String activeTokensOf(String userId) {
        return activeTokens().with("owner", userId).text();
    }

    /** All tokens that a person owns. */
    public static String tokensOf(String userId) {
        return Address.of(TOKENS).with("owner", userId).text();
    }

    /** The active tokens, the last used first. */
    public static String activeTokensByLastAccess() {
        return activeTokens().with("sort", "-lastAccess").text();
    }

    public static String role(String name) {
        return ROLES + "/" + name;
    }

    /** What can be taken from a role that was not used for so long. */
    public static String advice(String role, Window window) {
        return advice(role, window, false);
    }

    /** The form of a role without what was not used for so long. */
    public static String tighter(String role, Window window) {
        return advice(role, window, true);
    }

    /** What of its role a token did not use for so long. */
    public static String tokenAdvice(String clientId, Window window) {
        return Address.of(token(clientId))
                        .with("advice", Integer.toString(window.days()))
                        .text()
                + "#advice";
    }

    /** A page of the roles that could lose something; the first page is 0. */
    public static String advice(Window window, int page) {
        return Address.of(ADVICE)
                .with("window", window == Window.QUARTER ? "" : Integer.toString(window.days()))
                .with("page", page == 0 ? "" : Integer.toString(page))
                .text();
    }

    /** Where the form of the button is sent that applies advice to a role. */
    public static String applyAdvice(String role) {
        return role(role) + "/advice/apply";
    }

    /** Where the form of the button is sent that undoes it. */
    public static String undoAdvice(String role) {
        return role(role) + "/advice/undo";
    }

    /** Where the form of the button is sent that tries a role without what the advice removes. */
    public static String tryAdvice(String role) {
        return role(role) + "/advice/trial";
    }

    /** How the trial of a role goes. */
    static String trial(String role) {
        return role(role) + "#trial";
    }

    /** The same, with the calls of a role that has many tokens. */
    public static String trialCalls(String role) {
        return Address.of(role(role)).with(TRIAL, "calls").text() + "#trial";
    }

    static boolean asksForTrial(Parameters query) {
        return query.text(TRIAL).isPresent();
    }

    /** Where the form of the button is sent that stops the trial. */
    public static String stopTrial(String role) {
        return role(role) + "/advice/trial/stop";
    }

    /** Where the form of the button is sent that applies what was tried. */
    public static String applyTrial(String role) {
        return role(role) + "/advice/trial/apply";
    }

    /** What was done to a role. */
    public static String roleEvents(String role) {
        return eventsAbout(TargetKind.ROLE, role);
    }

    private static String advice(String role, Window window, boolean filled) {
        return Address.of(role(role))
                        .with("advice", Integer.toString(window.days()))
                        .with("filled", filled ? "yes" : "")
                        .text()
                + (filled ? "#difference" : "#advice");
    }

    public static String user(String userId) {
        return USERS + "/" + userId;
    }

    /** A page of the users found by a search. */
    static String users(String search, String pageToken) {
        return Address.of(USERS)
                .with("search", search)
                .with("pageToken", pageToken)
                .text();
    }

    public static String api(String name) {
        return APIS + "/" + name;
    }

    /** A page of the endpoints of an API found by a search; the first page is 0. */
    public static String endpoints(String api, String search, int page) {
        return Address.of(api(api))
                .with("search", search)
                .with("page", page == 0 ? "" : Integer.toString(page))
                .text();
    }

    /** The form for a new endpoint. */
    public static String newEndpoint(String api) {
        return api(api) + "/endpoint";
    }

    /** The form for an endpoint that the API has. */
    public static String endpoint(Api api, Endpoint endpoint) {
        return of(endpoint, newEndpoint(api.name()));
    }

    /** The page that asks before it removes an endpoint. */
    public static String removeEndpoint(Api api, Endpoint endpoint) {
        return of(endpoint, newEndpoint(api.name()) + "/remove");
    }

    private static String of(Endpoint endpoint, String path) {
        return Address.of(path)
                .with("method", endpoint.method())
                .with("path", endpoint.path())
                .text();
    }

    /** The form that explains calls of a token. */
    public static String explain(String clientId) {
        return Address.of("/explain").with("token", clientId).text();
    }

    /** What was done to something. */
    static String eventsAbout(TargetKind kind, String id) {
        return Address.of(AUDIT).with("target", kind.text() + ":" + id).text();
    }

    /** What was done to the target of an event. */
    public static String eventsAbout(Target target) {
        return eventsAbout(target.kind(), target.id());
    }

    /** What the actor of an event did. */
    public static String eventsBy(Actor actor) {
        return Address.of(AUDIT).with("actor", actor.id()).text();
    }

    /** The lost changes in a state; all for null. */
    static Address lostChanges(LostChange.@Nullable State state) {
        return Address.of(LOST_CHANGES).with("state", state == null ? "" : state.text());
    }

    /** The lost changes: the open ones, as long as there are any. */
    public static String lostChanges(Attention attention) {
        return lostChanges(attention.open() > 0 ? LostChange.State.OPEN : null).text();
    }

    /** Where the tokens used or created since a given time are counted and ended; null asks for the time. */
    static String endTokens(@Nullable Instant since) {
        // Rounded down to the second, so that no token is left out.
        return Address.of(END_TOKENS)
                .with(
                        "since",
                        since == null
                                ? ""
                                : SECOND.format(
                                        since.truncatedTo(ChronoUnit.SECONDS).atOffset(ZoneOffset.UTC)))
                .text();
    }
}
