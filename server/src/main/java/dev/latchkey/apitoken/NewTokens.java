package dev.latchkey.apitoken;

import static dev.latchkey.access.ManagementApi.APIS_MANAGE;
import static dev.latchkey.access.ManagementApi.TOKENS_CREATE;

import dev.latchkey.access.Caller;
import dev.latchkey.account.Account;
import dev.latchkey.apitoken.ApiToken.Owner;
import dev.latchkey.apitoken.ApiToken.Who;
import dev.latchkey.crypto.Secret;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.EventType;
import dev.latchkey.problem.Problem;
import java.security.SecureRandom;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Creates API tokens inside a transaction, as drafts or ready for use. */
final class NewTokens {
    private final Surroundings around;
    private final Credentials credentials;
    private final ApiTokenRules rules;
    private final ApiTokenStore store = new ApiTokenStore();
    private final SecretStore secrets = new SecretStore();
    private final SecureRandom random = new SecureRandom();

    NewTokens(Surroundings around, Credentials credentials) {
        this.around = around;
        this.credentials = credentials;
        this.rules = ApiTokenRules.of(around);
    }

    /** A token that acts for an API sees who calls it, so it takes the privilege to manage APIs as well. */
    static void requireMayCreate(Caller caller, @Nullable String actsFor) {
        caller.require(TOKENS_CREATE);
        if (actsFor != null) {
            caller.require(APIS_MANAGE);
        }
    }

    /**
     * What is random about a new token, generated before the transaction that inserts it.
     *
     * @param tokenKey the second half of its client id
     * @param secret null when it proves who it is in another way
     */
    record Fresh(String tokenKey, @Nullable Secret secret) {}

    /** For a token on these terms. */
    Fresh fresh(ApiTokenTerms terms) {
        String tokenKey = ClientId.generateTokenKey(random);
        Secret.@Nullable Form form = terms.secretForm();
        return new Fresh(tokenKey, form == null ? null : credentials.newSecret(form, tokenKey));
    }

    /**
     * A new token in the first stage of its life.
     *
     * @param fresh {@linkplain #fresh its own}
     */
    ApiToken insert(
            Transaction transaction,
            Caller caller,
            String role,
            ApiTokenTerms wanted,
            ApiToken.Life life,
            Fresh fresh) {
        Handle handle = transaction.handle();
        Account account = around.accounts().get(handle);
        ApiTokenRules.Checked checked = rules.ofNew(handle, caller, role, wanted, account);
        around.roles().requireAssignable(transaction, caller, role, "role");
        Owner owner = checked.owner();
        ApiToken apiToken = new ApiToken(
                ClientId.of(account.key(), fresh.tokenKey()),
                role,
                checked.terms(),
                owner == null ? null : owner.name(),
                around.now(),
                Who.of(caller.acting()),
                life,
                null,
                LastWeek.NONE,
                1);
        store.insert(transaction, apiToken);
        @Nullable Secret secret = fresh.secret();
        if (secret != null) {
            secrets.insert(transaction, apiToken.clientId(), 1, credentials.hash(secret), apiToken.createdAt());
        }
        return apiToken;
    }

    /**
     * Makes a draft an active token.
     *
     * @throws Problem 403 or 422 when the role, the API or the caller has changed so that the token could not be created now
     */
    ApiToken activate(Transaction transaction, Caller caller, ApiToken draft) {
        requireMayCreate(caller, draft.actsFor());
        rules.apiError(draft.actsFor()).ifPresent(error -> {
            throw Problem.invalid(List.of(error));
        });
        around.roles().requireAssignable(transaction, caller, draft.role(), "role");
        ApiToken active = draft.in(new ApiToken.Active());
        store.activate(transaction, active);
        logCreated(transaction, caller, active);
        return active;
    }

    void logCreated(Transaction transaction, Caller caller, ApiToken apiToken) {
        around.log()
                .append(
                        transaction,
                        caller.actingWith(TOKENS_CREATE),
                        EventType.API_TOKEN_CREATE,
                        apiToken.target(),
                        ApiTokenFacts.created(apiToken));
    }
}
