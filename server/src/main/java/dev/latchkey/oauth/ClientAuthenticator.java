package dev.latchkey.oauth;

import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.oauth.ClientProof.Presence;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which API token sends a request to an OAuth endpoint, and whether it proves it: chooses the one proof that counts (RFC 6749
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
     * All parameters by which programs say who they are, and an endpoint's own: a request may hold one of each at most (RFC
     * 6749 section 3.2).
     */
    List<String> parametersAnd(String... own) {
        Stream<String> proving = proofs.stream().flatMap(proof -> proof.parameters().stream());
        return Stream.of(Stream.of("client_id"), proving, Stream.of(own))
                .flatMap(Function.identity())
                .toList();
    }

    /** Whether the request sends anything to prove who it comes from. */
    boolean isAttempted(OAuthRequest request) {
        for (ClientProof proof : proofs) {
            if (proof.presence(request) == Presence.SENT) {
                return true;
            }
        }
        return false;
    }

    /**
     * The API token that the request proves to come from.
     *
     * @throws OAuthError invalid_request for more than one way at once (section 2.3), otherwise invalid_client
     */
    ApiToken authenticate(OAuthRequest request) {
        ClientProof.Checked checked = theOne(request).check(request);
        return refusals.accepted(
                checked.clientId(),
                checked.authentication(),
                request.origin(),
                () -> OAuthError.invalidClient(checked.basic()));
    }

    /** What is sent goes before what the connection shows, and of what is sent there may be one. */
    private ClientProof theOne(OAuthRequest request) {
        @Nullable ClientProof chosen = null;
        Presence most = Presence.NONE;
        for (ClientProof proof : proofs) {
            Presence presence = proof.presence(request);
            if (chosen != null && presence == Presence.SENT && most == Presence.SENT) {
                throw OAuthError.of(
                        OAuthError.Code.INVALID_REQUEST,
                        "Send " + chosen.words() + " or " + proof.words() + ", not both.");
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
