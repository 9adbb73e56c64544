package dev.latchkey.apitoken;

import dev.latchkey.account.Accounts;
import dev.latchkey.apitoken.CredentialStore.Credential;
import dev.latchkey.apitoken.SecretStore.StoredSecret;
import dev.latchkey.crypto.KeyedHash;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.Secret;
import dev.latchkey.database.Database;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.Origin;
import dev.latchkey.event.Target;
import dev.latchkey.event.TargetKind;
import dev.latchkey.figure.CacheFigures;
import dev.latchkey.http.Throttle;
import dev.latchkey.lane.Lane;
import dev.latchkey.problem.Problem;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Authenticates programs: checks the secret of an API token, or whatever else it authenticates with, and whether it works at all.
 */
public final class Credentials {
    /** The reason for refusing a client id that does not exist. */
    public static final String UNKNOWN = "unknown client";

    /** Longer than any secret. Anything longer is not even hashed. */
    private static final int MAX_SECRET = 200;

    private final CredentialCache known;
    private final ImportedKeys imported;

    /** A client secret and an API key are hashed apart, so that neither is ever accepted as the other. */
    private final KeyedHash secretHashes;

    private final KeyedHash keyHashes;
    private final Accounts accounts;
    private final LastAccess lastAccess;
    private final Clock clock;

    /** The first half of every client id, which API keys leave out; null until a key is presented. */
    private volatile @Nullable String accountKey;

    private final SecureRandom random = new SecureRandom();
    private final WrongProofs wrongProofs;
    private final UsesAfterRevocation usesAfterRevocation;
    private final List<StoredSecret> noSecret;

    public Credentials(
            Database database,
            EventLog log,
            MasterKey masterKey,
            Accounts accounts,
            LastAccess lastAccess,
            Clock clock) {
        this(database, log, masterKey, accounts, lastAccess, clock, System::nanoTime);
    }

    Credentials(
            Database database,
            EventLog log,
            MasterKey masterKey,
            Accounts accounts,
            LastAccess lastAccess,
            Clock clock,
            LongSupplier nanoTime) {
        this.known = new CredentialCache(database, log);
        this.imported = new ImportedKeys(known, log, masterKey);
        this.secretHashes = new KeyedHash(masterKey, "api token secret");
        this.keyHashes = new KeyedHash(masterKey, "api key");
        this.accounts = accounts;
        this.lastAccess = lastAccess;
        this.clock = clock;
        this.wrongProofs = new WrongProofs(nanoTime);
        this.usesAfterRevocation = new UsesAfterRevocation(clock);
        this.noSecret = List.of(new StoredSecret(0, secretHashes.of(""), true));
    }

    /** The lanes in which proofs are checked, for monitoring. */
    public List<Supplier<Lane.Figures>> lanes() {
        return wrongProofs.lanes();
    }

    /** What slows down callers whose proofs are wrong, for monitoring. */
    public Map<String, Supplier<Throttle.Figures>> throttles() {
        return wrongProofs.throttles();
    }

    /** What is kept in memory, for monitoring. */
    public Map<String, Supplier<CacheFigures>> caches() {
        return Map.of(
                "credentials",
                known::credentials,
                "outside issuers",
                known::issuers,
                "imported keys",
                imported::figures);
    }

    /** The result of checking a client id and its proof. */
    public sealed interface Authentication {
        record Accepted(ApiToken apiToken) implements Authentication {}

        /**
         * @param reason for the log only; the caller is not told
         * @param barred what the program proved nevertheless; null when its proof was wrong
         */
        record Refused(String reason, @Nullable Barred barred) implements Authentication {}

        /**
         * @param reason as in {@link Refused}: the program only waits for its answer
         * @param barred as in {@link Refused}
         */
        record SlowDown(
                Duration retryAfter,
                String reason,
                @Nullable Barred barred) implements Authentication {}
    }

    /**
     * A fresh secret.
     *
     * @param tokenKey the second half of its token's client id
     */
    Secret newSecret(Secret.Form form, String tokenKey) {
        return switch (form) {
            case CLIENT_SECRET -> Secret.generate(random);
            case API_KEY -> Secret.generateApiKey(tokenKey, random);
        };
    }

    /** The stored form of a secret. */
    String hash(Secret secret) {
        return hashes(secret.form()).of(secret.value());
    }

    private KeyedHash hashes(Secret.Form form) {
        return switch (form) {
            case CLIENT_SECRET -> secretHashes;
            case API_KEY -> keyHashes;
        };
    }

