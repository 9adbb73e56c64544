package dev.latchkey.oauth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.crypto.Sha256;
import dev.latchkey.jwt.CompactJwt;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Checks proofs that a program holds the key to which its access tokens are bound (RFC 9449 section 4.3). The check in
 * Nimbus refuses a nonce where none is required, but programs that know a nonce of this server send it everywhere.
 */
public final class DpopProofs {
    /** The field that carries a proof (RFC 9449 section 4.1). */
    public static final String FIELD = "DPoP";

    private static final JOSEObjectType TYPE = new JOSEObjectType("dpop+jwt");
    private static final int MAX_LENGTH = 8 * 1024;
    private static final int MAX_ID_LENGTH = 256;

    /** How old a proof may be: the time it takes to arrive, and the difference between clocks. */
    private static final Duration MAX_AGE = Duration.ofSeconds(60);

    private static final Duration LEEWAY = Duration.ofSeconds(30);

    private final ReplayMemory replays;
    private final DpopNonces nonces;
    private final Clock clock;

    public DpopProofs(ReplayMemory replays, DpopNonces nonces, Clock clock) {
        this.replays = replays;
        this.nonces = nonces;
        this.clock = clock;
    }

    /** The result of checking a proof. */
    sealed interface Outcome {
        /** @param thumbprint the key's, as in access tokens */
        record Proved(String thumbprint) implements Outcome {}

        /** @param reason may be shown to the sender */
        record Wrong(String reason) implements Outcome {}

        /** The proof lacks the current nonce. */
        record NonceNeeded() implements Outcome {}
    }

    /** The nonce that proofs at the token endpoint need. */
    String nonce() {
        return nonces.current();
    }

    /**
     * Whether a proof has the current nonce; nothing else of it is trusted. This is checked before the rest of a token
     * request, so that a first try without the nonce uses up nothing else.
     */
    boolean hasNonce(List<String> fields) {
        SignedJWT proof = fields.size() == 1 ? parsed(fields.getFirst()) : null;
        // A proof that cannot be read is refused later with the reason; another nonce would not help.
        return proof == null || !isReadable(proof) || nonces.isValid(nonce(proof));
    }

    private static boolean isReadable(SignedJWT proof) {
        try {
            return proof.getJWTClaimsSet() != null;
        } catch (ParseException e) {
            return false;
        }
    }

    private static String nonce(SignedJWT proof) {
        try {
            JWTClaimsSet claims = proof.getJWTClaimsSet();
            String nonce = claims == null ? null : claims.getStringClaim("nonce");
            return nonce == null ? "" : nonce;
        } catch (ParseException e) {
            return "";
        }
    }

    /** Checks a proof at the token endpoint, which needs a nonce. */
    Outcome atTokenEndpoint(String clientId, List<String> fields, List<String> urls) {
        return check(clientId, fields, "POST", urls, null, true);
    }

    /**
     * Checks a proof at a resource, for one access token.
     *
     * @param clientId the API token to which the access token was issued
     * @param urls the spellings of the called address
     */
    Outcome atResource(String clientId, List<String> fields, String method, List<String> urls, String accessToken) {
        return check(clientId, fields, method, urls, accessToken, false);
    }

