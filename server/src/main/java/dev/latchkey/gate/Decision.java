package dev.latchkey.gate;

import dev.latchkey.access.Api;
import dev.latchkey.access.Caller;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Endpoint.Requirement;
import dev.latchkey.access.Privilege;
import dev.latchkey.apitoken.Barred;
import dev.latchkey.limit.Standing;
import dev.latchkey.limit.Taken;
import dev.latchkey.oauth.AccessTokenCheck;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether a request may be passed on to an API, and why. */
public sealed interface Decision {

    /** The program whose valid credential the request has; null when there is none, or it was not looked at. */
    @Nullable Caller caller();

    /**
     * The request may be passed on.
     *
     * @param caller null for an anonymous call of a public endpoint
     * @param presented null when the request has no credential
     * @param assertion a signed statement about the call for the API; null for none
     * @param standings where the caller stands with its own limits; empty where there are none
     */
    record Allowed(
            Api api,
            Endpoint endpoint,
            @Nullable Caller caller,
            @Nullable Presented presented,
            @Nullable String assertion,
            List<Standing> standings)
            implements Decision {
        Allowed(Api api, Endpoint endpoint, @Nullable Caller caller) {
            this(api, endpoint, caller, null, null, List.of());
        }

        /** The same with a signed statement. */
        Allowed asserting(String signed) {
            return new Allowed(api, endpoint, caller, presented, signed, standings);
        }

        /** The same for a request that presents this credential. */
        Allowed presenting(PresentedCredential credential, ForeignRequest request) {
            return new Allowed(
                    api,
                    endpoint,
                    caller,
                    Presented.of(credential, caller != null, api.keyPlaces(), request.target()),
                    null,
                    standings);
        }

        /** The same with what is left of the caller's own limits. */
        Allowed standing(List<Standing> own) {
            return new Allowed(api, endpoint, caller, presented, assertion, own);
        }
    }

    /**
     * Missing or invalid credentials: 401.
     *
     * @param challenge how to try again; null when the request had no credential
     * @param reason may be shown to the sender of the request
     * @param endpoint the one that the request matches; null for none
     * @param barred the program that proved its API token nevertheless; null when none did
     */
    record Unauthenticated(
            Api api,
            AccessTokenCheck.@Nullable Challenge challenge,
            String reason,
            @Nullable Endpoint endpoint,
            @Nullable Barred barred)
            implements Decision {
        /** Nothing proves whose request it is. */
        Unauthenticated(Api api, AccessTokenCheck.@Nullable Challenge challenge, String reason) {
            this(api, challenge, reason, null, null);
        }

        @Override
        public @Nullable Caller caller() {
            return null;
        }
    }

    /**
     * A valid access token whose role lacks a privilege: 403.
     *
     * @param needs what the endpoint needs; the caller lacks at least one of these privileges
     */
    record Forbidden(Api api, Endpoint endpoint, Requirement.Holds needs, Caller caller) implements Decision {
        /** The names of the privileges that the caller lacks. */
        List<String> missing() {
            return needs.missing(caller::has).stream().map(Privilege::name).toList();
        }

        /** Whether an access token of a wider scope would be enough: the role has all of the privileges. */
        boolean isAMatterOfScope() {
            return needs.missing(caller::has).stream().allMatch(caller::couldRequest);
        }
    }

    /**
     * A request that the role allows and that a limit refuses: 429.
     *
     * @param limit the limit that was reached
     */
    record Limited(Api api, Endpoint endpoint, Caller caller, Taken.Beyond limit) implements Decision {}

    /**
     * A request that matches no endpoint, or whose endpoint cannot be told with certainty: 403.
     *
     * @param api null when the request is not for a registered API
     * @param code for programs: {@code no_endpoint}, {@code doubtful_request} or {@code no_api}
     * @param caller null when the request was refused before its caller was identified
     */
    record Refused(
            @Nullable Api api,
            String code,
            String reason,
            @Nullable Caller caller) implements Decision {}
}
