package dev.latchkey.oauth;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ClaimPath;
import dev.latchkey.apitoken.ClientAuthentication.Federated;
import dev.latchkey.apitoken.CostlyChecks;
import dev.latchkey.apitoken.KeySource;
import dev.latchkey.apitoken.PlatformClaims;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Programs whose platform vouches for them: a build service, a cluster or any OpenID provider signs a JWT about them, which
 * an API token trusts under conditions. The JWT may be presented again until it expires: platforms hand out the same one for
 * minutes, and its only audience is Latchkey.
 */
public final class Federation {
    /** Platforms issue tokens for minutes or hours; one that lives longer is a secret that no one rotates. */
    private static final Duration MAX_LIFETIME = Duration.ofHours(24);

    private static final String SPIFFE = "spiffe://";

    /**
     * An outside token that names no API token is checked against the keys of at most this many signers, because each costs.
     */
    private static final int MAX_SIGNERS = 10;

    private final PublicKeys keys;
    private final String issuer;
    private final Set<String> tokenEndpoints;
    private final Clock clock;

    public Federation(PublicKeys keys, PublicUrls urls, Clock clock) {
        this.keys = keys;
        this.issuer = urls.issuer();
        this.tokenEndpoints = Set.copyOf(urls.tokenEndpoints());
        this.clock = clock;
    }

    /**
     * Why the outside token does not authenticate the API token, in words for the log; null when it does.
     *
     * @param grant whether it was sent as an authorization grant (RFC 7523 section 2.1), whose audience may be the token
     *     endpoint instead of the issuer
     */
    @Nullable String whyNot(ApiToken apiToken, Assertion assertion, boolean grant, CostlyChecks costly) {
        String mismatch = whyMismatched(apiToken, assertion, grant);
        if (mismatch != null || !(apiToken.authentication() instanceof Federated trusted)) {
            return mismatch;
        }
        String wrongSignature = keys.whyNotSigned(assertion.jwt(), trusted.keys(), trusted.issuer(), costly);
        return wrongSignature == null ? null : "wrong outside token: " + wrongSignature;
    }

    /** Checks the outside token without its signature: whether its claims are what the API token trusts. */
    @Nullable String whyMismatched(ApiToken apiToken, Assertion assertion, boolean grant) {
        if (!(apiToken.authentication() instanceof Federated trusted)) {
            return "authenticates by " + apiToken.authentication().method() + ", not by an outside token";
        }
        String tooWide = PlatformClaims.whyOpenToStrangers(trusted.issuer(), trusted.claims());
        if (tooWide != null) {
            return "its conditions are too wide. " + tooWide;
        }
        String wrong = whyMismatched(trusted, assertion, grant);
        return wrong == null ? null : "wrong outside token: " + wrong;
    }

    /** The issuer and the keys that must have signed it. */
    private record Signer(String issuer, KeySource keys) {
        static Optional<Signer> of(ApiToken apiToken) {
            return apiToken.authentication() instanceof Federated trusted
                    ? Optional.of(new Signer(trusted.issuer(), trusted.keys()))
                    : Optional.empty();
        }
    }

    /** The API tokens whose signer signed it; each signer's keys are tried once. Empty when there are too many signers. */
    List<ApiToken> signed(List<ApiToken> matching, Assertion assertion, CostlyChecks costly) {
        Set<Signer> signers =
                matching.stream().map(Signer::of).flatMap(Optional::stream).collect(Collectors.toSet());
        if (signers.size() > MAX_SIGNERS) {
            return List.of();
        }
        Set<Signer> right = signers.stream()
                .filter(one -> keys.whyNotSigned(assertion.jwt(), one.keys(), one.issuer(), costly) == null)
                .collect(Collectors.toSet());
        return matching.stream()
                .filter(apiToken -> Signer.of(apiToken).filter(right::contains).isPresent())
                .toList();
    }

