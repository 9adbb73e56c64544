package dev.latchkey.apitoken;

import static dev.latchkey.access.ManagementApi.TOKENS_CREATE;
import static dev.latchkey.access.ManagementApi.TOKENS_READ;
import static dev.latchkey.access.ManagementApi.TOKENS_REVOKE;

import dev.latchkey.access.Caller;
import dev.latchkey.apitoken.ApiToken.Owner;
import dev.latchkey.apitoken.ApiToken.State;
import dev.latchkey.crypto.Secret;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Change;
import dev.latchkey.event.Event;
import dev.latchkey.event.EventFilter;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Origin;
import dev.latchkey.event.TargetKind;
import dev.latchkey.management.ETag;
import dev.latchkey.management.Idempotency;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Text;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Creates, shows, changes and revokes API tokens, each for callers that may. */
public final class ApiTokens {
    private static final int MAX_REVOKED = 100;

    /** At most this many tokens of a list are revoked at once. */
    public static final int MOST_LISTED = 1_000;

    private final Surroundings around;
    private final LastAccess lastAccess;
    private final Credentials credentials;
    private final ApiTokenRules rules;
    private final Revocations revocations;
    private final ApiTokenLists lists;
    private final Supplier<Integer> idleDays;
    private final NewTokens newTokens;
    private final ApiTokenStore store = new ApiTokenStore();

    /** @param idleDays after how many days without use a token is idle, at the moment */
    public ApiTokens(Surroundings around, LastAccess lastAccess, Credentials credentials, Supplier<Integer> idleDays) {
        this.around = around;
        this.lastAccess = lastAccess;
        this.credentials = credentials;
        this.rules = ApiTokenRules.of(around);
        this.revocations = new Revocations(around.log(), around.clock());
        this.idleDays = idleDays;
        this.lists = new ApiTokenLists(
                around.database(),
                lastAccess,
                around.policy(),
                credentials::latelyUsedAfterRevocation,
                idleDays,
                around.clock());
        this.newTokens = new NewTokens(around, credentials);
    }

    /** A new token with its secret, which is absent when the request repeats an earlier one. */
    public record Created(ApiToken apiToken, @Nullable Secret secret) {}

    /** Creates a token that works as soon as this returns. */
    public Idempotency.Result<Created> create(
            Caller caller, String role, ApiTokenTerms wanted, Idempotency.@Nullable Attempt idempotency) {
        NewTokens.requireMayCreate(caller, wanted.actsFor());
        NewTokens.Fresh fresh = newTokens.fresh(wanted);
        return around.database().write(transaction -> {
            String repeated = Idempotency.replayed(transaction, caller, idempotency);
            if (repeated != null) {
                return new Idempotency.Result<>(new Created(existing(transaction, repeated), null), true);
            }
            ApiToken apiToken = newTokens.insert(transaction, caller, role, wanted, new ApiToken.Active(), fresh);
            newTokens.logCreated(transaction, caller, apiToken);
            Idempotency.remember(
                    transaction,
                    caller,
                    idempotency,
                    apiToken.clientId(),
                    around.clock().instant());
            return new Idempotency.Result<>(new Created(apiToken, fresh.secret()), false);
        });
    }

    /**
     * The token of this client id, revoked ones included.
     *
     * @throws Problem 404 when there is none
     */
    public ApiToken find(Caller caller, String clientId) {
        caller.require(TOKENS_READ);
        UnaryOperator<ApiToken> withLastAccess = lastAccess.overlay();
        return around.database()
                .read(handle -> store.find(handle, clientId))
                .map(withLastAccess)
                .orElseThrow(() -> missing(clientId));
    }

    public Page<ApiToken> list(Caller caller, ApiTokenQuery query, Page.Request page) {
        caller.require(TOKENS_READ);
        return lists.list(query, page);
    }

    /** The length of the list, counted as far as that is quick. */
    public Count count(Caller caller, ApiTokenQuery query) {
        caller.require(TOKENS_READ);
        return lists.count(query);
    }

    /** After how many days without use a token is idle. */
    public int idleDays() {
        return idleDays.get();
    }

    /** Counts the tokens, for monitoring. */
    public TokenCensus census() {
        return TokenCensus.of(lists.census());
    }

    /** The number of tokens in each state but {@link State#EXPIRING}, which the active ones include. */
    public Map<State, Count> states(Caller caller) {
        caller.require(TOKENS_READ);
        return lists.states();
    }

    /** Those owners of these tokens who were disabled or removed: their tokens need another owner. */
    public Set<String> departedOwners(List<ApiToken> apiTokens) {
        Set<String> owners = new HashSet<>();
        for (ApiToken apiToken : apiTokens) {
            Owner owner = apiToken.owner();
            if (owner != null) {
                owners.add(owner.id());
            }
        }
        return around.users().departed(owners);
    }

    /** Where the token was used from after it was revoked, as far as this node knows. */
    public UsesAfterRevocation.Known usesAfterRevocation(Caller caller, String clientId) {
        find(caller, clientId);
        return credentials.usesAfterRevocation(clientId);
    }

    /** The token's events, the newest first. */
    public Page<Event> events(Caller caller, String clientId, Page.Request page) {
        find(caller, clientId);
        return around.log().list(EventFilter.about(TargetKind.API_TOKEN, clientId), page);
    }

