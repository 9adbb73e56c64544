package dev.latchkey.oauth;

import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.SenderConstraint;
import dev.latchkey.http.Response;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decides what a new access token is bound to: what its API token requires, or what the program chose to prove. */
public final class SenderBinding {
    private static final String NONCE = "DPoP-Nonce";

    private final DpopProofs proofs;
    private final List<String> urls;

    public SenderBinding(DpopProofs proofs, PublicUrls urls) {
        this.proofs = proofs;
        this.urls = urls.tokenEndpoints();
    }

    /** @throws OAuthError use_dpop_nonce when there is a proof without the current nonce */
    void requireNonce(List<String> dpop) {
        if (!dpop.isEmpty() && !proofs.hasNonce(dpop)) {
            throw OAuthError.useNonce(proofs.nonce());
        }
    }

    /** RFC 9449 section 8.2: a program that sends a proof gets the nonce for the next one. */
    Response withNonce(Response response, List<String> dpop) {
        return dpop.isEmpty() || response.field(NONCE).isPresent() ? response : response.with(NONCE, proofs.nonce());
    }

    /**
     * What the access token is bound to; null for a bearer token.
     *
     * @param dpop the proofs of the request (RFC 9449)
     * @param presented the sender's TLS certificate (RFC 8705)
     * @throws OAuthError when the API token requires something else
     */
    @Nullable Confirmation confirmation(ApiToken apiToken, List<String> dpop, List<X509Certificate> presented) {
        if (apiToken.senderConstraint() == SenderConstraint.CERTIFICATE) {
            return certificate(dpop, presented);
        }
        if (dpop.isEmpty()) {
            if (apiToken.senderConstraint() == SenderConstraint.DPOP) {
                throw OAuthError.of(
                        OAuthError.Code.INVALID_DPOP_PROOF,
                        "Access tokens of this API token are bound to a key. Send a DPoP proof (RFC 9449).");
            }
            return null;
        }
        return switch (proofs.atTokenEndpoint(apiToken.clientId(), dpop, urls)) {
            case DpopProofs.Outcome.Proved(String thumbprint) -> new Confirmation.ProofKey(thumbprint);
            case DpopProofs.Outcome.NonceNeeded() -> throw OAuthError.useNonce(proofs.nonce());
            case DpopProofs.Outcome.Wrong(String reason) ->
                throw OAuthError.of(OAuthError.Code.INVALID_DPOP_PROOF, reason);
        };
    }

    private static Confirmation certificate(List<String> dpop, List<X509Certificate> presented) {
        if (!dpop.isEmpty()) {
            throw OAuthError.of(
                    OAuthError.Code.INVALID_DPOP_PROOF,
                    "Access tokens of this API token are bound to its TLS certificate, not to a key.");
        }
        if (presented.isEmpty()) {
            throw OAuthError.of(
                    OAuthError.Code.INVALID_REQUEST,
                    "Access tokens of this API token are bound to its TLS certificate. Present it (RFC 8705).");
        }
        return new Confirmation.Certificate(ClientCertificates.thumbprint(presented.getFirst()));
    }
}
