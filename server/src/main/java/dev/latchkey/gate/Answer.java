package dev.latchkey.gate;

import dev.latchkey.access.Api;
import dev.latchkey.access.Caller;
import dev.latchkey.access.McpCall;
import dev.latchkey.access.Privilege;
import dev.latchkey.crypto.Secret;
import dev.latchkey.http.Response.Field;
import dev.latchkey.limit.Standing;
import dev.latchkey.oauth.AccessTokenCheck;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Text;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Turns a decision into what gateways pass on: header fields for the API when the request is allowed, a problem document for
 * the caller when it is refused.
 */
public final class Answer {
    /** The code of a request that the caller's role does not allow. */
    public static final String MISSING_PRIVILEGE = "missing_privilege";

    private static final String PREFIX = "Latchkey";
    private static final String ENDPOINT = "Latchkey-Endpoint";
    private static final String CLIENT_ID = "Latchkey-Client-Id";
    private static final String ACCOUNT = "Latchkey-Account";
    private static final String ROLE = "Latchkey-Role";
    private static final String DESCRIPTION = "Latchkey-Description";
    private static final String CREDENTIAL = "Latchkey-Credential";
    private static final String ASSERTION = "Latchkey-Assertion";
    private static final String TARGET = "Latchkey-Target";

    /** The fields that tell an API about its caller and that every gateway replaces. */
    static final List<String> FIELDS = List.of(ENDPOINT, CLIENT_ID, ACCOUNT, ROLE, DESCRIPTION);

    /**
     * These and those that a gateway with an older configuration does not replace: a caller who sends one is refused, as one who
     * sends any other that begins like ours.
     */
    static final List<String> ALL_FIELDS =
            Stream.concat(FIELDS.stream(), Stream.of(CREDENTIAL, ASSERTION)).toList();

    /** Gateways hold all fields of an answer in about four kilobytes, and percent-encoding may triple this length. */
    private static final int MAX_TARGET = 300;

    private Answer() {}

    /**
     * What the API learns about an allowed request. Where a field is absent, the gateway must not let the caller's own pass.
     */
    public static List<Field> fields(Decision.Allowed allowed) {
        Field endpoint =
                new Field(ENDPOINT, Text.visibleAscii(allowed.endpoint().name()));
        List<Field> fields = new ArrayList<>(ALL_FIELDS.size() + 1);
        fields.add(endpoint);
        Caller caller = allowed.caller();
        if (caller != null) {
            fields.add(new Field(CLIENT_ID, caller.id()));
            fields.add(new Field(ACCOUNT, account(caller)));
            fields.add(new Field(ROLE, caller.roles().getFirst().name()));
            fields.add(new Field(DESCRIPTION, Text.visibleAscii(caller.name())));
        }
        Presented presented = allowed.presented();
        if (presented != null) {
            fields.add(new Field(CREDENTIAL, presented.kind()));
            String target = presented.target();
            if (target != null) {
                fields.add(new Field(TARGET, target));
            }
        }
        String assertion = allowed.assertion();
        if (assertion != null) {
            fields.add(new Field(ASSERTION, assertion));
        }
        return List.copyOf(fields);
    }

    /** What the caller learns about its own limits when the request is allowed; not for the API. Empty where there are none. */
    static List<Field> forCaller(Decision.Allowed allowed) {
        return allowed.standings().isEmpty()
                ? List.of()
                : List.of(
                        new Field(Standing.POLICY_FIELD, Standing.policies(allowed.standings())),
                        new Field(Standing.FIELD, Standing.states(allowed.standings())));
    }

    /** The same, empty where there are none. */
    static List<Field> allForCaller(Decision.Allowed allowed) {
        List<Field> fields = forCaller(allowed);
        return fields.isEmpty() ? List.of(new Field(Standing.POLICY_FIELD, ""), new Field(Standing.FIELD, "")) : fields;
    }

    /** The key of a program's account. */
    static String account(Caller program) {
        return program.id().substring(0, program.id().indexOf('.'));
    }

    /**
     * All fields, those about the caller empty when the call is anonymous. For gateways that write a placeholder's name into
     * a field that an answer does not have.
     */
    static List<Field> allFields(Decision.Allowed allowed) {
        List<Field> all = new ArrayList<>(fields(allowed));
        for (String name : ALL_FIELDS) {
            if (all.stream().noneMatch(field -> field.name().equals(name))) {
                all.add(new Field(name, ""));
            }
        }
        return List.copyOf(all);
    }

