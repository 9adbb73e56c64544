package dev.latchkey.apitoken;

import dev.latchkey.apitoken.ApiTokenTerms.Limits;
import dev.latchkey.crypto.Secret;
import dev.latchkey.event.Change;
import dev.latchkey.http.AddressRange;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An API token in the words of the log: everything when it is new, later what has changed. */
final class ApiTokenFacts {
    /** Fields that never affect who gets in. */
    private static final Set<String> ONLY_WORDS = Set.of("description", "owner", ApiTokenTerms.LIMITS);

    private ApiTokenFacts() {}

    /** What a new token is, without what is true of most. */
    static List<Change> created(ApiToken apiToken) {
        Map<String, @Nullable String> facts = of(apiToken);
        if (apiToken.terms().secretForm() == Secret.Form.CLIENT_SECRET) {
            facts.remove(ApiTokenTerms.AUTHENTICATION);
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
            // What this version does not know, it cannot apply again; a person decides.
            case ApiTokenTerms.AUTHENTICATION ->
                after != null && !(AuthenticationReader.stored(after) instanceof ClientAuthentication.Unknown);
            case ApiTokenTerms.BOUND_TO ->
                after != null && SenderConstraint.named(after).isPresent();
            case ApiTokenTerms.EXPIRES ->
                after != null && (before == null || Instant.parse(after).isBefore(Instant.parse(before)));
            case ApiTokenTerms.NOT_BEFORE ->
                after != null && (before == null || Instant.parse(after).isAfter(Instant.parse(before)));
            case ApiTokenTerms.ADDRESSES ->
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
                case ApiTokenTerms.AUTHENTICATION -> authentication = AuthenticationReader.stored(after);
                case ApiTokenTerms.BOUND_TO -> constraint = SenderConstraint.valueOf(after.toUpperCase(Locale.ROOT));
                case ApiTokenTerms.NOT_BEFORE -> notBefore = Instant.parse(after);
                case ApiTokenTerms.EXPIRES -> expiresAt = Instant.parse(after);
                case ApiTokenTerms.ADDRESSES ->
                    addresses =
                            addresses(after).stream().map(AddressRange::parse).toList();
                default -> throw new IllegalArgumentException(change.field());
            }
        }
        return apiToken.on(apiToken.terms()
                .authenticatingBy(authentication)
                .boundTo(constraint)
                .limitedTo(new Limits(notBefore, expiresAt, addresses)));
    }

    private static Map<String, @Nullable String> of(ApiToken apiToken) {
        Map<String, @Nullable String> facts = new LinkedHashMap<>();
        facts.put("description", apiToken.description());
        facts.put("role", apiToken.role());
        facts.put("owner", owner(apiToken.owner()));
        facts.putAll(apiToken.terms().facts());
        return facts;
    }

    /** With the id: an email may belong to another person later. */
    private static @Nullable String owner(ApiToken.@Nullable Owner owner) {
        return owner == null ? null : owner.name() + " (" + owner.id() + ")";
    }
}
