package dev.latchkey.apitoken;

import static dev.latchkey.access.ManagementApi.TOKENS_CREATE;
import static dev.latchkey.access.ManagementApi.TOKENS_REVOKE;

import dev.latchkey.access.Caller;
import dev.latchkey.apitoken.ApiTokens.Created;
import dev.latchkey.apitoken.SecretStore.StoredSecret;
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

/** Adds and removes secrets of API tokens, two at a time for a change without downtime, and revokes tokens whose secret leaked. */
public final class Secrets {
    private static final int MOST = 2;

    private static final String LEAK_REPORT = "leak report";

    private final Surroundings around;
    private final ApiTokens apiTokens;
    private final Credentials credentials;
    private final LastAccess lastAccess;
    private final ApiTokenRules rules;
    private final SecretStore store = new SecretStore();

    public Secrets(Surroundings around, ApiTokens apiTokens, Credentials credentials, LastAccess lastAccess) {
        this.around = around;
        this.apiTokens = apiTokens;
        this.credentials = credentials;
        this.lastAccess = lastAccess;
        this.rules = ApiTokenRules.of(around);
    }

    /** The live secrets of the token, the oldest first, each with its last use. */
    public List<SecretUse> list(Caller caller, String clientId) {
        apiTokens.find(caller, clientId);
        Map<Long, Instant> noted = lastAccess.secretsOf(clientId);
        return around.database().read(handle -> store.live(handle, clientId)).stream()
                .map(use -> noted.containsKey(use.number())
                        ? new SecretUse(use.number(), use.createdAt(), noted.get(use.number()))
                        : use)
                .toList();
    }

    /**
     * Adds a second secret, so that programs can switch over one by one. It is in the result and is never shown again.
     *
     * @throws Problem 409 when the token has two already, does not use secrets, or is older than the account allows
     */
    public Created add(Caller caller, String clientId) {
        caller.require(TOKENS_CREATE);
        return around.database().write(transaction -> {
            ApiToken apiToken = apiTokens.existing(transaction, clientId);
            // A secret is the whole credential, so this is like handing out the token again.
            around.roles().requireAssignable(transaction, caller, apiToken.role(), "role");
            if (apiToken.isRevoked()) {
                throw Problem.conflict("revoked", "The token is revoked. Generate a new one.");
            }
            rules.tooOldError(apiToken, around.accounts().get(transaction.handle()))
                    .ifPresent(wrong -> {
                        throw Problem.conflict("too_old", wrong);
                    });
            Secret.@Nullable Form form = apiToken.terms().secretForm();
            if (form == null) {
                throw Problem.conflict(
                        "no_secret",
                        "The token authenticates by "
                                + apiToken.authentication().method() + ", without a secret.");
            }
            List<StoredSecret> secrets = store.all(transaction.handle(), clientId);
            if (secrets.stream().filter(each -> !each.removed()).count() >= MOST) {
                throw Problem.conflict(
                        "two_secrets", "The token already has two secrets. Remove the one that is no longer used.");
            }
            long number = secrets.stream().mapToLong(StoredSecret::number).max().orElse(0) + 1;
            Instant now = around.now();
            Secret secret = credentials.newSecret(form, ClientId.tokenKey(clientId));
            store.insert(transaction, clientId, number, credentials.hash(secret), now);
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
     * Removes a secret: once this returns, it gets no further access tokens. Those that it got stay valid for their
     * minutes; to end them at once, revoke the token.
     *
     * @throws Problem 404 when the token has no live secret of this number, 409 when it is the last one
     */
    public void remove(Caller caller, String clientId, long number) {
        caller.require(TOKENS_REVOKE);
        around.database().ending(transaction -> {
            ApiToken apiToken = apiTokens.existing(transaction, clientId);
            List<SecretUse> live = store.live(transaction.handle(), clientId);
            SecretUse secret = live.stream()
                    .filter(each -> each.number() == number)
                    .findFirst()
                    .orElseThrow(() -> Problem.notFound("The token has no secret " + number + "."));
            if (live.size() == 1) {
                throw Problem.conflict("last_secret", "This is the token's last secret. Revoke the token instead.");
            }
            store.remove(transaction, clientId, number, around.now());
            logSecret(
                    transaction, caller.actingWith(TOKENS_REVOKE), apiToken, EventType.API_TOKEN_REMOVE_SECRET, secret);
        });
    }

    private void logSecret(Transaction transaction, Actor actor, ApiToken apiToken, EventType type, SecretUse secret) {
        around.log().append(transaction, actor, type, apiToken.target(), secret.asChanges());
    }

    /**
     * Handles a secret that was found in the wrong place. If it is live, its token is revoked, which also ends what a thief
     * obtained with it.
     *
     * @param foundAt where, in the finder's words; null when they did not say
     */
    void reportLeaked(Secret secret, @Nullable String foundAt, Origin origin) {
        reportHashes(List.of(credentials.hash(secret)), foundAt, origin);
    }

    /** The same for a text that may be a secret of ours or a key that was issued elsewhere. */
    void reportLeaked(String text, @Nullable String foundAt, Origin origin) {
        Secret.parse(text)
                .ifPresentOrElse(
                        secret -> reportLeaked(secret, foundAt, origin),
                        () -> reportHashes(foreignHashesOf(text), foundAt, origin));
    }

    /** A text that begins like a secret of ours is one that was mistyped: such a key is not valid. */
    private List<String> foreignHashesOf(String text) {
        return Secret.hasPrefix(text) ? List.of() : credentials.imported().hashesOf(text);
    }

    /** Reads once, however many there are: anyone may send reports. */
    private void reportHashes(List<String> hashes, @Nullable String foundAt, Origin origin) {
        if (hashes.isEmpty()) {
            return;
        }
        List<Change> place = foundAt == null ? List.of() : List.of(Change.set("found at", foundAt));
        around.database()
                .read(handle -> store.tokensOf(handle, hashes))
                .forEach(clientId -> around.database()
                        .ending(transaction -> apiTokens.end(
                                transaction,
                                clientId,
                                new Actor.System(LEAK_REPORT, origin),
                                "its secret was reported as leaked",
                                place)));
    }

    /** Whether the secret is, or once was, one of ours. */
    boolean isKnown(Secret secret) {
        String hash = credentials.hash(secret);
        return around.database().read(handle -> store.isKnown(handle, hash));
    }
}