    /**
     * Edits the token in one transaction, with one event that shows every difference. Its client id, its role and its method of
     * authentication stay; what that method trusts (keys, certificates, claims) may change.
     *
     * <p>An edit is like handing out the token again, so the caller must cover its role. That includes its description and its
     * owner: people decide by them which token to revoke. Only these two can still change once it is revoked.
     *
     * @param change from the current terms to the wanted ones
     * @throws Problem 412 when it has changed since that version, 409 when it is revoked, 422 for a value that is not valid
     */
    public ApiToken edit(
            Caller caller,
            String clientId,
            UnaryOperator<ApiTokenTerms> change,
            ETag.@Nullable Expected expectedVersion) {
        caller.require(TOKENS_CREATE);
        return around.database().write(transaction -> {
            Handle handle = transaction.handle();
            ApiToken old = existing(transaction, clientId);
            ETag.require(expectedVersion, old.version(), "The token " + clientId);
            ApiTokenRules.Checked wanted = rules.ofChanged(
                    handle,
                    caller,
                    old,
                    change.apply(old.terms()),
                    around.accounts().get(handle));
            ApiToken changed = old.on(wanted.terms(), wanted.owner());
            List<Change> changes = ApiTokenFacts.between(old, changed);
            if (changes.isEmpty()) {
                return old;
            }
            if (ApiTokenFacts.matter(changes) && old.isRevoked()) {
                throw Problem.conflict("revoked", "The token is revoked for good. Generate a new one.");
            }
            // Words, too: renaming another person's token can get it mistaken for another one, and revoked or kept.
            if (!old.isRevoked() || around.policy().get().role(old.role()).isPresent()) {
                around.roles().requireAssignable(transaction, caller, old.role(), "role");
            }
            store.update(transaction, old, changed);
            around.log()
                    .append(
                            transaction,
                            caller.actingWith(TOKENS_CREATE),
                            EventType.API_TOKEN_UPDATE,
                            changed.target(),
                            changes);
            return existing(transaction, clientId);
        });
    }

    /**
     * Revokes the token for good: when this returns, it gets no further access tokens and each of its access tokens is refused.
     * Revoking a revoked token changes nothing.
     */
    public ApiToken revoke(Caller caller, String clientId, @Nullable String reason) {
        return revoke(caller, List.of(clientId), reason).getFirst();
    }

    /**
     * Revokes several tokens for good, at the same moment: all of them, or none when one does not exist.
     *
     * @param clientIds 1 to 100
     */
    public List<ApiToken> revoke(Caller caller, List<String> clientIds, @Nullable String reason) {
        caller.require(TOKENS_REVOKE);
        if (clientIds.isEmpty() || clientIds.size() > MAX_REVOKED) {
            throw Problem.invalid("clientIds", "Send 1 to " + MAX_REVOKED + " client ids.");
        }
        String why = Revocations.reason(reason);
        return around.database()
                .end(transaction -> clientIds.stream()
                        .map(clientId -> end(transaction, clientId, caller.actingWith(TOKENS_REVOKE), why, List.of()))
                        .toList());
    }

    /**
     * Revokes all tokens of a list for good, in batches.
     *
     * @param expected how many tokens the caller was shown
     * @throws Problem 422 when the number has changed, or is more than {@link #MOST_LISTED}
     */
    public void revokeListed(Caller caller, ApiTokenQuery query, long expected, @Nullable String reason) {
        caller.require(TOKENS_READ);
        caller.require(TOKENS_REVOKE);
        Revocations.reason(reason);
        List<String> clientIds =
                lists.list(query.notRevoked(), new Page.Request(MOST_LISTED + 1, null)).items().stream()
                        .map(ApiToken::clientId)
                        .toList();
        if (clientIds.size() > MOST_LISTED) {
            throw Problem.invalid("all", "At most " + MOST_LISTED + " tokens can be revoked at once. Narrow the list.");
        }
        if (clientIds.size() != expected) {
            throw Problem.invalid(
                    "all",
                    "The list has changed since you saw it, so nothing was revoked. Check the number of tokens, and confirm again.");
        }
        for (int from = 0; from < clientIds.size(); from += MAX_REVOKED) {
            revoke(caller, clientIds.subList(from, Math.min(clientIds.size(), from + MAX_REVOKED)), reason);
        }
    }

    /** Revokes the token, unless it is revoked already, and logs it. */
    ApiToken end(Transaction transaction, String clientId, Actor actor, @Nullable String reason, List<Change> more) {
        ApiToken old = existing(transaction, clientId);
        return revocations.end(transaction, old, actor, reason, more) ? existing(transaction, clientId) : old;
    }

    /** Revokes the token on its own behalf: its program suspects that someone else has it. */
    public void revokeItself(ApiToken apiToken, Origin origin) {
        Actor itself = new Actor.Program(apiToken.clientId(), apiToken.description(), apiToken.role(), origin);
        around.database()
                .ending(transaction ->
                        end(transaction, apiToken.clientId(), itself, "revoked by its program", List.of()));
    }

    /**
     * The token as the transaction sees it, revoked ones included.
     *
     * @throws Problem 404 when there is none
     */
    ApiToken existing(Transaction transaction, String clientId) {
        UnaryOperator<ApiToken> withLastAccess = lastAccess.overlay();
        return store.find(transaction.handle(), clientId).map(withLastAccess).orElseThrow(() -> missing(clientId));
    }

    static Problem missing(String clientId) {
        return Problem.notFound("There is no API token " + Text.quote(clientId) + ".");
    }

    /** The time for which states of tokens are reported. */
    Instant now() {
        return around.now();
    }
}