    /**
     * Whether a field's name begins like ours but is not one that gateways replace: an API that reads such a field would
     * believe the caller. Not every gateway can remove fields that it does not know by name.
     */
    static boolean isForged(String name) {
        return name.regionMatches(true, 0, PREFIX, 0, PREFIX.length())
                && (name.length() == PREFIX.length() || !Character.isLetterOrDigit(name.charAt(PREFIX.length())))
                && FIELDS.stream().noneMatch(name::equalsIgnoreCase);
    }

    /**
     * The answer to a request that is not passed on (RFC 6750 section 3, RFC 9457).
     *
     * @param issuer Latchkey's own base URL, for the link to the explanation
     */
    public static Problem problem(Decision decision, ForeignRequest request, String issuer) {
        return switch (decision) {
            case Decision.Allowed allowed -> throw new IllegalArgumentException("an allowed request has no problem");
            case Decision.Unauthenticated(
                    Api api,
                    AccessTokenCheck.Challenge challenge,
                    String reason,
                    var endpoint,
                    var barred) ->
                new Problem(401, challenge == null ? "unauthenticated" : challenge.error(), reason)
                        .with("api", api.name())
                        .withHeader(
                                "WWW-Authenticate",
                                challenge == null
                                        ? AccessTokenCheck.Challenge.invitation(api.name(), issuer)
                                        : challenge.refusal(api.name(), issuer, reason));
            case Decision.Forbidden forbidden -> forbidden(forbidden, request, issuer);
            case Decision.Limited limited ->
                limited.limit()
                        .problem()
                        .with("api", limited.api().name())
                        .with("endpoint", limited.endpoint().name());
            case Decision.Refused refused -> refused(refused, request, issuer);
        };
    }

    /** Why the role does not allow the request, in one sentence. */
    public static String sentence(Decision.Forbidden forbidden) {
        List<String> missing = forbidden.missing();
        return forbidden.endpoint().name() + " needs the " + (missing.size() == 1 ? "privilege " : "privileges ")
                + String.join(" and ", missing) + ", " + why(forbidden, missing);
    }

    private static Problem forbidden(Decision.Forbidden forbidden, ForeignRequest request, String issuer) {
        List<String> missing = forbidden.missing();
        boolean one = missing.size() == 1;
        Problem problem = new Problem(403, MISSING_PRIVILEGE, sentence(forbidden))
                .with("api", forbidden.api().name())
                .with("endpoint", forbidden.endpoint().name())
                .with(one ? "privilege" : "privileges", one ? missing.getFirst() : missing)
                .with("explain", explain(forbidden.api(), forbidden.caller(), request, issuer));
        if (forbidden.endpoint().isMcp() && !forbidden.isAMatterOfScope()) {
            // MCP clients take the challenge as an order to request this scope. The token endpoint would refuse it, and
            // some
            // of them end the connection then.
            return problem;
        }
        // Everything that the endpoint needs: with this scope a program requests a new access token.
        return problem.withHeader(
                "WWW-Authenticate",
                "Bearer realm=\"" + forbidden.api().name() + "\", error=\"insufficient_scope\", scope=\""
                        + String.join(" ", forbidden.needs().names()) + "\"");
    }

    /** A deny is named as a deny, because otherwise people would search in vain for a privilege to allow. */
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

    /** The URL of the page that explains the decision and says what would change it. It is kept in histories, so no key is in it. */
    private static String explain(Api api, @Nullable Caller caller, ForeignRequest request, String issuer) {
        String parameter = api.keyPlaces().query();
        Optional<McpCall> call = request.call(api);
        String method = call.isPresent() ? McpCall.METHOD : request.method();
        String target = Secret.masked(call.map(known -> api.basePath() + known.path())
                .orElseGet(() -> parameter == null
                        ? request.target()
                        : PresentedCredential.withoutParameter(request.target(), parameter)));
        return issuer + "/explain?api=" + api.name() + "&method=" + encoded(method) + "&path="
                + encoded(target.length() > MAX_TARGET ? target.substring(0, MAX_TARGET) : target)
                + (caller == null ? "" : "&token=" + encoded(caller.id()));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
