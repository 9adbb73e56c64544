package dev.latchkey.gate;

import dev.latchkey.access.Caller;
import dev.latchkey.access.Caller.AssignedRole;
import dev.latchkey.access.EffectivePrivileges;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Privilege;
import dev.latchkey.account.Session;
import dev.latchkey.account.Sessions;
import dev.latchkey.account.Users;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Origin;
import dev.latchkey.http.Handler;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.limit.Standing;
import dev.latchkey.limit.Taken;
import dev.latchkey.management.ETag;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Undeclared;
import dev.latchkey.oauth.AccessToken;
import dev.latchkey.oauth.AccessTokenCheck;
import dev.latchkey.oauth.PresentedAccessToken;
import dev.latchkey.oauth.PublicUrls;
import dev.latchkey.problem.Problem;
import dev.latchkey.registry.CurrentPolicy;
import dev.latchkey.trace.CurrentRequest;
import dev.latchkey.usage.Called;
import dev.latchkey.usage.LimitedUse;
import dev.latchkey.usage.Outcome;
import dev.latchkey.usage.Uses;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Identifies the callers of the management API and the console, and decides what they may do. An access token is valid only
 * as long as its API token is, and allows what its role allows at that moment.
 */
public final class Guard {
    private final AccessTokenCheck check;
    private final Uses uses;
    private final LimitedUse limits;
    private final CurrentPolicy policy;
    private final Sessions sessions;
    private final Users users;
    private final PublicUrls urls;

    public Guard(
            AccessTokenCheck check,
            Uses uses,
            LimitedUse limits,
            CurrentPolicy policy,
            Sessions sessions,
            Users users,
            PublicUrls urls) {
        this.check = check;
        this.uses = uses;
        this.limits = limits;
        this.policy = policy;
        this.sessions = sessions;
        this.users = users;
        this.urls = urls;
    }

    /** Whether one of our own operations may be called. */
    private sealed interface Verdict {
        record Allowed(Caller caller) implements Verdict {}

        /** Missing or invalid credentials: 401. */
        record Unauthenticated(Identification why) implements Verdict {}

        /** A caller without the privilege: 403. */
        record Forbidden(Caller caller, Privilege missing) implements Verdict {}

        /** A change that another site may have made the browser send: 403. */
        record Forged() implements Verdict {}
    }

    /** Puts the operation behind the guard. */
    public Handler protect(Operation operation) {
        Called called = called(operation);
        // No limit keeps a program from ending something, such as a token that has leaked.
        boolean limited = !operation.endsSomething();
        return protect(called, operation.privilege(), limited, (caller, request) -> {
            Undeclared.refuse(operation, request);
            Response response = operation.handler().handle(caller, request);
            assert !Undeclared.isIn(operation, response)
                    : operation.id() + " answers with a header field that it does not declare";
            return operation.method().equals("GET") ? ETag.unlessNamed(request, response) : response;
        });
    }

    /**
     * Puts a call behind the guard that is not an operation of the management API and takes the same access tokens.
     *
     * @param called what the call is to
     * @param privilege what a caller must have; null when any caller may
     */
    public Handler protect(Called called, @Nullable Privilege privilege, Operation.Guarded handler) {
        return protect(called, privilege, true, handler);
    }

    private Handler protect(Called called, @Nullable Privilege privilege, boolean limited, Operation.Guarded handler) {
        return request -> switch (CurrentRequest.step("decide", () -> decide(request, privilege))) {
            case Verdict.Allowed allowed ->
                switch (limited ? limits.call(allowed.caller(), null) : Taken.UNLIMITED) {
                    case Taken.Beyond beyond -> {
                        uses.count(allowed.caller(), called, Outcome.LIMITED);
                        throw beyond.problem().with("endpoint", called.endpoint());
                    }
                    case Taken.Within(List<Standing> standings) -> {
                        uses.note(allowed.caller());
                        uses.count(allowed.caller(), called, Outcome.ALLOWED);
                        yield Standing.told(standings, handler.handle(allowed.caller(), request));
                    }
                };
            case Verdict.Unauthenticated(Identification why) -> throw counted(why, called);
            case Verdict.Forbidden forbidden -> {
                uses.count(forbidden.caller(), called, Outcome.MISSING_PRIVILEGE);
                throw forbidden(forbidden.caller(), called.endpoint(), forbidden.missing());
            }
            case Verdict.Forged() ->
                throw new Problem(
                        403,
                        "csrf",
                        "A change made with a console session needs the X-CSRF-Token header from a page of the console.");
        };
    }

    /** Counts a program that proved its API token, and refuses it like any other. */
    private Problem counted(Identification why, Called called) {
        if (why instanceof Identification.Refused refused && refused.barred() != null) {
            uses.count(refused.barred(), called);
        }
        return challenge(why);
    }

    /** Refuses unidentified callers with 401, so that a large body is not read for strangers. */
    public Optional<Response> refusal(Operation operation, Request request) {
        Identification identification = identify(request, check::checkBeforeBody);
        return isIdentified(identification)
                ? Optional.empty()
                : Optional.of(Response.of(counted(identification, called(operation))));
    }

    private static Called called(Operation operation) {
        return new Called(ManagementApi.NAME, operation.method(), operation.path());
    }

    /** Whether the request had a valid credential. */
    public static boolean isIdentified(Identification identification) {
        return !(identification instanceof Identification.Anonymous)
                && !(identification instanceof Identification.Refused);
    }