    private @Nullable String whyMismatched(Federated trusted, Assertion assertion, boolean grant) {
        if (!isOf(trusted.issuer(), assertion.claims())) {
            return "another issuer";
        }
        boolean isForUs = assertion.isOnlyFor(Set.of(trusted.audience()))
                || (grant && trusted.audience().equals(issuer) && assertion.isOnlyFor(tokenEndpoints));
        if (!isForUs) {
            return "aud must be " + trusted.audience() + " and nothing else";
        }
        Instant now = clock.instant();
        String wrongTime = assertion.whyUntimely(now);
        if (wrongTime != null) {
            return wrongTime;
        }
        Instant expiry = assertion.expiry();
        if (expiry == null || expiry.isAfter(now.plus(MAX_LIFETIME).plus(Assertion.LEEWAY))) {
            return "exp is more than " + MAX_LIFETIME.toHours()
                    + " hours ahead. Request a short-lived token from the platform";
        }
        if (assertion.claims().getSubject() == null) {
            return "it has no sub";
        }
        for (Map.Entry<String, Object> condition : trusted.claims().entrySet()) {
            Object said =
                    ClaimPath.parse(condition.getKey()).in(assertion.claims().getClaims());
            if (!says(said, condition.getValue())) {
                return "its claim " + condition.getKey() + " is not " + inWords(condition.getValue())
                        + (said instanceof Boolean
                                ? ", but a boolean"
                                : said instanceof Number ? ", but a number" : "");
            }
        }
        return null;
    }

    /**
     * Whether it names the issuer. A JWT-SVID needs no {@code iss}: its subject names the trust domain, and only the keys of
     * that domain verify it (SPIFFE JWT-SVID specification section 3).
     */
    private static boolean isOf(String issuer, JWTClaimsSet claims) {
        String said = claims.getIssuer();
        if (!issuer.startsWith(SPIFFE)) {
            return issuer.equals(said);
        }
        String domain = issuer.endsWith("/") ? issuer : issuer + "/";
        return (said == null || said.equals(issuer))
                && claims.getSubject() != null
                && claims.getSubject().startsWith(domain);
    }

    /** The issuer that it names, or the trust domain of a JWT-SVID that names none. */
    static Optional<String> issuer(Assertion assertion) {
        String said = assertion.claims().getIssuer();
        String subject = assertion.claims().getSubject();
        if (said != null || subject == null || !subject.startsWith(SPIFFE)) {
            return Optional.ofNullable(said);
        }
        int end = subject.indexOf('/', SPIFFE.length());
        return Optional.of(end < 0 ? subject : subject.substring(0, end));
    }

    private static String inWords(Object value) {
        return value instanceof String text
                ? text
                : "the " + (value instanceof Boolean ? "boolean " : "number ") + value;
    }

    /**
     * Whether a value, or one of a list of values, fulfils the condition. Types must be the same, and in a text {@code *}
     * stands for anything.
     */
    private static boolean says(@Nullable Object value, Object condition) {
        if (value instanceof Collection<?> several) {
            return several.stream().anyMatch(one -> says(one, condition));
        }
        return switch (condition) {
            case String pattern -> value instanceof String text && matches(text, pattern);
            case Boolean flag -> flag.equals(value);
            case Number number ->
                value instanceof Number other
                        && new BigDecimal(number.toString()).compareTo(new BigDecimal(other.toString())) == 0;
            default -> false;
        };
    }

    /** Finds the parts between the stars one after another, each at its first place, in a single pass. */
    static boolean matches(String text, String pattern) {
        List<String> parts = List.of(pattern.split("\\*", -1));
        if (parts.size() == 1) {
            return text.equals(pattern);
        }
        String first = parts.getFirst();
        String last = parts.getLast();
        if (text.length() < first.length() + last.length() || !text.startsWith(first) || !text.endsWith(last)) {
            return false;
        }
        int at = first.length();
        int end = text.length() - last.length();
        for (String part : parts.subList(1, parts.size() - 1)) {
            int found = text.indexOf(part, at);
            if (found < 0 || found + part.length() > end) {
                return false;
            }
            at = found + part.length();
        }
        return true;
    }
}
