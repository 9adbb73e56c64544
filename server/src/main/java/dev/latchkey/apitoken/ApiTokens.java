package dev.latchkey.apitoken;

import static dev.latchkey.access.ManagementApi.APIS_MANAGE;
import static dev.latchkey.access.ManagementApi.TOKENS_CREATE;
import static dev.latchkey.access.ManagementApi.TOKENS_READ;
import static dev.latchkey.access.ManagementApi.TOKENS_REVOKE;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.latchkey.access.Api;
import dev.latchkey.access.Caller;
import dev.latchkey.account.Account;
import dev.latchkey.account.Accounts;
import dev.latchkey.account.User;
import dev.latchkey.account.Users;
import dev.latchkey.apitoken.ApiToken.InAccessTokens;
import dev.latchkey.apitoken.ApiToken.Limits;
import dev.latchkey.apitoken.ApiToken.Owner;
import dev.latchkey.apitoken.ApiToken.State;
import dev.latchkey.apitoken.ApiToken.Status;
import dev.latchkey.apitoken.ApiToken.Who;
import dev.latchkey.apitoken.ApiTokenStore.Credential;
import dev.latchkey.apitoken.ApiTokenStore.StoredSecret;
import dev.latchkey.crypto.KeyedHash;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.RandomKey;
import dev.latchkey.crypto.Secret;
import dev.latchkey.database.Database;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Change;
import dev.latchkey.event.Event;
import dev.latchkey.event.EventFilter;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Origin;
import dev.latchkey.event.Position;
import dev.latchkey.event.Target;
import dev.latchkey.event.TargetKind;
import dev.latchkey.http.Throttle;
import dev.latchkey.management.ETag;
import dev.latchkey.management.Idempotency;
import dev.latchkey.management.Line;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Problem.FieldError;
import dev.latchkey.problem.Text;
import dev.latchkey.registry.CurrentPolicy;
import dev.latchkey.registry.Roles;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The rules of API tokens, and the check of their secrets.
 *
 * <p>Credentials are kept in a bounded cache that the log keeps fresh: an event about a token takes it out before the
 * change is answered. Caffeine computes an entry and removes it under the same lock, so a load that began before the
 * revocation was durable is removed after it, and one that begins later reads the revoked row. Nothing depends on time.
 */
public final class ApiTokens {
    /** Why somebody is refused whose client id nobody has. */
    public static final String UNKNOWN = "unknown client";

    static final Duration DRAFT_LIFETIME = Duration.ofMinutes(15);

    private static final int TOKEN_KEY_LENGTH = 16;
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMMM uuuu", Locale.ENGLISH);
    private static final int MAX_DESCRIPTION = 120;

    /** What every system can show, and nobody can misread. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/@-]{0,59}");

    /** Longer than any secret; more is not even hashed. */
    private static final int MAX_SECRET = 200;

    private static final Duration MAX_LIFETIME = Duration.ofDays(3_653);
    private static final int MAX_ADDRESSES = 20;
    private static final int MAX_SECRETS = 2;
    private static final int MAX_REVOKED = 100;

    /** So many of a list end at most in one go. */
    public static final int MOST_LISTED = 1_000;

    private static final String LEAK_REPORT = "leak report";
    private static final int CACHED = 100_000;
    private static final int CACHED_ISSUERS = 1_000;

    private final Database database;
    private final EventLog log;
    private final Roles roles;
    private final CurrentPolicy policy;
    private final Accounts accounts;
    private final Users users;
    private final LastAccess lastAccess;
    private final KeyedHash hashes;
    private final Clock clock;
    private final Revocations revocations;
    private final ApiTokenLists lists;
    private final ApiTokenStore store = new ApiTokenStore();
    private final SecureRandom random = new SecureRandom();
    /** Another one when the history changes: a look-up that began before then ends up in the old one. */
    private volatile Cache<String, Credential> credentials = newCache();

    /** By outside issuer, which API tokens trust it. */
    private volatile Cache<String, List<String>> trusting = newIssuerCache();

    private final WrongProofs wrongProofs;
    private final UsesAfterRevocation usesAfterRevocation;
    private final List<StoredSecret> noSecret;

    public ApiTokens(
            Database database,
            EventLog log,
            Roles roles,
            CurrentPolicy policy,
            Accounts accounts,
            Users users,
            LastAccess lastAccess,
            MasterKey masterKey,
            Clock clock) {
        this(database, log, roles, policy, accounts, users, lastAccess, masterKey, clock, System::nanoTime);
    }

