package dev.latchkey.oauth;

import java.util.Map;

/** What an access token is bound to: only its holder may use the access token (RFC 7800 section 3, {@code cnf}). */
public sealed interface Confirmation {
    /** The member of {@code cnf} that holds the thumbprint. */
    String member();

    /** SHA-256 in base64url. */
    String thumbprint();

    /** The key that DPoP proofs are signed with (RFC 9449 section 6.1). */
    record ProofKey(String thumbprint) implements Confirmation {
        static final String MEMBER = "jkt";

        @Override
        public String member() {
            return MEMBER;
        }
    }

    /** A TLS certificate (RFC 8705 section 3.1). */
    record Certificate(String thumbprint) implements Confirmation {
        static final String MEMBER = "x5t#S256";

        @Override
        public String member() {
            return MEMBER;
        }
    }

    /** As a claim. */
    default Map<String, Object> claim() {
        return Map.of(member(), thumbprint());
    }
}
