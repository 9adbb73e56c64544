package dev.latchkey.apitoken;

import dev.latchkey.account.KeyPolicy;
import dev.latchkey.apitoken.ApiTokenTerms.InAccessTokens;
import dev.latchkey.apitoken.ApiTokenTerms.Limits;
import dev.latchkey.problem.Problem.FieldError;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
        lifeError(limits, created, policy).ifPresent(errors::add);
        addressesError(limits, policy).ifPresent(errors::add);
        return errors;
    }

    /** The same for a change: limits that stay, or become tighter, are allowed whatever the policy says now. */
    static List<FieldError> changedErrors(ApiTokenTerms terms, Limits limits, ApiToken old, KeyPolicy policy) {
        if (!(terms.authentication() instanceof ClientAuthentication.ApiKey)) {
            return List.of();
        }
        Limits before = old.limits();
        List<FieldError> errors = new ArrayList<>(unusable(terms));
        if (isLater(limits.expiresAt(), before.expiresAt())) {
            lifeError(limits, old.createdAt(), policy).ifPresent(errors::add);
        }
        if (!before.addresses().isEmpty()) {
            addressesError(limits, policy).ifPresent(errors::add);
        }
        return errors;
    }

    private static boolean isLater(@Nullable Instant now, @Nullable Instant then) {
        return then != null && (now == null || now.isAfter(then));
    }

    private static Optional<FieldError> lifeError(Limits limits, Instant created, KeyPolicy policy) {
        Integer longest = policy.longestDays();
        Instant expiresAt = limits.expiresAt();
        return longest != null && (expiresAt == null || expiresAt.isAfter(created.plus(Duration.ofDays(longest))))
                ? Optional.of(new FieldError(
                        "expiresAt",
                        "Enter a time within " + longest
                                + " days of its creation: API keys of this account live no longer."))
                : Optional.empty();
    }

    private static Optional<FieldError> addressesError(Limits limits, KeyPolicy policy) {
        return policy.needsAddresses() && limits.addresses().isEmpty()
                ? Optional.of(new FieldError(
                        "allowedAddresses",
                        "Enter the addresses that the key is used from: this account requires them."))
                : Optional.empty();
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