    ApiTokens(
            Database database,
            EventLog log,
            Roles roles,
            CurrentPolicy policy,
            Accounts accounts,
            Users users,
            LastAccess lastAccess,
            MasterKey masterKey,
            Clock clock,
            LongSupplier nanoTime) {
        this.database = database;
        this.log = log;
        this.roles = roles;
        this.policy = policy;
        this.accounts = accounts;
        this.users = users;
        this.lastAccess = lastAccess;
        this.hashes = new KeyedHash(masterKey, "api token secret");
        this.clock = clock;
        this.revocations = new Revocations(log, clock);
        this.lists = new ApiTokenLists(database, lastAccess, policy, clock);
        this.wrongProofs = new WrongProofs(nanoTime);
        this.usesAfterRevocation = new UsesAfterRevocation(clock);
        this.noSecret = List.of(new StoredSecret(0, hashes.of(""), true));
        log.follow(
                event -> {
                    if (event.target().kind() == TargetKind.API_TOKEN) {
                        credentials.invalidate(event.target().id());
                        if (event.type() != EventType.ACCESS_TOKEN_REFUSE) {
                            trusting.invalidateAll();
                        }
                    }
                },
                () -> {
                    credentials = newCache();
                    trusting = newIssuerCache();
                });
    }

    private static Cache<String, Credential> newCache() {
        return Caffeine.newBuilder().maximumSize(CACHED).executor(Runnable::run).build();
    }

    /** For seconds: a list that was read while a token was created may lack it. */
    private static Cache<String, List<String>> newIssuerCache() {
        return Caffeine.newBuilder()
                .maximumSize(CACHED_ISSUERS)
                .expireAfterWrite(Duration.ofSeconds(10))
                .executor(Runnable::run)
                .build();
    }

    /**
     * What a new token is to be.
     *
     * @param description who or what uses it; blank to name it after its role and the day
     * @param ownerId the person who answers for it; null for the creator, when it is a person
     */
    public record NewApiToken(
            String description,
            String role,
            @Nullable String ownerId,
            ClientAuthentication authentication,
            SenderConstraint senderConstraint,
            @Nullable String actsFor,
            InAccessTokens inAccessTokens,
            Limits limits) {
        /** One with a secret, which counts from anywhere. */
        public NewApiToken(String description, String role, @Nullable Instant expiresAt) {
            this(
                    description,
                    role,
                    null,
                    new ClientAuthentication.ClientSecret(),
                    SenderConstraint.NONE,
                    null,
                    InAccessTokens.NOTHING,
                    Limits.until(expiresAt));
        }
    }

    /** A new token with its secret; the secret is absent when the creation is a repeated one. */
    public record Created(ApiToken apiToken, @Nullable Secret secret) {}

    /** Whether a client id and a secret belong together and count. */
    public sealed interface Authentication {
        record Accepted(ApiToken apiToken) implements Authentication {}

        /** @param reason for the log only; the caller is told nothing of it */
        record Refused(String reason) implements Authentication {}

        /** @param reason as for one that is refused: what a program must wait for is only the answer */
        record SlowDown(Duration retryAfter, String reason) implements Authentication {}
    }

    /** Creates a token that works from the moment it is answered. */
    public Idempotency.Result<Created> create(
            Caller caller, NewApiToken wanted, Idempotency.@Nullable Attempt idempotency) {
        requireMayCreate(caller, wanted.actsFor());
        return database.write(transaction -> {
            Account account = accounts.get(transaction.handle());
            NewApiToken checked = validated(wanted, account);
            String repeated = Idempotency.replayed(transaction, caller, idempotency);
            if (repeated != null) {
                return new Idempotency.Result<>(new Created(existing(transaction, repeated), null), true);
            }
            Secret secret = secretFor(checked);
            ApiToken apiToken = insert(transaction, caller, account, checked, "active", secret);
            logCreated(transaction, caller, apiToken);
            Idempotency.remember(transaction, caller, idempotency, apiToken.clientId(), clock.instant());
            return new Idempotency.Result<>(new Created(apiToken, secret), false);
        });
    }

    /** What acts for an API will see who calls it. */
    private static void requireMayCreate(Caller caller, @Nullable String actsFor) {
        caller.require(TOKENS_CREATE);
        if (actsFor != null) {
            caller.require(APIS_MANAGE);
        }
    }

    /** Makes a draft: it does not work and is listed nowhere until it is saved. */
    public Created draft(Caller caller, NewApiToken wanted) {
        requireMayCreate(caller, wanted.actsFor());
        return database.write(transaction -> {
            Account account = accounts.get(transaction.handle());
            NewApiToken checked = validated(wanted, account);
            Secret secret = secretFor(checked);
            return new Created(insert(transaction, caller, account, checked, "draft", secret), secret);
        });
    }

    /**
     * Makes the caller's own draft a token.
     *
     * @throws Problem 404 when it was discarded, or is older than 15 minutes
     */
    public ApiToken save(Caller caller, String clientId) {
        return save(caller, clientId, transaction -> {});
    }

    /**
     * Makes the caller's own draft a token, with something that must be so exactly when the token is.
     *
     * @throws Problem 404 when it was discarded, or is older than 15 minutes
     */
    public ApiToken save(Caller caller, String clientId, Consumer<Transaction> also) {
        caller.require(TOKENS_CREATE);
        return database.write(transaction -> {
            also.accept(transaction);
            ApiToken draft = store.draft(transaction.handle(), clientId, caller.id(), now().minus(DRAFT_LIFETIME))
                    .orElseThrow(ApiTokens::draftGone);
            // The role, the API or the caller may have changed since the draft was made.
            requireMayCreate(caller, draft.actsFor());
            apiError(draft.actsFor()).ifPresent(error -> {
                throw Problem.invalid(List.of(error));
            });
            roles.requireAssignable(transaction, caller, draft.role(), "role");
            store.activate(transaction, draft);
            logCreated(transaction, caller, draft);
            return draft;
        });
    }