    /** Whether the hash is that of the text. */
    boolean matches(String text, String hash) {
        boolean isApiKey = text.startsWith(Secret.Form.API_KEY.prefix());
        return (isApiKey ? keyHashes : secretHashes).matches(text, hash);
    }

    /** Whether the text is a live secret of the token. */
    public boolean isSecretOf(ApiToken apiToken, String text) {
        Credential credential = known.find(apiToken.clientId());
        return credential != null
                && text.length() <= MAX_SECRET
                && credential.secrets().stream().anyMatch(secret -> !secret.removed() && matches(text, secret.hash()));
    }

    /**
     * Checks a client id and a secret. The right one is accepted regardless of how many wrong ones came before. The work is the
     * same whatever is wrong: one look-up, one hash, one comparison. A text that cannot be a client id is not looked up.
     */
    public Authentication authenticate(String clientId, String secret, Origin origin) {
        return authenticate(Secret.Form.CLIENT_SECRET, clientId, secret, origin);
    }

    /** Checks an API key in the same way. That the API takes keys is checked before. */
    public Authentication authenticate(Secret key, Origin origin) {
        return authenticate(Secret.Form.API_KEY, ClientId.of(accountKey(), key.id()), key.value(), origin);
    }

    private String accountKey() {
        String read = accountKey;
        if (read == null) {
            // It never changes.
            read = accounts.get().key();
            accountKey = read;
        }
        return read;
    }

    /** Whether there are keys that were issued elsewhere, so that a text of any form may be one. */
    public boolean hasForeignKeys() {
        return imported.any();
    }

    /**
     * Checks a key that was issued elsewhere. It names no API token, so it is found by its hash; one that is not found is an attempt
     * of its network.
     */
    public Authentication authenticateForeign(String key, Origin origin) {
        ImportedKeys.Found found = imported.find(key);
        if (found == null) {
            Duration wait =
                    wrongProofs.refused(new WrongProofs.Attempt(null, Throttle.network(origin.address())), true);
            return wait.isPositive()
                    ? new Authentication.SlowDown(wait, UNKNOWN, null)
                    : new Authentication.Refused(UNKNOWN, null);
        }
        return authenticated(
                Secret.Form.API_KEY,
                found.credential().apiToken().clientId(),
                found.credential(),
                found.hash(),
                origin);
    }

    /** The keys that were issued elsewhere. */
    ImportedKeys imported() {
        return imported;
    }

    private Authentication authenticate(Secret.Form form, String clientId, String secret, Origin origin) {
        return authenticated(
                form,
                clientId,
                known.find(clientId),
                hashes(form).of(secret.length() <= MAX_SECRET ? secret : ""),
                origin);
    }

    /** @param hash the stored form of the secret that was presented */
    private Authentication authenticated(
            Secret.Form form, String clientId, @Nullable Credential found, String hash, Origin origin) {
        return checked(clientId, found, origin, (credential, costly) -> {
            // The hash of the empty secret, marked as removed, stands for a token that does not exist or has no such
            // secret.
            List<StoredSecret> secrets =
                    credential == null || credential.apiToken().terms().secretForm() != form
                            ? noSecret
                            : credential.secrets();
            StoredSecret fitting = null;
            for (StoredSecret each : secrets) {
                fitting = KeyedHash.same(hash, each.hash()) ? each : fitting;
            }
            return fitting == null
                    ? Proof.wrong("wrong secret")
                    : fitting.removed() ? Proof.wrong("removed secret") : new Proof(null, fitting.number());
        });
    }

    /**
     * Checks a client id and a proof other than a secret, in the way that the API token's method asks for.
     *
     * @param whyNot why the proof is wrong, for the log only; empty when it is valid. Not called for a token that does not
     *     exist
     */
    public Authentication authenticate(
            String clientId, Origin origin, BiFunction<ApiToken, CostlyChecks, Optional<String>> whyNot) {
        return checked(
                clientId,
                known.find(clientId),
                origin,
                (credential, costly) -> credential == null
                        ? Proof.wrong(UNKNOWN)
                        : new Proof(whyNot.apply(credential.apiToken(), costly).orElse(null), null));
    }

    /** Looks at a proof that names no API token, as an attempt that may fail. */
    public <T> T nameless(Origin origin, Function<CostlyChecks, T> look) {
        return counted(new WrongProofs.Attempt(null, Throttle.network(origin.address())), look);
    }

