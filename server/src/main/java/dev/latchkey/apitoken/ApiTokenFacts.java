package dev.latchkey.apitoken;

import dev.latchkey.apitoken.ClientAuthentication.ClientSecret;
import dev.latchkey.event.Change;
import dev.latchkey.http.AddressRange;
import dev.latchkey.http.Json;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the log says of an API token, in words: all of it when it is new, and later what became different. */
final class ApiTokenFacts {
    /** What lets nobody in, whatever it says. */
    private static final Set<String> ONLY_WORDS = Set.of("description", "owner");

    private ApiTokenFacts() {}

    /** What a new token is, without what is so for most. */
    static List<Change> created(ApiToken apiToken) {
        Map<String, @Nullable String> facts = of(apiToken);
        if (apiToken.authentication() instanceof ClientSecret) {
            facts.remove("authentication");
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

    /** Whether the changes could let somebody in who could not get in before. */
    static boolean matter(List<Change> changes) {
        return changes.stream().anyMatch(change -> !ONLY_WORDS.contains(change.field()));
    }

    private static Map<String, @Nullable String> of(ApiToken apiToken) {
        Map<String, @Nullable String> facts = new LinkedHashMap<>();
        ApiToken.Limits limits = apiToken.limits();
        facts.put("description", apiToken.description());
        facts.put("role", apiToken.role());
        facts.put("owner", owner(apiToken.owner()));
        // Whole: whom a token trusts, and under which conditions, is what it opens its role to.
        facts.put("authentication", Json.writeText(AuthenticationSettings.of(apiToken.authentication())));
        SenderConstraint constraint = apiToken.senderConstraint();
        facts.put("bound to", constraint == SenderConstraint.NONE ? null : constraint.text());
        facts.put("acts for", apiToken.actsFor());
        facts.put("not before", text(limits.notBefore()));
        facts.put("expires", text(limits.expiresAt()));
        facts.put(
                "allowed addresses",
                limits.addresses().isEmpty()
                        ? null
                        : limits.addresses().stream()
                                .map(AddressRange::toString)
                                .collect(Collectors.joining(", ")));
        return facts;
    }

    /** With the id: somebody may come back under the email that another one had. */
    private static @Nullable String owner(ApiToken.@Nullable Owner owner) {
        return owner == null ? null : owner.name() + " (" + owner.id() + ")";
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }
}