    /** The caller's own draft; empty when it is saved, discarded or older than 15 minutes. */
    public Optional<ApiToken> draft(Caller caller, String clientId) {
        caller.require(TOKENS_CREATE);
        return database.read(handle -> store.draft(handle, clientId, caller.id(), now().minus(DRAFT_LIFETIME)));
    }

    /** What to tell somebody who comes too late to save a draft. */
    public static Problem draftGone() {
        return new Problem(
                404,
                "draft_gone",
                "The token was not saved within 15 minutes of its creation, or it was discarded. Delete the secret from where"
                        + " you put it, and generate a new token.");
    }

    /** Whether the secret is the one of the caller's own draft, so that it may be handed back to them as a file. */
    public boolean isDraftSecret(Caller caller, String clientId, String secret) {
        return database.read(handle -> store.draft(handle, clientId, caller.id(), now().minus(DRAFT_LIFETIME))
                        .isPresent()
                && store.secrets(handle, clientId).stream().anyMatch(each -> hashes.matches(secret, each.hash())));
    }

    /** Forgets the caller's own draft; nothing happens when there is none. */
    public void discard(Caller caller, String clientId) {
        caller.require(TOKENS_CREATE);
        database.change(transaction -> store.deleteDraft(transaction, clientId, caller.id()));
    }

    public void deleteStaleDrafts() {
        database.change(transaction -> store.deleteDrafts(transaction, now().minus(DRAFT_LIFETIME)));
    }

    /**
     * The token of this client id, revoked ones included.
     *
     * @throws Problem 404 when there is none
     */
    public ApiToken find(Caller caller, String clientId) {
        caller.require(TOKENS_READ);
        UnaryOperator<ApiToken> withLastAccess = lastAccess.overlay();
        return database.read(handle -> store.find(handle, clientId))
                .map(withLastAccess)
                .orElseThrow(() -> Problem.notFound("There is no API token " + Text.quote(clientId) + "."));
    }

    public Page<ApiToken> list(Caller caller, ApiTokenQuery query, Page.Request page) {
        caller.require(TOKENS_READ);
        return lists.list(query, page);
    }

    /** How many tokens the list has, counted as far as that is quick. */
    public Count count(Caller caller, ApiTokenQuery query) {
        caller.require(TOKENS_READ);
        return lists.count(query);
    }

    /** How many tokens are in each state but {@link State#EXPIRING}, which is part of the active ones. */
    public Map<State, Count> states(Caller caller) {
        caller.require(TOKENS_READ);
        return lists.states();
    }

    /** Those owners of these tokens who were disabled or removed: somebody else should answer for theirs. */
    public Set<String> departedOwners(List<ApiToken> apiTokens) {
        Set<String> owners = new HashSet<>();
        for (ApiToken apiToken : apiTokens) {
            Owner owner = apiToken.owner();
            if (owner != null) {
                owners.add(owner.id());
            }
        }
        return users.departed(owners);
    }

    /** How many tokens have each status, which says nothing of whether they have expired. */
    public Map<Status, Long> counts(Caller caller) {
        caller.require(TOKENS_READ);
        Map<String, Long> states = database.read(handle -> ApiTokenCountStore.byState(handle, null));
        return Map.of(
                Status.ACTIVE, states.getOrDefault("active", 0L),
                Status.REVOKED, states.getOrDefault("revoked", 0L));
    }

    /** What was done to the token, the newest first. */
    public Page<Event> events(Caller caller, String clientId, Page.Request page) {
        find(caller, clientId);
        return log.list(EventFilter.about(TargetKind.API_TOKEN, clientId), page);
    }

    /**
     * Makes the token what the edit says, in one transaction with one event that shows every difference. Its client id, its
     * role and its way of authenticating stay; what that way trusts (keys, certificates, claims) may change.
     *
     * <p>It is like handing out the token again, so the caller must cover its role. That goes for its description and its
     * owner as well: people decide by them which token to revoke. They alone can still change once it is revoked.
     *
     * @param change what the present token is to become
     * @throws Problem 412 when it was changed meanwhile, 409 when it is revoked, 422 for a value that is not valid
     */
    public ApiToken edit(
            Caller caller,
            String clientId,
            Function<ApiToken, ApiTokenEdit> change,
            ETag.@Nullable Expected expectedVersion) {
        caller.require(TOKENS_CREATE);
        return database.write(transaction -> {
            ApiToken old = existing(transaction, clientId);
            ETag.require(expectedVersion, old.version(), "The token " + clientId);
            ApiToken changed = edited(transaction, caller, old, change.apply(old));
            List<Change> changes = ApiTokenFacts.between(old, changed);
            if (changes.isEmpty()) {
                return old;
            }
            if (ApiTokenFacts.matter(changes)) {
                if (old.status() == Status.REVOKED) {
                    throw Problem.conflict("revoked", "The token is revoked, for good. Generate a new one.");
                }
            }
            // Words, too: who renames somebody else's token can have it taken for another one, and revoked or kept.
            if (old.status() == Status.ACTIVE || policy.get().role(old.role()).isPresent()) {
                roles.requireAssignable(transaction, caller, old.role(), "role");
            }
            store.update(transaction, old, changed);
            log.append(
                    transaction,
                    caller.actingWith(TOKENS_CREATE),
                    EventType.API_TOKEN_UPDATE,
                    target(clientId, changed.description()),
                    changes);
            return existing(transaction, clientId);
        });
    }

