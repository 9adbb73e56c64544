package dev.latchkey.apitoken;

import dev.latchkey.apitoken.ApiTokenTerms.Limits;
import dev.latchkey.event.Change;
import dev.latchkey.http.AddressRange;
import dev.latchkey.problem.Json;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An API token in the words of the log: everything when it is new, later what has changed. */
final class ApiTokenFacts {
    /** Fields that never affect who gets in. */
    private static final Set<String> ONLY_WORDS = Set.of("description", "owner");

    private static final String AUTHENTICATION = "authentication";
    private static final String BOUND_TO = "bound to";
    private static final String NOT_BEFORE = "not before";
    private static final String EXPIRES = "expires";
    private static final String ADDRESSES = "allowed addresses";

    private ApiTokenFacts() {}

    /** What a new token is, without what is true of most. */
    static List<Change> created(ApiToken apiToken) {
        Map<String, @Nullable String> facts = of(apiToken);
        if (apiToken.terms().hasSecret()) {
            facts.remove(AUTHENTICATION);
        }
        if (apiToken.owner() != null
                && apiToken.owner().id().equals(apiToken.createdBy().id())) {
            facts.remove("owner");
        }
        return facts.entrySet().stream()
                .filter(fact -> fact.getValue() != null)
                .map(fact -> Change.set(fact.getKey(), fact.getValue()))
                .toList();
    }

    /** What an edit changed. */
    static List<Change> between(ApiToken old, ApiToken changed) {
        Map<String, @Nullable String> before = of(old);
        return of(changed).entrySet().stream()
                .filter(fact -> !Objects.equals(before.get(fact.getKey()), fact.getValue()))
                .map(fact -> Change.from(fact.getKey(), before.get(fact.getKey()), fact.getValue()))
                .toList();
    }

    /** Whether the changes could let in someone who could not get in before. */
    static boolean matter(List<Change> changes) {
        return changes.stream().anyMatch(change -> !ONLY_WORDS.contains(change.field()));
    }

    /** Whether an edit removed something that let someone in: a key, a network, time. */
    static boolean narrows(Change change) {
        String before = change.before();
        String after = change.after();
        return switch (change.field()) {
            case AUTHENTICATION, BOUND_TO -> after != null;
            case EXPIRES ->
                after != null && (before == null || Instant.parse(after).isBefore(Instant.parse(before)));
            case NOT_BEFORE ->
                after != null && (before == null || Instant.parse(after).isAfter(Instant.parse(before)));
            case ADDRESSES ->
                after != null && (before == null || !addresses(after).containsAll(addresses(before)));
            default -> false;
        };
    }

    private static List<String> addresses(String text) {
        return List.of(text.split(", "));
    }

    /** Whether the changed field of the token is as it was before the change. */
    static boolean isAsBefore(ApiToken apiToken, Change change) {
        return Objects.equals(of(apiToken).get(change.field()), change.before());
    }

    /** The token with these changes, each of which {@linkplain #narrows narrows} it. */
    static ApiToken applied(ApiToken apiToken, List<Change> changes) {
        ClientAuthentication authentication = apiToken.authentication();
        SenderConstraint constraint = apiToken.senderConstraint();
        Instant notBefore = apiToken.limits().notBefore();
        Instant expiresAt = apiToken.limits().expiresAt();
        List<AddressRange> addresses = apiToken.limits().addresses();
        for (Change change : changes) {
            String after = Objects.requireNonNull(change.after(), "what narrows has a value");
            switch (change.field()) {
                case AUTHENTICATION ->
                    authentication =
                            Json.readText(after, AuthenticationSettings.class).stored();
                case BOUND_TO -> constraint = SenderConstraint.valueOf(after.toUpperCase(Locale.ROOT));
                case NOT_BEFORE -> notBefore = Instant.parse(after);
                case EXPIRES -> expiresAt = Instant.parse(after);
                case ADDRESSES ->
                    addresses =
                            addresses(after).stream().map(AddressRange::parse).toList();
                default -> throw new IllegalArgumentException(change.field());
            }
        }
        ApiTokenTerms old = apiToken.terms();
        return apiToken.on(new ApiTokenTerms(
                old.description(),
                old.ownerId(),
                authentication,
                constraint,
                old.actsFor(),
                old.inAccessTokens(),
                new Limits(notBefore, expiresAt, addresses)));
    }

    private static Map<String, @Nullable String> of(ApiToken apiToken) {
        Map<String, @Nullable String> facts = new LinkedHashMap<>();
        Limits limits = apiToken.limits();
        facts.put("description", apiToken.description());
        facts.put("role", apiToken.role());
        facts.put("owner", owner(apiToken.owner()));
        // In full: whom a token trusts, and under which conditions, decides who gets its role.
        facts.put(AUTHENTICATION, Json.writeText(AuthenticationSettings.of(apiToken.authentication())));
        SenderConstraint constraint = apiToken.senderConstraint();
        facts.put(BOUND_TO, constraint == SenderConstraint.NONE ? null : constraint.text());
        facts.put("acts for", apiToken.actsFor());
        facts.put("default resource", apiToken.inAccessTokens().defaultResource());
        facts.put("name in access tokens", apiToken.inAccessTokens().name());
        facts.put(NOT_BEFORE, text(limits.notBefore()));
        facts.put(EXPIRES, text(limits.expiresAt()));
        facts.put(
                ADDRESSES,
                limits.addresses().isEmpty()
                        ? null
                        : limits.addresses().stream()
                                .map(AddressRange::toString)
                                .collect(Collectors.joining(", ")));
        return facts;
    }

    /** With the id: an email may belong to another person later. */
    private static @Nullable String owner(ApiToken.@Nullable Owner owner) {
        return owner == null ? null : owner.name() + " (" + owner.id() + ")";
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }
}
