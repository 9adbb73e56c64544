package dev.latchkey.oauth;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ClientAuthentication.Federated;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Programs whose platform vouches for them: a build, a cluster or any OpenID provider signs a JWT about them, which one API
 * token trusts under conditions. The JWT may be presented again until it expires: platforms hand out the same one for
 * minutes, and it is for Latchkey alone.
 */
public final class Federation {
    private final PublicKeys keys;
    private final Clock clock;

    public Federation(PublicKeys keys, Clock clock) {
        this.keys = keys;
        this.clock = clock;
    }

    /** Why the outside token does not open the API token, in words for the log; null when it does. */
    @Nullable String whyNot(ApiToken apiToken, Assertion assertion) {
        if (!(apiToken.authentication() instanceof Federated trusted)) {
            return "authenticates by " + apiToken.authentication().method() + ", not by an outside token";
        }
        if (!trusted.issuer().equals(assertion.claims().getIssuer())) {
            return "wrong outside token: another issuer";
        }
        if (!assertion.isOnlyFor(Set.of(trusted.audience()))) {
            return "wrong outside token: aud must be " + trusted.audience() + " and nothing else";
        }
        String untimely = assertion.whyNotNow(clock.instant());
        if (untimely != null) {
            return "wrong outside token: " + untimely;
        }
        if (assertion.claims().getSubject() == null) {
            return "wrong outside token: it has no sub";
        }
        String unsigned = keys.whyNotSigned(assertion.jwt(), trusted.keys(), trusted.issuer());
        if (unsigned != null) {
            return "wrong outside token: " + unsigned;
        }
        for (Map.Entry<String, String> condition : trusted.claims().entrySet()) {
            if (!says(value(assertion.claims(), condition.getKey()), condition.getValue())) {
                return "wrong outside token: its claim " + condition.getKey() + " is not " + condition.getValue();
            }
        }
        return null;
    }

    /** A claim by its name, or by a JSON pointer (RFC 6901) when the name begins with a slash. */
    private static @Nullable Object value(JWTClaimsSet claims, String name) {
        if (!name.startsWith("/")) {
            return claims.getClaim(name);
        }
        Object value = claims.getClaims();
        for (String part : name.substring(1).split("/", -1)) {
            value = value instanceof Map<?, ?> map
                    ? map.get(part.replace("~1", "/").replace("~0", "~"))
                    : null;
        }
        return value;
    }

    /** Whether a value, or one of a list of values, is the text, in which {@code *} stands for anything. */
    private static boolean says(@Nullable Object value, String pattern) {
        return switch (value) {
            case null -> false;
            case String text -> matches(text, pattern);
            case Boolean flag -> pattern.equals(flag.toString());
            case Number number -> pattern.equals(number.toString());
            case Collection<?> several -> several.stream().anyMatch(one -> says(one, pattern));
            default -> false;
        };
    }

    /** Looks for the parts between the stars one after the other: each is found at its first place, so it takes one pass. */
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
