package dev.latchkey.apitoken;

import dev.latchkey.access.Caller;
import dev.latchkey.account.Account;
import dev.latchkey.apitoken.ApiToken.Access;
import dev.latchkey.apitoken.ApiToken.Owner;
import dev.latchkey.apitoken.ApiToken.Who;
import dev.latchkey.apitoken.ApiTokenTerms.InAccessTokens;
import dev.latchkey.apitoken.ApiTokenTerms.Limits;
import dev.latchkey.apitoken.KeyImportJson.ForeignKey;
import dev.latchkey.apitoken.KeyImportJson.ImportKeys;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.Origin;
import dev.latchkey.http.AddressRange;
import dev.latchkey.limit.CallLimits;
import dev.latchkey.management.Line;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Text;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Turns the keys of one batch into API tokens, inside a transaction. Many name the same role or owner, so each of these is checked
 * once.
 */
final class KeyImportRows {
    private static final int LONGEST_ID = 60;

    private final Surroundings around;
    private final ApiTokenRules rules;
    private final Transaction transaction;
    private final Caller caller;
    private final ImportKeys batch;
    private final Account account;
    private final Instant now;
    private final Who creator;
    private final ClientAuthentication authentication;
    private final Map<String, Optional<Problem>> roles = new HashMap<>();
    private final Map<String, Owner> owners = new HashMap<>();
    private final Map<String, Problem> wrongOwners = new HashMap<>();

    KeyImportRows(Surroundings around, ApiTokenRules rules, Transaction transaction, Caller caller, ImportKeys batch) {
        this.around = around;
        this.rules = rules;
        this.transaction = transaction;
        this.caller = caller;
        this.batch = batch;
        this.account = around.accounts().get(transaction.handle());
        this.now = around.now();
        this.creator = Who.of(caller.acting());
        this.authentication = new ClientAuthentication.ApiKey(batch.importId());
    }

    String clientId(String tokenKey) {
        return ClientId.of(account.key(), tokenKey);
    }

    /**
     * The token that a key becomes.
     *
     * @throws Problem 422 or 403 when it cannot become one
     */
    ApiToken token(ForeignKey key, String clientId) {
        String role = key.role() == null ? batch.role() : key.role();
        requireAssignable(role);
        Owner owner = owner(key.owner());
        Instant createdAt = past("createdAt", key.createdAt());
        Instant usedAt = past("lastAccessAt", key.lastAccessAt());
        ApiTokenTerms terms = new ApiTokenTerms(
                description(key),
                null,
                authentication,
                SenderConstraint.NONE,
                null,
                InAccessTokens.NOTHING,
                new Limits(null, expiry(key), addresses(key)),
                CallLimits.NONE);
        ApiTokenRules.Checked checked = rules.ofImported(role, terms, owner, account);
        return new ApiToken(
                clientId,
                role,
                checked.terms(),
                owner == null ? null : owner.name(),
                createdAt == null ? now : createdAt,
                creator,
                new ApiToken.Active(),
                usedAt == null ? null : new Access(usedAt, new Origin("", "")),
                LastWeek.NONE,
                1);
    }

    private void requireAssignable(String role) {
        Optional<Problem> wrong = roles.get(role);
        if (wrong == null) {
            wrong = problem(() -> around.roles().requireAssignable(transaction, caller, role, "role"))
                    .map(KeyImportRows::withoutName);
            roles.put(role, wrong);
        }
        if (wrong.isPresent()) {
            throw wrong.get();
        }
    }

    /** A role that does not exist may be a key in the wrong column, and reports contain no keys. */
    private static Problem withoutName(Problem problem) {
        return problem.status() == 422 ? Problem.invalid("role", "There is no such role.") : problem;
    }

    private @Nullable Owner owner(@Nullable String named) {
        if (named == null || named.isBlank()) {
            return null;
        }
        Problem wrong = wrongOwners.get(named);
        if (wrong != null) {
            throw wrong;
        }
        Owner known = owners.get(named);
        if (known != null) {
            return known;
        }
        Optional<Problem> found = problem(() -> {
            Owner owner = rules.owner(transaction.handle(), caller, named);
            if (owner != null) {
                owners.put(named, owner);
            }
        });
        if (found.isPresent()) {
            wrongOwners.put(named, found.get());
            throw found.get();
        }
        return owners.get(named);
    }

    private static Optional<Problem> problem(Runnable check) {
        try {
            check.run();
            return Optional.empty();
        } catch (Problem e) {
            if (!isOfKey(e)) {
                throw e;
            }
            return Optional.of(e);
        }
    }

    /** Whether the problem concerns one key, and not the whole request. */
    static boolean isOfKey(Problem problem) {
        return problem.status() == 422 || problem.status() == 403;
    }

    private @Nullable Instant past(String field, @Nullable Instant time) {
        if (time == null) {
            return null;
        }
        if (time.isAfter(now) || time.isBefore(Instant.EPOCH)) {
            throw Problem.invalid(field, "Send a time in the past, after 1970.");
        }
        return time.truncatedTo(ChronoUnit.MILLIS);
    }

    private @Nullable Instant expiry(ForeignKey key) {
        Instant own = key.expiresAt();
        if (own != null && !own.isAfter(now)) {
            throw Problem.invalid("expiresAt", "The key has expired.");
        }
        Instant latest = batch.expiresBy();
        return latest != null && (own == null || own.isAfter(latest)) ? latest : own;
    }

    private static List<AddressRange> addresses(ForeignKey key) {
        List<String> texts = key.allowedAddresses();
        return texts == null ? List.of() : ApiTokenJson.ranges(texts);
    }

    /** With the id at its end, so that people find the key by what they know of it. */
    private static String description(ForeignKey key) {
        String text = withoutSecret("description", key.description());
        String id = Text.shortened(withoutSecret("id", key.id()), LONGEST_ID);
        String end = id.isEmpty() || text.isEmpty() ? id : " (" + id + ")";
        // Three characters for the dots in place of what is cut off.
        return Text.shortened(text, ApiTokenRules.MAX_DESCRIPTION - 3 - end.length()) + end;
    }

    private static String withoutSecret(String field, @Nullable String text) {
        if (text == null) {
            return "";
        }
        Line.secretError(field, text).ifPresent(error -> {
            throw Problem.invalid(List.of(error));
        });
        return text.strip();
    }
}
