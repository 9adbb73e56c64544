package dev.latchkey.oauth;

import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.oauth.ClientProof.Presence;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Authenticates the API token that sends a request to an OAuth endpoint, by exactly one of the ways to prove it (RFC 6749
 * section 2.3).
 */
public final class ClientAuthenticator {
    private final List<ClientProof> proofs;
    private final ClientRefusals refusals;
    /** @param proofs in the order of our metadata */
    public ClientAuthenticator(List<ClientProof> proofs, ClientRefusals refusals) {
        this.proofs = List.copyOf(proofs);
        this.refusals = refusals;
    }

    /** The methods of client authentication, for our metadata. */
    public List<String> methods() {
        return proofs.stream().flatMap(proof -> proof.methods().stream()).toList();
    }

    /**
     * All parameters that authenticate programs, and an endpoint's own: a request may have at most one of each (RFC 6749
     * section 3.2).
     */
    List<String> parametersAnd(String... own) {
        Stream<String> proving = proofs.stream().flatMap(proof -> proof.parameters().stream());
        return Stream.of(Stream.of("client_id"), proving, Stream.of(own))
                .flatMap(Function.identity())
                .toList();
    }

    /** The method by which the request tries to authenticate its client, as our metadata names it. */
    String method(OAuthRequest request) {
        try {
            String method = TokenRequestRecorder.NO_METHOD;
            for (ClientProof proof : proofs) {
                Presence presence = proof.presence(request);
                if (presence == Presence.SENT) {
                    return proof.methods().getFirst();
                }
                if (presence == Presence.PRESENTED) {
                    method = proof.methods().getFirst();
                }
            }
            return method;
        } catch (OAuthError ambiguous) {
            return TokenRequestRecorder.NO_METHOD;
        }
    }

    /** Whether the request sends anything to authenticate its client. */
    boolean isAttempted(OAuthRequest request) {
        for (ClientProof proof : proofs) {
            if (proof.presence(request) == Presence.SENT) {
                return true;
            }
        }
        return false;
    }

    /**
     * The API token that sent the request.
     *
     * @throws OAuthError invalid_request for two ways at once (section 2.3), otherwise invalid_client
     */
    ApiToken authenticate(OAuthRequest request) {
        ClientProof.Checked checked = chosenProof(request).check(request);
        return refusals.accepted(
                checked.clientId(), checked.authentication(), request, () -> OAuthError.invalidClient(checked.basic()));
    }

    /** A proof that is sent takes precedence over the connection's certificate, and only one may be sent. */
    private ClientProof chosenProof(OAuthRequest request) {
        @Nullable ClientProof chosen = null;
        Presence most = Presence.NONE;
        for (ClientProof proof : proofs) {
            Presence presence = proof.presence(request);
            if (chosen != null && presence == Presence.SENT && most == Presence.SENT) {
                throw OAuthError.of(
                        OAuthError.Code.INVALID_REQUEST,
                        "Send " + chosen.noun() + " or " + proof.noun() + ", not both.");
            }
            if (presence.compareTo(most) > 0) {
                chosen = proof;
                most = presence;
            }
        }
        if (chosen == null) {
            throw OAuthError.invalidClient(true);
        }
        return chosen;
    }
}
