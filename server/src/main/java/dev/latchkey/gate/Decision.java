package dev.latchkey.gate;

import dev.latchkey.access.Api;
import dev.latchkey.access.Caller;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Endpoint.Requirement;
import dev.latchkey.access.Privilege;
import dev.latchkey.oauth.AccessTokenCheck;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether a request may be passed on to an API, with the reason. */
public sealed interface Decision {

    /** @param caller who calls; null at a public endpoint to which nobody said who they are */
    record Allowed(Api api, Endpoint endpoint, @Nullable Caller caller) implements Decision {}

    /**
     * No credential, or one that does not count: 401.
     *
     * @param challenge how to try again, when there was a credential; null when there was none
     * @param reason may be shown to whoever sent the request
     */
    record Unauthenticated(Api api, AccessTokenCheck.@Nullable Challenge challenge, String reason)
            implements Decision {}

    /**
     * A good access token whose role lacks a privilege: 403.
     *
     * @param needs what the endpoint needs, which the caller does not all have
     */
    record Forbidden(Api api, Endpoint endpoint, Requirement.Holds needs, Caller caller) implements Decision {
        /** What the caller would have to have besides, by name. */
        List<String> missing() {
            return needs.missing(caller::has).stream().map(Privilege::name).toList();
        }
    }

    /**
     * A request that no endpoint takes, or of which nobody can say which one takes it: 403.
     *
     * @param api null when it is for no API either
     * @param code for programs: {@code no_endpoint}, {@code doubtful_request} or {@code no_api}
     * @param caller null when nobody was asked who they are
     */
    record Refused(
            @Nullable Api api,
            String code,
            String reason,
            @Nullable Caller caller) implements Decision {}
}
