package dev.latchkey.oauth;

import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.Credentials;
import dev.latchkey.apitoken.Credentials.Authentication;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Origin;
import dev.latchkey.event.RefusedRequests;
import dev.latchkey.event.TargetKind;
import java.util.List;
import java.util.function.Supplier;

/** Refuses wrong proofs: the audit log gets the reason, and the sender an error without it. */
public final class ClientRefusals {
    private final RefusedRequests refused;

    public ClientRefusals(RefusedRequests refused) {
        this.refused = refused;
    }

    /**
     * Returns the API token that the proof authenticates.
     *
     * @param refusal the error when the proof is wrong
     */
    ApiToken accepted(String clientId, Authentication authentication, Origin origin, Supplier<OAuthError> refusal) {
        return switch (authentication) {
            case Authentication.Accepted accepted -> accepted.apiToken();
            case Authentication.Refused why -> {
                record(clientId, why.reason(), origin);
                throw refusal.get();
            }
            case Authentication.SlowDown slowDown -> {
                record(clientId, slowDown.reason(), origin);
                throw OAuthError.slowDown(
                        Math.max(1, slowDown.retryAfter().plusMillis(999).toSeconds()));
            }
        };
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