    private ApiToken edited(Transaction transaction, Caller caller, ApiToken old, ApiTokenEdit edit) {
        List<FieldError> errors = new ArrayList<>();
        descriptionError(edit.description()).ifPresent(errors::add);
        Limits limits = millis(edit.limits());
        Account account = accounts.get(transaction.handle());
        errors.addAll(changedLimitErrors(limits, old, account));
        if (!edit.authentication().onlyNarrows(old.authentication())) {
            // New keys or conditions are a new credential, which the account's longest life is for.
            tooOldError(old, account).ifPresent(wrong -> errors.add(new FieldError("authentication", wrong)));
        }
        if (!Objects.equals(edit.actsFor(), old.actsFor())) {
            caller.require(APIS_MANAGE);
            apiError(edit.actsFor()).ifPresent(errors::add);
        }
        if (!Objects.equals(
                edit.inAccessTokens().defaultResource(), old.inAccessTokens().defaultResource())) {
            resourceError(edit.inAccessTokens().defaultResource()).ifPresent(errors::add);
        }
        nameError(edit.inAccessTokens().name()).ifPresent(errors::add);
        if (!edit.authentication().method().equals(old.authentication().method())) {
            errors.add(new FieldError(
                    "authentication.method",
                    "The way of authenticating stays. Generate another token for another way."));
        }
        if (!errors.isEmpty()) {
            throw Problem.invalid(errors);
        }
        return new ApiToken(
                old.clientId(),
                edit.description().strip(),
                old.role(),
                old.status(),
                old.createdAt(),
                old.createdBy(),
                owner(transaction, caller, old.owner(), edit.ownerId()),
                edit.authentication(),
                edit.senderConstraint(),
                edit.actsFor(),
                asRegistered(edit.inAccessTokens()),
                limits,
                old.revocation(),
                old.lastAccess(),
                old.version());
    }

    /** The present owner stays, also one who left; another one must be here. */
    private @Nullable Owner owner(
            Transaction transaction, Caller caller, @Nullable Owner present, @Nullable String wanted) {
        if (wanted == null) {
            return null;
        }
        if (present != null && present.id().equals(wanted)) {
            return present;
        }
        User user = users.answerable(transaction.handle(), caller, wanted, "owner");
        return new Owner(user.id(), user.email());
    }

    /**
     * Ends the token for good: when this returns, it gets no access token any more and every one that it got is refused.
     * Revoking a revoked token changes nothing.
     */
    public ApiToken revoke(Caller caller, String clientId, @Nullable String reason) {
        return revoke(caller, List.of(clientId), reason).getFirst();
    }

    /**
     * Ends several tokens for good, at the same moment: all of them, or none when one is not there.
     *
     * @param clientIds 1 to 100
     */
    public List<ApiToken> revoke(Caller caller, List<String> clientIds, @Nullable String reason) {
        caller.require(TOKENS_REVOKE);
        if (clientIds.isEmpty() || clientIds.size() > MAX_REVOKED) {
            throw Problem.invalid("clientIds", "Name 1 to " + MAX_REVOKED + " tokens.");
        }
        String why = Revocations.reason(reason);
        return database.end(transaction -> clientIds.stream()
                .map(clientId -> end(transaction, clientId, caller.actingWith(TOKENS_REVOKE), why, List.of()))
                .toList());
    }

