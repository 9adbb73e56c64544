package dev.latchkey.apitoken;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.latchkey.account.Account;
import dev.latchkey.apitoken.ApiTokenStore.Credential;
import dev.latchkey.apitoken.ApiTokenStore.StoredSecret;
import dev.latchkey.crypto.KeyedHash;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.RandomKey;
import dev.latchkey.crypto.Secret;
import dev.latchkey.database.Database;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Origin;
import dev.latchkey.event.Position;
import dev.latchkey.event.TargetKind;
import dev.latchkey.http.Throttle;
import dev.latchkey.problem.Problem;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who an API token lets in: the check of its secret, or of whatever else it authenticates with, and whether it works at all.
 *
 * <p>Credentials are kept in a bounded cache that the log keeps fresh: an event about a token takes it out before the
 * change is answered. Caffeine computes an entry and removes it under the same lock, so a load that began before the
 * revocation was durable is removed after it, and one that begins later reads the revoked row. Nothing depends on time.
 */
public final class Credentials {
    /** Why somebody is refused whose client id nobody has. */
    public static final String UNKNOWN = "unknown client";

    static final int TOKEN_KEY_LENGTH = 16;

    /** Longer than any secret; more is not even hashed. */
    private static final int MAX_SECRET = 200;

    private static final int CACHED = 100_000;
    private static final int CACHED_ISSUERS = 1_000;

    private final Database database;
    private final EventLog log;
    private final KeyedHash hashes;
    private final LastAccess lastAccess;
    private final Clock clock;
    /** Another one when the history changes: a look-up that began before then ends up in the old one. */
    private volatile Cache<String, Credential> credentials = newCache();

    /** By outside issuer, which API tokens trust it. */
    private volatile Cache<String, List<String>> trusting = newIssuerCache();

    private final SecureRandom random = new SecureRandom();
    private final WrongProofs wrongProofs;
    private final UsesAfterRevocation usesAfterRevocation;
    private final List<StoredSecret> noSecret;

    public Credentials(Database database, EventLog log, MasterKey masterKey, LastAccess lastAccess, Clock clock) {
        this(database, log, masterKey, lastAccess, clock, System::nanoTime);
    }

    Credentials(
            Database database,
            EventLog log,
            MasterKey masterKey,
            LastAccess lastAccess,
            Clock clock,
            LongSupplier nanoTime) {
        this.database = database;
        this.log = log;
        this.hashes = new KeyedHash(masterKey, "api token secret");
        this.lastAccess = lastAccess;
        this.clock = clock;
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

    /** Whether a client id and a secret belong together and count. */
    public sealed interface Authentication {
        record Accepted(ApiToken apiToken) implements Authentication {}

        /** @param reason for the log only; the caller is told nothing of it */
        record Refused(String reason) implements Authentication {}

        /** @param reason as for one that is refused: what a program must wait for is only the answer */
        record SlowDown(Duration retryAfter, String reason) implements Authentication {}
    }

    /** A secret that nobody has yet. */
    Secret newSecret() {
        return Secret.generate(random);
    }

    /** What is kept of a secret. */
    String hash(Secret secret) {
        return hashes.of(secret.value());
    }

    /** Whether the hash is that of the text. */
    boolean matches(String text, String hash) {
        return hashes.matches(text, hash);
    }

    /** Whether the text is a live secret of the token. */
    public boolean isSecretOf(ApiToken apiToken, String text) {
        Credential credential = credential(apiToken.clientId());
        return credential != null
                && text.length() <= MAX_SECRET
                && credential.secrets().stream()
                        .anyMatch(secret -> !secret.removed() && hashes.matches(text, secret.hash()));
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
            List<StoredSecret> known =
                    credential == null || !credential.apiToken().terms().hasSecret() ? noSecret : credential.secrets();
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
            if (!guess && credential != null && credential.apiToken().isRevoked()) {
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

    /** Why the token does not work, now and from there; null when it does. */
    private @Nullable String whyNot(ApiToken apiToken, Origin origin) {
        String why = apiToken.whyNot(clock.instant());
        return why != null ? why : apiToken.allows(origin.address()) ? null : "address not allowed";
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
        return apiToken.whyNot(clock.instant()) == null ? Optional.of(apiToken) : Optional.empty();
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
        if (known != null && known.apiToken().isRevoked()) {
            usesAfterRevocation.note(clientId, origin);
        }
    }

    /** From where the token was used after it was revoked, as far as this node knows. */
    UsesAfterRevocation.Known usesAfterRevocation(String clientId) {
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
        log.requireContinues(known, found.end());
        return found.credential();
    }
}
