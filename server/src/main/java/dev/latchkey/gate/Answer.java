package dev.latchkey.gate;

import dev.latchkey.access.Api;
import dev.latchkey.access.Caller;
import dev.latchkey.access.Privilege;
import dev.latchkey.http.Response.Field;
import dev.latchkey.oauth.AccessTokenCheck;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Text;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A decision in words that gateways pass on: header fields for the API when it is allowed, and a problem document for the
 * caller when it is not.
 */
public final class Answer {
    private static final String PREFIX = "Latchkey";
    private static final String ENDPOINT = "Latchkey-Endpoint";
    private static final String CLIENT_ID = "Latchkey-Client-Id";
    private static final String ACCOUNT = "Latchkey-Account";
    private static final String ROLE = "Latchkey-Role";
    private static final String DESCRIPTION = "Latchkey-Description";

    /** All fields that tell an API about its caller. */
    static final List<String> FIELDS = List.of(ENDPOINT, CLIENT_ID, ACCOUNT, ROLE, DESCRIPTION);

    /** Gateways read all fields of an answer into some four kilobytes, and this may be encoded to thrice its length. */
    private static final int MAX_TARGET = 300;

    private Answer() {}

    /** What the API may know of an allowed request. A field that is absent must not be taken from the caller instead. */
    public static List<Field> fields(Decision.Allowed allowed) {
        Field endpoint =
                new Field(ENDPOINT, Text.visibleAscii(allowed.endpoint().name()));
        Caller caller = allowed.caller();
        return caller == null
                ? List.of(endpoint)
                : List.of(
                        endpoint,
                        new Field(CLIENT_ID, caller.id()),
                        new Field(ACCOUNT, caller.id().substring(0, caller.id().indexOf('.'))),
                        new Field(ROLE, caller.roles().getFirst().name()),
                        new Field(DESCRIPTION, Text.visibleAscii(caller.name())));
    }

    /**
     * What the API may know, each field once: those about a caller are empty when nobody said who they are. For gateways that
     * write a placeholder's name into a field that an answer does not have.
     */
    static List<Field> allFields(Decision.Allowed allowed) {
        List<Field> known = fields(allowed);
        if (known.size() == FIELDS.size()) {
            return known;
        }
        return FIELDS.stream()
                .map(name -> known.stream()
                        .filter(field -> field.name().equals(name))
                        .findFirst()
                        .orElseGet(() -> new Field(name, "")))
                .toList();
    }

    /**
     * Whether a field begins like ours and is none that gateways replace: an API that reads it would believe the caller. Not
     * every gateway can remove what it does not know by name.
     */
    static boolean isForged(String name) {
        return name.regionMatches(true, 0, PREFIX, 0, PREFIX.length())
                && (name.length() == PREFIX.length() || !Character.isLetterOrDigit(name.charAt(PREFIX.length())))
                && FIELDS.stream().noneMatch(name::equalsIgnoreCase);
    }

    /**
     * Why a request is not passed on (RFC 6750 section 3, RFC 9457).
     *
     * @param issuer Latchkey's own base URL, where the explanation is
     */
    public static Problem problem(Decision decision, ForeignRequest request, String issuer) {
        return switch (decision) {
            case Decision.Allowed allowed -> throw new IllegalArgumentException("an allowed request has no problem");
            case Decision.Unauthenticated(Api api, AccessTokenCheck.Challenge challenge, String reason) ->
                new Problem(401, challenge == null ? "unauthenticated" : challenge.error(), reason)
                        .with("api", api.name())
                        .withHeader(
                                "WWW-Authenticate",
                                challenge == null
                                        ? AccessTokenCheck.Challenge.invitation(api.name(), issuer)
                                        : challenge.refusal(api.name(), issuer, reason));
            case Decision.Forbidden forbidden -> forbidden(forbidden, request, issuer);
            case Decision.Refused refused -> refused(refused, request, issuer);
        };
    }

    private static Problem forbidden(Decision.Forbidden forbidden, ForeignRequest request, String issuer) {
        List<String> missing = forbidden.missing();
        boolean one = missing.size() == 1;
        return new Problem(
                        403,
                        "missing_privilege",
                        forbidden.endpoint().name() + " needs the " + (one ? "privilege " : "privileges ")
                                + String.join(" and ", missing) + ", " + why(forbidden, missing))
                .with("api", forbidden.api().name())
                .with("endpoint", forbidden.endpoint().name())
                .with(one ? "privilege" : "privileges", one ? missing.getFirst() : missing)
                .with("explain", explain(forbidden.api(), forbidden.caller(), request, issuer))
                // All that the endpoint needs: a program asks for a new access token with this scope.
                .withHeader(
                        "WWW-Authenticate",
                        "Bearer realm=\"" + forbidden.api().name() + "\", error=\"insufficient_scope\", scope=\""
                                + String.join(" ", forbidden.needs().names()) + "\"");
    }

    /** A deny is told as one: who looks for what to allow would otherwise look in vain. */
    private static String why(Decision.Forbidden forbidden, List<String> missing) {
        String role = "the role " + forbidden.caller().roles().getFirst().name();
        List<String> denied = missing.stream()
                .filter(name -> forbidden
                        .caller()
                        .isDenied(new Privilege(forbidden.api().name(), name)))
                .toList();
        if (denied.isEmpty()) {
            return "which " + role + " does not have.";
        }
        return denied.size() == missing.size()
                ? "which " + (denied.size() == 1 ? "is" : "are") + " denied to " + role + "."
                : "which " + role + " does not have; " + String.join(" and ", denied)
                        + (denied.size() == 1 ? " is" : " are") + " denied to it.";
    }

    private static Problem refused(Decision.Refused refused, ForeignRequest request, String issuer) {
        Problem problem = new Problem(403, refused.code(), refused.reason());
        Api api = refused.api();
        return api == null
                ? problem
                : problem.with("api", api.name()).with("explain", explain(api, refused.caller(), request, issuer));
    }

    /** The page on which people see why, and what would change it. */
    private static String explain(Api api, @Nullable Caller caller, ForeignRequest request, String issuer) {
        String target = request.target();
        return issuer + "/explain?api=" + api.name() + "&method=" + encoded(request.method()) + "&path="
                + encoded(target.length() > MAX_TARGET ? target.substring(0, MAX_TARGET) : target)
                + (caller == null ? "" : "&token=" + encoded(caller.id()));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
