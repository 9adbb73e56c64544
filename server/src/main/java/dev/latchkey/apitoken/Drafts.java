package dev.latchkey.apitoken;

import static dev.latchkey.access.ManagementApi.TOKENS_CREATE;

import dev.latchkey.access.Caller;
import dev.latchkey.apitoken.ApiTokens.Created;
import dev.latchkey.database.Transaction;
import dev.latchkey.problem.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * API tokens that were created but not saved yet. The creator sees the secret first, and confirms that they have stored it. Only
 * then the token works and is listed.
 */
public final class Drafts {
    static final Duration LIFETIME = Duration.ofMinutes(15);

    private final Surroundings around;
    private final Credentials credentials;
    private final NewTokens newTokens;
    private final ApiTokenStore store = new ApiTokenStore();
    private final SecretStore secrets = new SecretStore();

    public Drafts(Surroundings around, Credentials credentials) {
        this.around = around;
        this.credentials = credentials;
        this.newTokens = new NewTokens(around, credentials);
    }

    /** Creates a draft, which does not work and is not listed until it is saved. */
    public Created draft(Caller caller, String role, ApiTokenTerms wanted) {
        NewTokens.requireMayCreate(caller, wanted.actsFor());
        NewTokens.Fresh fresh = newTokens.fresh(wanted);
        return around.database()
                .write(transaction -> new Created(
                        newTokens.insert(transaction, caller, role, wanted, new ApiToken.Draft(), fresh),
                        fresh.secret()));
    }

    /**
     * Saves the caller's own draft: it becomes a token.
     *
     * @throws Problem 404 when it was discarded, or is older than 15 minutes
     */
    public ApiToken save(Caller caller, String clientId) {
        return save(caller, clientId, transaction -> {});
    }

    /**
     * Saves the caller's own draft together with another change in the same transaction.
     *
     * @throws Problem 404 when it was discarded, or is older than 15 minutes
     */
    public ApiToken save(Caller caller, String clientId, Consumer<Transaction> also) {
        caller.require(TOKENS_CREATE);
        return around.database().write(transaction -> {
            also.accept(transaction);
            ApiToken draft = store.draft(transaction.handle(), clientId, caller.id(), oldest())
                    .orElseThrow(Drafts::gone);
            return newTokens.activate(transaction, caller, draft);
        });
    }

    /** The caller's own draft; empty when it is saved, discarded or older than 15 minutes. */
    public Optional<ApiToken> find(Caller caller, String clientId) {
        caller.require(TOKENS_CREATE);
        return around.database().read(handle -> store.draft(handle, clientId, caller.id(), oldest()));
    }

    /** The answer to an attempt to save a draft too late. */
    public static Problem gone() {
        return new Problem(
                404,
                "draft_gone",
                "The token was not saved within 15 minutes of its creation, or it was discarded. Delete the secret"
                        + " wherever you stored it, and generate a new token.");
    }

    /** Whether the secret is that of the caller's own draft, so that it may be returned to them as a file. */
    public boolean isSecretOf(Caller caller, String clientId, String secret) {
        return around.database()
                .read(handle ->
                        store.draft(handle, clientId, caller.id(), oldest()).isPresent()
                                && secrets.all(handle, clientId).stream()
                                        .anyMatch(each -> credentials.matches(secret, each.hash())));
    }

    /** Deletes the caller's own draft; does nothing when there is none. */
    public void discard(Caller caller, String clientId) {
        caller.require(TOKENS_CREATE);
        around.database().change(transaction -> store.deleteDraft(transaction, clientId, caller.id()));
    }

    /** Deletes drafts that were not saved in time. */
    public void deleteStale() {
        around.database().change(transaction -> store.deleteDrafts(transaction, oldest()));
    }

    /** The creation time of the oldest draft that can still be saved. */
    private Instant oldest() {
        return around.now().minus(LIFETIME);
    }
}