    /**
     * The result of looking at a proof.
     *
     * @param wrong why it is wrong; null when it is valid
     * @param secretNumber which secret it was; null for other proofs
     */
    private record Proof(@Nullable String wrong, @Nullable Long secretNumber) {
        static Proof wrong(String why) {
            return new Proof(why, null);
        }
    }

    /** @param credential looked up in a lane of its own, so the costly checks of others do not delay that; null when there is none */
    private Authentication checked(
            String clientId,
            @Nullable Credential credential,
            Origin origin,
            BiFunction<@Nullable Credential, CostlyChecks, Proof> check) {
        WrongProofs.Attempt attempt =
                new WrongProofs.Attempt(ClientId.isOne(clientId) ? clientId : null, Throttle.network(origin.address()));
        Proof proof = counted(attempt, costly -> check.apply(credential, costly));
        if (credential == null || proof.wrong() != null) {
            String wrong = credential == null ? null : proof.wrong();
            return refused(attempt, wrong == null ? UNKNOWN : wrong, null);
        }
        Barred barred = barred(credential.apiToken(), origin);
        if (barred != null) {
            return refused(attempt, barred.why().text(), barred);
        }
        wrongProofs.right(attempt);
        if (proof.secretNumber() != null) {
            lastAccess.noteSecret(clientId, proof.secretNumber());
        }
        return new Authentication.Accepted(credential.apiToken());
    }

    private Authentication refused(WrongProofs.Attempt attempt, String reason, @Nullable Barred barred) {
        Duration wait = wrongProofs.refused(attempt, barred == null);
        return wait.isPositive()
                ? new Authentication.SlowDown(wait, reason, barred)
                : new Authentication.Refused(reason, barred);
    }

    /** A look that ends in an exception counts as a failure, unless Latchkey itself had no capacity. */
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

    /**
     * Why a program that proved this token, or got an access token for it, is refused nevertheless; null when it is not. Where a
     * revoked token is still used from is noted here, and nowhere else.
     */
    public @Nullable Barred barred(ApiToken apiToken, Origin origin) {
        Barred barred = barredAnywhere(apiToken, origin);
        if (barred == null) {
            return apiToken.allows(origin.address())
                    ? null
                    : new Barred(apiToken.clientId(), Barred.Why.OTHER_ADDRESS, origin);
        }
        if (barred.why() == Barred.Why.REVOKED) {
            usesAfterRevocation.note(apiToken.clientId(), origin);
        }
        return barred;
    }

    /** The same for a program whose address is not known, because only the API that asks about it sees it. */
    public @Nullable Barred barredAnywhere(ApiToken apiToken, Origin origin) {
        Barred.Why why = apiToken.whyNot(clock.instant());
        return why == null ? null : new Barred(apiToken.clientId(), why, origin);
    }

    /** The token, whether or not it works; for telling why it does not. A draft is not a token yet. */
    public Optional<ApiToken> find(String clientId) {
        Credential credential = known.find(clientId);
        return credential == null ? Optional.empty() : Optional.of(credential.apiToken());
    }

    /** The token with this client id as the subject of an event. */
    public Target target(String clientId) {
        return find(clientId).map(ApiToken::target).orElseGet(() -> Target.named(TargetKind.API_TOKEN, clientId));
    }

    /** The token, if it works now; for checking its access tokens. */
    public Optional<ApiToken> active(String clientId) {
        Credential credential = known.find(clientId);
        if (credential == null) {
            return Optional.empty();
        }
        ApiToken apiToken = credential.apiToken();
        return apiToken.whyNot(clock.instant()) == null ? Optional.of(apiToken) : Optional.empty();
    }

    /**
     * The tokens that trust an outside issuer and work now, for a program that cannot name its own. Empty when more than a
     * thousand trust it, because the first thousand may not include the right one.
     */
    public List<ApiToken> trusting(String outsideIssuer) {
        return known.trusting(outsideIssuer).stream()
                .map(this::active)
                .flatMap(Optional::stream)
                .toList();
    }

    /** Where the token was used from after it was revoked, as far as this node knows. */
    UsesAfterRevocation.Known usesAfterRevocation(String clientId) {
        return usesAfterRevocation.of(clientId);
    }

    /** The revoked tokens that were used in the last days, as far as this node knows. */
    Set<String> latelyUsedAfterRevocation() {
        return usesAfterRevocation.lately();
    }
}