    /**
     * Ends all tokens of a list for good, some at a time.
     *
     * @param expected how many the caller was told that they are
     * @throws Problem 422 when they are not so many any more, or more than {@link #MOST_LISTED}
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
                    "The list has changed meanwhile, so nothing was revoked. Look at the number of tokens, and confirm again.");
        }
        for (int from = 0; from < clientIds.size(); from += MAX_REVOKED) {
            revoke(caller, clientIds.subList(from, Math.min(clientIds.size(), from + MAX_REVOKED)), reason);
        }
    }

    /** Revokes the token, unless it is revoked already, and says so in the log. */
    private ApiToken end(
            Transaction transaction, String clientId, Actor actor, @Nullable String reason, List<Change> more) {
        ApiToken old = existing(transaction, clientId);
        return revocations.end(transaction, old, actor, reason, more) ? existing(transaction, clientId) : old;
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
    public List<SecretUse> secrets(Caller caller, String clientId) {
        find(caller, clientId);
        Map<Long, Instant> noted = lastAccess.secretsOf(clientId);
        return database.read(handle -> store.secretUses(handle, clientId)).stream()
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
    public Created addSecret(Caller caller, String clientId) {
        caller.require(TOKENS_CREATE);
        Secret secret = Secret.generate(random);
        return database.write(transaction -> {
            ApiToken apiToken = existing(transaction, clientId);
            // A secret is the whole credential, so this is like handing out the token again.
            roles.requireAssignable(transaction, caller, apiToken.role(), "role");
            if (apiToken.status() == Status.REVOKED) {
                throw Problem.conflict("revoked", "The token is revoked. Generate a new one.");
            }
            tooOldError(apiToken, accounts.get(transaction.handle())).ifPresent(wrong -> {
                throw Problem.conflict("too_old", wrong);
            });
            if (!(apiToken.authentication() instanceof ClientAuthentication.ClientSecret)) {
                throw Problem.conflict(
                        "no_secret",
                        "The token authenticates by "
                                + apiToken.authentication().method() + " and has no secret.");
            }
            List<StoredSecret> secrets = store.secrets(transaction.handle(), clientId);
            if (secrets.stream().filter(each -> !each.removed()).count() >= MAX_SECRETS) {
                throw Problem.conflict(
                        "two_secrets", "The token has two secrets already. Remove the one that is not used any more.");
            }
            long number = secrets.stream().mapToLong(StoredSecret::number).max().orElse(0) + 1;
            Instant now = now();
            store.insertSecret(transaction, clientId, number, hashes.of(secret.value()), now);
            logSecret(
                    transaction,
                    caller.actingWith(TOKENS_CREATE),
                    apiToken,
                    EventType.API_TOKEN_ADD_SECRET,
                    new SecretUse(number, now, null));
            return new Created(existing(transaction, clientId), secret);
        });
    }

    /**
     * Takes a secret away: it gets no access token any more from the moment this returns. Access tokens that it got live
     * out their minutes; whoever cannot wait revokes the token.
     *
     * @throws Problem 404 when there is no such live secret, 409 when it is the last one
     */
    public void removeSecret(Caller caller, String clientId, long number) {
        caller.require(TOKENS_REVOKE);
        database.ending(transaction -> {
            ApiToken apiToken = existing(transaction, clientId);
            List<SecretUse> live = store.secretUses(transaction.handle(), clientId);
            SecretUse secret = live.stream()
                    .filter(each -> each.number() == number)
                    .findFirst()
                    .orElseThrow(() -> Problem.notFound("The token has no secret " + number + "."));
            if (live.size() == 1) {
                throw Problem.conflict("last_secret", "This is the token's last secret. Revoke the token instead.");
            }
            store.removeSecret(transaction, clientId, number, now());
            logSecret(
                    transaction, caller.actingWith(TOKENS_REVOKE), apiToken, EventType.API_TOKEN_REMOVE_SECRET, secret);
        });
    }

    private void logSecret(Transaction transaction, Actor actor, ApiToken apiToken, EventType type, SecretUse secret) {
        log.append(transaction, actor, type, target(apiToken.clientId(), apiToken.description()), secret.asChanges());
    }

    /**
     * Somebody found a secret where it should not be. If it is live, its whole token is revoked: what a thief obtained with
     * it must stop too.
     *
     * @param foundAt where, in the finder's words; may be null
     */
    void reportLeaked(Secret secret, @Nullable String foundAt, Origin origin) {
        String hash = hashes.of(secret.value());
        List<Change> place = foundAt == null ? List.of() : List.of(Change.set("found at", foundAt));
        database.read(handle -> store.ownerOfLive(handle, hash))
                .ifPresent(clientId -> database.ending(transaction -> end(
                        transaction,
                        clientId,
                        new Actor.System(LEAK_REPORT, origin),
                        "its secret was found outside",
                        place)));
    }

    /** Whether the text is a live secret of the token. */
    public boolean isSecretOf(ApiToken apiToken, String text) {
        Credential credential = credential(apiToken.clientId());
        return credential != null
                && text.length() <= MAX_SECRET
                && credential.secrets().stream()
                        .anyMatch(secret -> !secret.removed() && hashes.matches(text, secret.hash()));
    }

    /** Ends the token on its own behalf: its program suspects that somebody else has it. */
    public void revokeItself(ApiToken apiToken, Origin origin) {
        Actor itself = new Actor.Program(apiToken.clientId(), apiToken.description(), apiToken.role(), origin);
        database.ending(transaction -> end(transaction, apiToken.clientId(), itself, "revoked by itself", List.of()));
    }

    /**
     * Checks a client id and a secret. A right one is accepted however many wrong ones came before it. Whatever is wrong,
     * the work is the same: one look-up, one hash, one comparison. Something that cannot be a client id is looked up nowhere.
     */
    public Authentication authenticate(String clientId, String secret, Origin origin) {
        return checked(clientId, origin, (credential, costly) -> {
            String hash = hashes.of(secret.length() <= MAX_SECRET ? secret : "");
            // What nobody knows the hash of fits nothing: the hash of the empty secret stands for a token that is not
            // there, or has no secret.
            List<StoredSecret> known = credential == null
                            || !(credential.apiToken().authentication() instanceof ClientAuthentication.ClientSecret)
                    ? noSecret
                    : credential.secrets();
            StoredSecret fitting = null;
            for (StoredSecret each : known) {
                fitting = KeyedHash.same(hash, each.hash()) ? each : fitting;
            }
            return fitting == null
                    ? Proof.wrong("wrong secret")
                    : fitting.removed() ? Proof.wrong("removed secret") : new Proof(null, fitting.number());
        });
    }

    /**
     * Checks a client id and something other than a secret, which the API token says how to check.
     *
     * @param whyNot why the proof is none, for the log only; empty when it is one. It is not called for a token that is
     *     not there
     */
    public Authentication authenticate(
            String clientId, Origin origin, BiFunction<ApiToken, CostlyChecks, Optional<String>> whyNot) {
        return checked(
                clientId,
                origin,
                (credential, costly) -> credential == null
                        ? Proof.wrong(UNKNOWN)
                        : new Proof(whyNot.apply(credential.apiToken(), costly).orElse(null), null));
    }

    /** Looks at what somebody sends who names no API token, as at an attempt that may fail. */
    public <T> T nameless(Origin origin, Function<CostlyChecks, T> look) {
        return counted(new WrongProofs.Attempt(null, Throttle.network(origin.address())), look);
    }

    /**
     * What came of looking at a proof.
     *
     * @param wrong why it is none
     * @param secretNumber which secret it was
     */
    private record Proof(@Nullable String wrong, @Nullable Long secretNumber) {
        static Proof wrong(String why) {
            return new Proof(why, null);
        }
    }

    private Authentication checked(
            String clientId, Origin origin, BiFunction<@Nullable Credential, CostlyChecks, Proof> check) {
        boolean possible = isClientId(clientId);
        WrongProofs.Attempt attempt =
                new WrongProofs.Attempt(possible ? clientId : null, Throttle.network(origin.address()));
        // Look-ups have a lane of their own, and are not held up by the costly checks of others.
        @Nullable Credential credential = possible ? credential(clientId) : null;
        Proof proof = counted(attempt, costly -> check.apply(credential, costly));
        boolean guess = credential == null || proof.wrong() != null;
        String refusal = credential == null
                ? UNKNOWN
                : proof.wrong() != null ? proof.wrong() : whyNot(credential.apiToken(), origin);
        if (credential == null || refusal != null) {
            if (!guess && credential != null && credential.apiToken().status() == Status.REVOKED) {
                usesAfterRevocation.note(clientId, origin);
            }
            Duration wait = wrongProofs.refused(attempt, guess);
            String reason = refusal == null ? UNKNOWN : refusal;
            return wait.isPositive() ? new Authentication.SlowDown(wait, reason) : new Authentication.Refused(reason);
        }
        wrongProofs.right(attempt);
        if (proof.secretNumber() != null) {
            lastAccess.noteSecret(clientId, proof.secretNumber());
        }
        return new Authentication.Accepted(credential.apiToken());
    }

    /** A look that ends in an exception proved nothing, unless it is we who have no room for it. */
    private <T> T counted(WrongProofs.Attempt attempt, Function<CostlyChecks, T> look) {
        try {
            return look.apply(wrongProofs.costly(attempt));
        } catch (Problem e) {
            throw e;
        } catch (RuntimeException e) {
            wrongProofs.refused(attempt, true);
            throw e;
        }
    }

    /** Why the token does not count, now and from there; null when it does. */
    private @Nullable String whyNot(ApiToken apiToken, Origin origin) {
        Instant now = clock.instant();
        if (apiToken.status() == Status.REVOKED) {
            return "revoked";
        }
        if (apiToken.isExpired(now)) {
            return "expired";
        }
        if (apiToken.isEarly(now)) {
            return "not valid yet";
        }
        return apiToken.allows(origin.address()) ? null : "address not allowed";
    }

    /** The token, if it counts right now; for checking what it obtained. */
    public Optional<ApiToken> active(String clientId) {
        if (!isClientId(clientId)) {
            return Optional.empty();
        }
        Credential credential = credential(clientId);
        if (credential == null) {
            return Optional.empty();
        }
        ApiToken apiToken = credential.apiToken();
        Instant now = clock.instant();
        boolean counts = apiToken.status() == Status.ACTIVE && !apiToken.isExpired(now) && !apiToken.isEarly(now);
        return counts ? Optional.of(apiToken) : Optional.empty();
    }

    /**
     * The tokens that trust an outside issuer and count right now, for a program that cannot name its own. None when more than
     * a thousand trust it: which of them are meant cannot be told from the first ones.
     */
    public List<ApiToken> trusting(String outsideIssuer) {
        if (outsideIssuer.length() > AuthenticationSettings.MAX_TEXT) {
            return List.of();
        }
        List<String> clientIds = trusting.get(
                outsideIssuer,
                issuer -> database.lookUp(ApiTokenStore.TRUSTING, issuer).orElse(List.of()));
        return clientIds.size() > ApiTokenStore.MOST_OF_AN_ISSUER
                ? List.of()
                : clientIds.stream().map(this::active).flatMap(Optional::stream).toList();
    }

    /** Whether the text could be one; asked for each request. */
    static boolean isClientId(String text) {
        return text.length() == Account.KEY_LENGTH + 1 + TOKEN_KEY_LENGTH
                && text.charAt(Account.KEY_LENGTH) == '.'
                && RandomKey.hasOnlyLetters(text, 0, Account.KEY_LENGTH)
                && RandomKey.hasOnlyLetters(text, Account.KEY_LENGTH + 1, text.length());
    }

    /** Somebody showed an access token of a token that does not count any more. */
    public void noteUseAfterRevocation(String clientId, Origin origin) {
        @Nullable Credential known = isClientId(clientId) ? credential(clientId) : null;
        if (known != null && known.apiToken().status() == Status.REVOKED) {
            usesAfterRevocation.note(clientId, origin);
        }
    }

    /** From where the token was used after it was revoked, as far as this node knows. */
    public UsesAfterRevocation.Known usesAfterRevocation(Caller caller, String clientId) {
        find(caller, clientId);
        return usesAfterRevocation.of(clientId);
    }

    private @Nullable Credential credential(String clientId) {
        requireCurrent();
        return credentials.get(clientId, this::lookUp);
    }

    private void requireCurrent() {
        if (!log.isCurrent()) {
            // Another node may have revoked what is still in the cache here: deny when unsure.
            throw Problem.unavailable("Revocations cannot be read now. Try again in a moment.", null);
        }
    }

    private @Nullable Credential lookUp(String clientId) {
        Position known = log.known();
        ApiTokenStore.Found found =
                database.lookUp(ApiTokenStore.CREDENTIAL, clientId).orElse(null);
        if (found == null) {
            return null;
        }
        // What a failed-over or restored database says of a token is not believed before it is known what it has lost.
        log.requireGoesOn(known, found.end());
        return found.credential();
    }

    private NewApiToken validated(NewApiToken wanted, Account account) {
        List<FieldError> errors = new ArrayList<>();
        String description = wanted.description().isBlank() ? nameOf(wanted.role()) : wanted.description();
        descriptionError(description).ifPresent(errors::add);
        if (wanted.role().isBlank()) {
            errors.add(new FieldError("role", "Choose a role."));
        }
        Limits limits = millis(wanted.limits());
        errors.addAll(limitErrors(limits, account));
        apiError(wanted.actsFor()).ifPresent(errors::add);
        resourceError(wanted.inAccessTokens().defaultResource()).ifPresent(errors::add);
        nameError(wanted.inAccessTokens().name()).ifPresent(errors::add);
        if (!errors.isEmpty()) {
            throw Problem.invalid(errors);
        }
        return new NewApiToken(
                description.strip(),
                wanted.role(),
                wanted.ownerId(),
                wanted.authentication(),
                wanted.senderConstraint(),
                wanted.actsFor(),
                asRegistered(wanted.inAccessTokens()),
                limits);
    }

    private List<FieldError> limitErrors(Limits limits, Account account) {
        List<FieldError> errors = new ArrayList<>();
        expiryError(limits.expiresAt(), account, now()).ifPresent(errors::add);
        beginningError(limits).ifPresent(errors::add);
        addressesError(limits).ifPresent(errors::add);
        return errors;
    }

    /** What is the same as before, or only ends earlier, is no longer life: whoever tightens a token is never in the way. */
    private List<FieldError> changedLimitErrors(Limits limits, ApiToken token, Account account) {
        Limits old = token.limits();
        List<FieldError> errors = new ArrayList<>();
        Instant expiresAt = limits.expiresAt();
        boolean earlier = expiresAt != null
                && expiresAt.isAfter(now())
                && (old.expiresAt() == null || expiresAt.isBefore(old.expiresAt()));
        if (!earlier && !Objects.equals(expiresAt, old.expiresAt())) {
            // Its life began when it was made: it cannot be given more, a month at a time.
            expiryError(expiresAt, account, token.createdAt()).ifPresent(errors::add);
        }
        if (!Objects.equals(limits.notBefore(), old.notBefore()) || !Objects.equals(expiresAt, old.expiresAt())) {
            beginningError(limits).ifPresent(errors::add);
        }
        addressesError(limits).ifPresent(errors::add);
        return errors;
    }

    private Optional<FieldError> expiryError(@Nullable Instant expiresAt, Account account, Instant made) {
        Instant now = now();
        Integer longest = account.longestTokenDays();
        if (longest != null && (expiresAt == null || expiresAt.isAfter(made.plus(Duration.ofDays(longest))))) {
            return Optional.of(new FieldError(
                    "expiresAt",
                    "Give a time within " + longest
                            + " days of its creation: no token of this account may live longer."));
        }
        return expiresAt != null && (!expiresAt.isAfter(now) || expiresAt.isAfter(now.plus(MAX_LIFETIME)))
                ? Optional.of(new FieldError("expiresAt", "Give a time in the future, within ten years."))
                : Optional.empty();
    }

    private Optional<FieldError> beginningError(Limits limits) {
        Instant notBefore = limits.notBefore();
        Instant expiresAt = limits.expiresAt();
        return notBefore != null
                        && (notBefore.isAfter(now().plus(MAX_LIFETIME))
                                || (expiresAt != null && !notBefore.isBefore(expiresAt)))
                ? Optional.of(new FieldError("notBefore", "Give a time before the token expires, within ten years."))
                : Optional.empty();
    }

    private static Optional<FieldError> addressesError(Limits limits) {
        return limits.addresses().size() > MAX_ADDRESSES
                ? Optional.of(new FieldError("allowedAddresses", "Give at most " + MAX_ADDRESSES + " networks."))
                : Optional.empty();
    }

    /** A fresh credential would give an old token another life. */
    private Optional<String> tooOldError(ApiToken apiToken, Account account) {
        Integer longest = account.longestTokenDays();
        return longest != null
                        && apiToken.createdAt().plus(Duration.ofDays(longest)).isBefore(now())
                ? Optional.of("The token is older than " + longest
                        + " days, the longest life in this account, and gets no new credential. Generate a new token.")
                : Optional.empty();
    }

    private Optional<FieldError> apiError(@Nullable String actsFor) {
        return actsFor == null || policy.get().api(actsFor).isPresent()
                ? Optional.empty()
                : Optional.of(new FieldError("actsFor", "There is no registered API of this name."));
    }

    private Optional<FieldError> resourceError(@Nullable String resource) {
        return resource == null || policy.get().apiFor(resource).isPresent()
                ? Optional.empty()
                : Optional.of(new FieldError(
                        "defaultResource",
                        "There is no registered API with this audience. Leave it out for Latchkey's own."));
    }

    /** With the resource in the spelling of its API. */
    private InAccessTokens asRegistered(InAccessTokens wanted) {
        String resource = wanted.defaultResource();
        return resource == null
                ? wanted
                : new InAccessTokens(
                        policy.get().apiFor(resource).map(Api::audience).orElse(resource), wanted.name());
    }

    private static Optional<FieldError> nameError(@Nullable String name) {
        return name == null || NAME.matcher(name).matches()
                ? Optional.empty()
                : Optional.of(new FieldError(
                        "nameInAccessTokens",
                        "Use 1 to 60 letters, digits and . _ - / @, beginning with a letter or digit."));
    }

    /** Times are kept in milliseconds. */
    private static Limits millis(Limits limits) {
        return new Limits(millis(limits.notBefore()), millis(limits.expiresAt()), limits.addresses());
    }

    private static @Nullable Instant millis(@Nullable Instant time) {
        return time == null ? null : time.truncatedTo(ChronoUnit.MILLIS);
    }

    /** What a token is called that nobody has named: after what it may do, and the day. */
    private String nameOf(String role) {
        return Text.shortened(role, MAX_DESCRIPTION / 2) + ", " + DAY.format(now().atOffset(ZoneOffset.UTC));
    }

    private static Optional<FieldError> descriptionError(String description) {
        return Line.error(
                "description",
                description,
                MAX_DESCRIPTION,
                "Say in 1 to " + MAX_DESCRIPTION + " characters who or what uses the token.");
    }

    /** A new secret, for a token that has one. */
    private @Nullable Secret secretFor(NewApiToken wanted) {
        return wanted.authentication() instanceof ClientAuthentication.ClientSecret ? Secret.generate(random) : null;
    }

    private ApiToken insert(
            Transaction transaction,
            Caller caller,
            Account account,
            NewApiToken wanted,
            String state,
            @Nullable Secret secret) {
        roles.requireAssignable(transaction, caller, wanted.role(), "role");
        Owner itself = caller.kind() == Actor.Kind.PERSON ? new Owner(caller.id(), caller.name()) : null;
        String clientId = account.key() + "." + RandomKey.generate(random, TOKEN_KEY_LENGTH);
        ApiToken apiToken = new ApiToken(
                clientId,
                wanted.description(),
                wanted.role(),
                Status.ACTIVE,
                now(),
                Who.of(caller.acting()),
                owner(
                        transaction,
                        caller,
                        itself,
                        wanted.ownerId() == null && itself != null ? itself.id() : wanted.ownerId()),
                wanted.authentication(),
                wanted.senderConstraint(),
                wanted.actsFor(),
                wanted.inAccessTokens(),
                wanted.limits(),
                null,
                null,
                1);
        store.insert(transaction, apiToken, state, secret == null ? null : hashes.of(secret.value()));
        return apiToken;
    }

    private void logCreated(Transaction transaction, Caller caller, ApiToken apiToken) {
        log.append(
                transaction,
                caller.actingWith(TOKENS_CREATE),
                EventType.API_TOKEN_CREATE,
                target(apiToken.clientId(), apiToken.description()),
                ApiTokenFacts.created(apiToken));
    }

    private ApiToken existing(Transaction transaction, String clientId) {
        UnaryOperator<ApiToken> withLastAccess = lastAccess.overlay();
        return store.find(transaction.handle(), clientId)
                .map(withLastAccess)
                .orElseThrow(() -> Problem.notFound("There is no API token " + Text.quote(clientId) + "."));
    }

    private static Target target(String clientId, String description) {
        return new Target(TargetKind.API_TOKEN, clientId, description);
    }

    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
