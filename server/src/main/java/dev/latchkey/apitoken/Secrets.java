package dev.latchkey.apitoken;

import static dev.latchkey.access.ManagementApi.TOKENS_CREATE;
import static dev.latchkey.access.ManagementApi.TOKENS_REVOKE;

import dev.latchkey.access.Caller;
import dev.latchkey.apitoken.ApiTokenStore.StoredSecret;
import dev.latchkey.apitoken.ApiTokens.Created;
import dev.latchkey.crypto.Secret;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Change;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Origin;
import dev.latchkey.problem.Problem;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The secrets of API tokens: a second one beside the first, so that programs can change over, and what leaked ones end. */
public final class Secrets {
    private static final int MOST = 2;

    private static final String LEAK_REPORT = "leak report";

    private final Surroundings around;
    private final ApiTokens apiTokens;
    private final Credentials credentials;
    private final LastAccess lastAccess;
    private final ApiTokenStore store = new ApiTokenStore();

    public Secrets(Surroundings around, ApiTokens apiTokens, Credentials credentials, LastAccess lastAccess) {
        this.around = around;
        this.apiTokens = apiTokens;
        this.credentials = credentials;
        this.lastAccess = lastAccess;
    }

    /** A secret as it is shown: never itself. */
    public record SecretUse(
            long number, Instant createdAt, @Nullable Instant lastUsedAt) {
        /** How the log names it. The number alone may be given again, after a loss. */
        List<Change> asChanges() {
            return List.of(
                    Change.set("secret", Long.toString(number)), Change.set("secret made", createdAt.toString()));
        }

        /** Whether these changes name it. */
        boolean isNamedBy(List<Change> changes) {
            return changes.containsAll(asChanges());
        }
    }

    /** The live secrets of the token, the oldest first, each with its own last use. */
    public List<SecretUse> list(Caller caller, String clientId) {
        apiTokens.find(caller, clientId);
        Map<Long, Instant> noted = lastAccess.secretsOf(clientId);
        return around.database().read(handle -> store.secretUses(handle, clientId)).stream()
                .map(use -> noted.containsKey(use.number())
                        ? new SecretUse(use.number(), use.createdAt(), noted.get(use.number()))
                        : use)
                .toList();
    }

    /**
     * Gives the token a second secret, so that its programs can change over one after the other. It is shown in what this
     * returns and never again.
     *
     * @throws Problem 409 when it has two already, none by its nature, or is older than the account lets tokens become
     */
    public Created add(Caller caller, String clientId) {
        caller.require(TOKENS_CREATE);
        Secret secret = credentials.newSecret();
        return around.database().write(transaction -> {
            ApiToken apiToken = apiTokens.existing(transaction, clientId);
            // A secret is the whole credential, so this is like handing out the token again.
            around.roles().requireAssignable(transaction, caller, apiToken.role(), "role");
            if (apiToken.isRevoked()) {
                throw Problem.conflict("revoked", "The token is revoked. Generate a new one.");
            }
            apiTokens
                    .rules()
                    .tooOldError(apiToken, around.accounts().get(transaction.handle()))
                    .ifPresent(wrong -> {
                        throw Problem.conflict("too_old", wrong);
                    });
            if (!apiToken.terms().hasSecret()) {
                throw Problem.conflict(
                        "no_secret",
                        "The token authenticates by "
                                + apiToken.authentication().method() + " and has no secret.");
            }
            List<StoredSecret> secrets = store.secrets(transaction.handle(), clientId);
            if (secrets.stream().filter(each -> !each.removed()).count() >= MOST) {
                throw Problem.conflict(
                        "two_secrets", "The token has two secrets already. Remove the one that is not used any more.");
            }
            long number = secrets.stream().mapToLong(StoredSecret::number).max().orElse(0) + 1;
            Instant now = around.now();
            store.insertSecret(transaction, clientId, number, credentials.hash(secret), now);
            logSecret(
                    transaction,
                    caller.actingWith(TOKENS_CREATE),
                    apiToken,
                    EventType.API_TOKEN_ADD_SECRET,
                    new SecretUse(number, now, null));
            return new Created(apiTokens.existing(transaction, clientId), secret);
        });
    }

    /**
     * Takes a secret away: it gets no access token any more from the moment this returns. Access tokens that it got live
     * out their minutes; whoever cannot wait revokes the token.
     *
     * @throws Problem 404 when there is no such live secret, 409 when it is the last one
     */
    public void remove(Caller caller, String clientId, long number) {
        caller.require(TOKENS_REVOKE);
        around.database().ending(transaction -> {
            ApiToken apiToken = apiTokens.existing(transaction, clientId);
            List<SecretUse> live = store.secretUses(transaction.handle(), clientId);
            SecretUse secret = live.stream()
                    .filter(each -> each.number() == number)
                    .findFirst()
                    .orElseThrow(() -> Problem.notFound("The token has no secret " + number + "."));
            if (live.size() == 1) {
                throw Problem.conflict("last_secret", "This is the token's last secret. Revoke the token instead.");
            }
            store.removeSecret(transaction, clientId, number, around.now());
            logSecret(
                    transaction, caller.actingWith(TOKENS_REVOKE), apiToken, EventType.API_TOKEN_REMOVE_SECRET, secret);
        });
    }

    private void logSecret(Transaction transaction, Actor actor, ApiToken apiToken, EventType type, SecretUse secret) {
        around.log().append(transaction, actor, type, ApiTokens.target(apiToken), secret.asChanges());
    }

    /**
     * Somebody found a secret where it should not be. If it is live, its whole token is revoked: what a thief obtained with
     * it must stop too.
     *
     * @param foundAt where, in the finder's words; may be null
     */
    void reportLeaked(Secret secret, @Nullable String foundAt, Origin origin) {
        String hash = credentials.hash(secret);
        List<Change> place = foundAt == null ? List.of() : List.of(Change.set("found at", foundAt));
        around.database()
                .read(handle -> store.ownerOfLive(handle, hash))
                .ifPresent(clientId -> around.database()
                        .ending(transaction -> apiTokens.end(
                                transaction,
                                clientId,
                                new Actor.System(LEAK_REPORT, origin),
                                "its secret was found outside",
                                place)));
    }
}