    /** The numbers are those of RFC 9449 section 4.3. */
    private Outcome check(
            String clientId,
            List<String> fields,
            String method,
            List<String> urls,
            @Nullable String accessToken,
            boolean needsNonce) {
        // 1 and 2: one field, one JWT
        if (fields.size() != 1) {
            return new Outcome.Wrong(
                    fields.isEmpty() ? "Send a DPoP proof in the field DPoP." : "Send the DPoP field once.");
        }
        SignedJWT proof = parsed(fields.getFirst());
        if (proof == null) {
            return new Outcome.Wrong("The DPoP proof is not a JWT or is too long.");
        }
        // 4 to 7: the type, an algorithm with a public key, and that key's own signature
        if (!TYPE.equals(proof.getHeader().getType())) {
            return new Outcome.Wrong("The DPoP proof's typ must be dpop+jwt.");
        }
        JWK key = proof.getHeader().getJWK();
        if (key == null || key.isPrivate()) {
            return new Outcome.Wrong(
                    "The DPoP proof's header must contain the public key as jwk, without a private key.");
        }
        // A thumbprint is made of the members' texts, so a key with two spellings would have two.
        if (!key.getRequiredParams().values().stream().allMatch(DpopProofs::isExact)) {
            return new Outcome.Wrong("The DPoP proof's jwk must be in exact base64url.");
        }
        if (!AsymmetricSignature.isBy(key, proof)) {
            return new Outcome.Wrong(
                    "The DPoP proof is not signed with the key in its header and one of the algorithms "
                            + String.join(" ", AsymmetricSignature.NAMES) + ".");
        }
        try {
            JWTClaimsSet claims = proof.getJWTClaimsSet();
            if (claims == null) {
                return new Outcome.Wrong("The DPoP proof has no claims.");
            }
            // 8 and 9: this request
            if (!method.equals(claims.getStringClaim("htm"))) {
                return new Outcome.Wrong("The DPoP proof's htm must be " + method + ".");
            }
            String target = normalized(String.valueOf(claims.getStringClaim("htu")));
            if (target == null || urls.stream().noneMatch(url -> target.equals(normalized(url)))) {
                return new Outcome.Wrong("The DPoP proof's htu must be the called URL without its query.");
            }
            // 10: not made in advance
            if (needsNonce && !nonces.isValid(nonce(proof))) {
                return new Outcome.NonceNeeded();
            }
            // 11: now
            Instant now = clock.instant();
            Instant issued = claims.getIssueTime() == null
                    ? Instant.EPOCH
                    : claims.getIssueTime().toInstant();
            if (issued.isBefore(now.minus(MAX_AGE)) || issued.isAfter(now.plus(LEEWAY))) {
                return new Outcome.Wrong("The DPoP proof's iat must be no more than " + MAX_AGE.toSeconds()
                        + " seconds ago, and not in the future.");
            }
            // 12a: this access token
            if (accessToken != null && !hash(accessToken).equals(claims.getStringClaim("ath"))) {
                return new Outcome.Wrong("The DPoP proof's ath must be the SHA-256 of the access token.");
            }
            // 3 and section 11.1: once
            String id = claims.getJWTID();
            if (id == null || id.isEmpty() || id.length() > MAX_ID_LENGTH) {
                return new Outcome.Wrong("The DPoP proof needs a jti of at most " + MAX_ID_LENGTH + " characters.");
            }
            String thumbprint = key.computeThumbprint().toString();
            // At resources no nonce says that the proof is new, so one from before the start may have been used.
            if (!needsNonce && issued.plusSeconds(1).isBefore(replays.start())) {
                return new Outcome.Wrong("The DPoP proof was made before this server started. Make a new one.");
            }
            return replays.isFirstUse(clientId, thumbprint, id, issued.plus(MAX_AGE))
                    ? new Outcome.Proved(thumbprint)
                    : new Outcome.Wrong("The DPoP proof was used before. Make a new one for each request.");
        } catch (ParseException | JOSEException e) {
            return new Outcome.Wrong("A claim of the DPoP proof has the wrong type.");
        }
    }

    private static boolean isExact(Object member) {
        return !(member instanceof Base64URL text) || CompactJwt.isExactBase64(text.toString());
    }

    private static @Nullable SignedJWT parsed(String compact) {
        if (compact.length() > MAX_LENGTH) {
            return null;
        }
        try {
            return CompactJwt.parse(compact);
        } catch (ParseException e) {
            return null;
        }
    }

    /**
     * Normalises scheme, authority and path (RFC 3986 sections 6.2.2 and 6.2.3); null for anything but an http or https URL.
     */
    static @Nullable String normalized(String address) {
        try {
            URI uri = new URI(withEncodedPath(address));
            String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
            if (uri.getHost() == null
                    || uri.getRawUserInfo() != null
                    || !(scheme.equals("https") || scheme.equals("http"))) {
                return null;
            }
            boolean ownPort = uri.getPort() < 0 || uri.getPort() == (scheme.equals("https") ? 443 : 80);
            String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
            return scheme + "://" + plainHost(uri.getHost()) + (ownPort ? "" : ":" + uri.getPort())
                    + plainlyEncoded(path);
        } catch (URISyntaxException e) {
            return null;
        }
    }

    /**
     * Encodes characters that some programs leave as they are in a path. Brackets of an IPv6 address before the path stay.
     */
    private static String withEncodedPath(String address) {
        int authority = address.indexOf("://");
        int path = authority < 0 ? -1 : address.indexOf('/', authority + 3);
        return path < 0
                ? address
                : address.substring(0, path)
                        + address.substring(path)
                                .replace("|", "%7C")
                                .replace("[", "%5B")
                                .replace("]", "%5D")
                                .replace("^", "%5E");
    }

    /** In lower case, and without the final dot of an absolute name. */
    private static String plainHost(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    /** Percent-encoding in capitals, and decoded where it is not needed (RFC 3986 section 2.3). */
    private static String plainlyEncoded(String path) {
        if (path.indexOf('%') < 0) {
            return path;
        }
        StringBuilder plain = new StringBuilder(path.length());
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c != '%' || i + 2 >= path.length()) {
                plain.append(c);
                continue;
            }
            char encoded = (char) Integer.parseInt(path, i + 1, i + 3, 16);
            boolean unreserved = (encoded >= 'a' && encoded <= 'z')
                    || (encoded >= 'A' && encoded <= 'Z')
                    || (encoded >= '0' && encoded <= '9')
                    || "-._~".indexOf(encoded) >= 0;
            plain.append(
                    unreserved
                            ? String.valueOf(encoded)
                            : path.substring(i, i + 3).toUpperCase(Locale.ROOT));
            i += 2;
        }
        return plain.toString();
    }

    /** RFC 9449 section 4.2, {@code ath}. */
    private static String hash(String accessToken) {
        byte[] digest = Sha256.of(accessToken.getBytes(StandardCharsets.US_ASCII));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
    }
}