    /** Identifies the sender of the request; an access token takes precedence over a session. */
    public Identification identify(Request request) {
        return identify(request, check::check);
    }

    private Identification identify(
            Request request, BiFunction<PresentedAccessToken, String, AccessTokenCheck.Result> how) {
        Optional<String> authorization = request.header("Authorization");
        if (authorization.isPresent()) {
            PresentedAccessToken presented = PresentedAccessToken.of(request, authorization.get(), urls.bases());
            Identification sender = program(how.apply(presented, urls.audience()), presented.origin());
            if (sender instanceof Identification.Program(Caller caller)) {
                CurrentRequest.isBy(caller.id());
            }
            return sender;
        }
        Optional<String> secret = SessionCookie.secret(request);
        if (secret.isEmpty()) {
            return new Identification.Anonymous();
        }
        Optional<Session> session = sessions.find(secret.get());
        Optional<Caller> caller = session.flatMap(
                found -> users.caller(found.userId(), new Origin(request.remoteAddress(), request.userAgent())));
        if (session.isEmpty() || caller.isEmpty()) {
            return new Identification.Refused(
                    AccessTokenCheck.Challenge.BEARER, "The session has ended. Sign in again.");
        }
        return new Identification.Person(caller.get(), session.get(), secret.get());
    }

    /**
     * Whether a change that a browser sends is the person's own: it comes from one of our pages, with the value that only
     * those contain.
     *
     * @param formValue the value as sent; null when there was none
     */
    public boolean isOwn(Request request, Identification.Person person, @Nullable String formValue) {
        return !SameOrigin.isViolatedBy(request)
                && formValue != null
                && sessions.isFormValue(person.secret(), formValue);
    }

    /** Whether another site may have made a browser send this; for the forms before sign-in, when there is no session. */
    public static boolean isFromElsewhere(Request request) {
        return SameOrigin.isViolatedBy(request);
    }

    /** Whether the browser says that one of our own pages made it send this: enough to show people what they typed. */
    public static boolean isFromHere(Request request) {
        return SameOrigin.isShownBy(request);
    }

    private Verdict decide(Request request, @Nullable Privilege privilege) {
        Identification identification = identify(request);
        Caller caller = switch (identification) {
            case Identification.Program program -> program.caller();
            case Identification.Person person -> {
                boolean changes =
                        !request.method().equals("GET") && !request.method().equals("HEAD");
                String formValue = request.header("X-CSRF-Token").orElse(null);
                yield changes && !isOwn(request, person, formValue) ? null : person.caller();
            }
            case Identification.Anonymous anonymous -> {
                yield null;
            }
            case Identification.Refused refused -> {
                yield null;
            }
        };
        if (caller == null) {
            return identification instanceof Identification.Person
                    ? new Verdict.Forged()
                    : new Verdict.Unauthenticated(identification);
        }
        return privilege == null || caller.has(privilege)
                ? new Verdict.Allowed(caller)
                : new Verdict.Forbidden(caller, privilege);
    }

    /**
     * Identifies the program that presents the access token.
     *
     * @param audience the API that the access token must be for
     */
    Identification program(PresentedAccessToken presented, String audience) {
        return program(check.check(presented, audience), presented.origin());
    }

    private Identification program(AccessTokenCheck.Result result, Origin origin) {
        return switch (result) {
            case AccessTokenCheck.Result.Refused refused ->
                new Identification.Refused(refused.challenge(), refused.reason(), refused.barred());
            case AccessTokenCheck.Result.Accepted accepted ->
                new Identification.Program(caller(accepted.apiToken(), accepted.accessToken(), origin));
        };
    }

    private Caller caller(ApiToken apiToken, AccessToken accessToken, Origin origin) {
        return caller(apiToken, accessToken.limited(policy.get().effective(apiToken.role())), origin);
    }

    /** The program that has the API token, with what it may do. */
    static Caller caller(ApiToken apiToken, EffectivePrivileges privileges, @Nullable Origin origin) {
        return new Caller(
                Actor.Kind.PROGRAM,
                apiToken.clientId(),
                apiToken.description(),
                List.of(new AssignedRole(apiToken.role(), privileges)),
                origin,
                apiToken.terms().callLimits());
    }

    /** RFC 6750 section 3: the challenge names no error when no credential was sent. */
    private Problem challenge(Identification why) {
        if (why instanceof Identification.Refused(AccessTokenCheck.Challenge challenge, String reason, var barred)) {
            return new Problem(401, challenge.error(), reason)
                    .withHeader("WWW-Authenticate", challenge.refusal(ManagementApi.NAME, urls.issuer(), reason));
        }
        return new Problem(401, "unauthenticated", "Send an access token as Authorization: Bearer, or sign in.")
                .withHeader(
                        "WWW-Authenticate", AccessTokenCheck.Challenge.invitation(ManagementApi.NAME, urls.issuer()));
    }

    /** RFC 6750 section 3.1, insufficient_scope. */
    private static Problem forbidden(Caller caller, String call, Privilege missing) {
        return new Problem(
                        403,
                        "missing_privilege",
                        call + " needs the privilege " + missing.name()
                                + (caller.isDenied(missing)
                                        ? ", which is denied to your role."
                                        : ", which your role does not have."))
                .with("api", missing.api())
                .with("endpoint", call)
                .with("privilege", missing.name())
                .withHeader(
                        "WWW-Authenticate",
                        "Bearer realm=\"latchkey\", error=\"insufficient_scope\", scope=\"" + missing.name() + "\"");
    }
}
