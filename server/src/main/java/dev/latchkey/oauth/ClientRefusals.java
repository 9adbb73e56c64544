package dev.latchkey.oauth;

import dev.latchkey.access.ManagementApi;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.Barred;
import dev.latchkey.apitoken.Credentials;
import dev.latchkey.apitoken.Credentials.Authentication;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Origin;
import dev.latchkey.event.RefusedRequests;
import dev.latchkey.event.TargetKind;
import dev.latchkey.usage.Called;
import dev.latchkey.usage.Uses;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Refuses what authenticates no program: the audit log gets the reason, and the sender an error without it. The usage of an API
 * token gets those that proved it.
 */
public final class ClientRefusals {
    private final RefusedRequests refused;
    private final Uses uses;

    public ClientRefusals(RefusedRequests refused, Uses uses) {
        this.refused = refused;
        this.uses = uses;
    }

    /**
     * Returns the API token that the proof authenticates.
     *
     * @param refusal the error when the proof is wrong
     */
    ApiToken accepted(
            String clientId, Authentication authentication, OAuthRequest request, Supplier<OAuthError> refusal) {
        return switch (authentication) {
            case Authentication.Accepted accepted -> accepted.apiToken();
            case Authentication.Refused why -> {
                count(why.barred(), request);
                record(clientId, why.reason(), request.origin());
                throw refusal.get();
            }
            case Authentication.SlowDown slowDown -> {
                count(slowDown.barred(), request);
                record(clientId, slowDown.reason(), request.origin());
                throw OAuthError.slowDown(
                        Math.max(1, slowDown.retryAfter().plusMillis(999).toSeconds()));
            }
        };
    }

    /**
     * Counts a request to an OAuth endpoint by a program that is refused.
     *
     * @param barred null when it proved no API token, so that nothing is counted
     */
    void count(@Nullable Barred barred, OAuthRequest request) {
        if (barred != null) {
            uses.count(
                    barred,
                    new Called(ManagementApi.NAME, "POST", request.http().path()));
        }
    }

    /** Records that an outside token without a client id is valid for several API tokens. */
    void ambiguous(List<ApiToken> fitting, Origin origin) {
        record(
                fitting.getFirst().clientId(),
                "the outside token names no client id and fits " + fitting.size()
                        + " API tokens: send client_id, or make the conditions narrower",
                origin);
    }

    private void record(String clientId, String reason, Origin origin) {
        refused.record(
                EventType.ACCESS_TOKEN_REFUSE,
                TargetKind.API_TOKEN,
                clientId,
                reason,
                origin,
                !reason.equals(Credentials.UNKNOWN));
    }
}
