package dev.latchkey.apitoken;

import dev.latchkey.account.KeyPolicy;
import dev.latchkey.apitoken.ApiTokenTerms.InAccessTokens;
import dev.latchkey.apitoken.ApiTokenTerms.Limits;
import dev.latchkey.problem.Problem.FieldError;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** What an API key must have and must not have, in addition to the rules for every API token. */
final class ApiKeyRules {
    private static final String NO_ACCESS_TOKENS = "An API key obtains no access tokens. Leave this out.";

    private ApiKeyRules() {}

    /**
     * What is wrong with a new token's terms; nothing unless it is an API key.
     *
     * @param created when its life begins
     */
    static List<FieldError> errors(ApiTokenTerms terms, Limits limits, Instant created, KeyPolicy policy) {
        if (!(terms.authentication() instanceof ClientAuthentication.ApiKey)) {
            return List.of();
        }
        List<FieldError> errors = new ArrayList<>(unusable(terms));
        Integer longest = policy.longestDays();
        Instant expiresAt = limits.expiresAt();
        if (longest != null && (expiresAt == null || expiresAt.isAfter(created.plus(Duration.ofDays(longest))))) {
            errors.add(new FieldError(
                    "expiresAt",
                    "Enter a time within " + longest
                            + " days of its creation: API keys of this account live no longer."));
        }
        if (policy.needsAddresses() && limits.addresses().isEmpty()) {
            errors.add(new FieldError(
                    "allowedAddresses", "Enter the addresses that the key is used from: this account requires them."));
        }
        return errors;
    }

    /** The same for a change: limits that stay, or become tighter, are allowed whatever the policy says now. */
    static List<FieldError> changedErrors(ApiTokenTerms terms, Limits limits, ApiToken old, KeyPolicy policy) {
        Limits before = old.limits();
        boolean wider = isLater(limits, before)
                || (limits.addresses().isEmpty() && !before.addresses().isEmpty());
        return wider || !(terms.authentication() instanceof ClientAuthentication.ApiKey)
                ? errors(terms, limits, old.createdAt(), policy)
                : unusable(terms);
    }

    private static boolean isLater(Limits limits, Limits before) {
        Instant now = limits.expiresAt();
        Instant then = before.expiresAt();
        return !Objects.equals(now, then) && then != null && (now == null || now.isAfter(then));
    }

    /** What only concerns access tokens. */
    private static List<FieldError> unusable(ApiTokenTerms terms) {
        List<FieldError> errors = new ArrayList<>();
        InAccessTokens said = terms.inAccessTokens();
        if (terms.senderConstraint() != SenderConstraint.NONE) {
            errors.add(new FieldError("senderConstraint", NO_ACCESS_TOKENS));
        }
        if (terms.actsFor() != null) {
            errors.add(new FieldError("actsFor", NO_ACCESS_TOKENS));
        }
        if (said.defaultResource() != null) {
            errors.add(new FieldError("defaultResource", NO_ACCESS_TOKENS));
        }
        if (said.name() != null) {
            errors.add(new FieldError("nameInAccessTokens", NO_ACCESS_TOKENS));
        }
        return errors;
    }
}
