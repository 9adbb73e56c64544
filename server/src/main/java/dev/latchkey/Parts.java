package dev.latchkey;

import ch.qos.logback.classic.LoggerContext;
import dev.latchkey.account.Accounts;
import dev.latchkey.account.CurrentAccount;
import dev.latchkey.account.Departures;
import dev.latchkey.account.Devices;
import dev.latchkey.account.Passwords;
import dev.latchkey.account.Sessions;
import dev.latchkey.account.Setup;
import dev.latchkey.account.SignIn;
import dev.latchkey.account.Users;
import dev.latchkey.account.UsersOfRole;
import dev.latchkey.apitoken.ActsForApi;
import dev.latchkey.apitoken.ApiTokenUpkeep;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.apitoken.Credentials;
import dev.latchkey.apitoken.Drafts;
import dev.latchkey.apitoken.GithubSignatures;
import dev.latchkey.apitoken.Handover;
import dev.latchkey.apitoken.KeyImports;
import dev.latchkey.apitoken.LastAccess;
import dev.latchkey.apitoken.LostEndings;
import dev.latchkey.apitoken.RevocationSince;
import dev.latchkey.apitoken.Secrets;
import dev.latchkey.apitoken.Surroundings;
import dev.latchkey.apitoken.TokensOfRole;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.PasswordHash;
import dev.latchkey.database.Database;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.event.HistoryRecovery;
import dev.latchkey.event.LostChanges;
import dev.latchkey.event.RefusedRequests;
import dev.latchkey.event.Witness;
import dev.latchkey.gate.Assertions;
import dev.latchkey.gate.Gate;
import dev.latchkey.gate.Guard;
import dev.latchkey.health.Nodes;
import dev.latchkey.lane.Lane;
import dev.latchkey.limit.Leases;
import dev.latchkey.limit.Limiter;
import dev.latchkey.management.LogLevels;
import dev.latchkey.oauth.AccessTokenCheck;
import dev.latchkey.oauth.AccessTokens;
import dev.latchkey.oauth.BasicSecret;
import dev.latchkey.oauth.ClientAssertions;
import dev.latchkey.oauth.ClientAuthenticator;
import dev.latchkey.oauth.ClientCertificates;
import dev.latchkey.oauth.ClientCredentialsGrant;
import dev.latchkey.oauth.ClientProof;
import dev.latchkey.oauth.ClientRefusals;
import dev.latchkey.oauth.DpopNonces;
import dev.latchkey.oauth.DpopProofs;
import dev.latchkey.oauth.Federation;
import dev.latchkey.oauth.FormSecret;
import dev.latchkey.oauth.Grants;
import dev.latchkey.oauth.JwtBearerGrant;
import dev.latchkey.oauth.OutsideTokens;
import dev.latchkey.oauth.PublicKeys;
import dev.latchkey.oauth.PublicUrls;
import dev.latchkey.oauth.Renewals;
import dev.latchkey.oauth.ReplayMemory;
import dev.latchkey.oauth.RevokedAccessTokens;
import dev.latchkey.oauth.TokenExchangeGrant;
import dev.latchkey.observe.Census;
import dev.latchkey.observe.Metrics;
import dev.latchkey.openapi.OpenApiReader;
import dev.latchkey.registry.Apis;
import dev.latchkey.registry.CurrentPolicy;
import dev.latchkey.registry.Roles;
import dev.latchkey.signing.SigningKeys;
import dev.latchkey.usage.LastWeeks;
import dev.latchkey.usage.LimitedUse;
import dev.latchkey.usage.UsageCounter;
import dev.latchkey.usage.UsageReader;
import dev.latchkey.usage.UsageRetention;
import dev.latchkey.usage.Uses;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every part of the service, created once and wired by hand. {@link Handlers} answers requests with them. */
final class Parts {
    private static final Logger log = LoggerFactory.getLogger(Parts.class);

    final Clock clock;
    final Metrics metrics;

    // Foundations
    final Database database;
    final EventLog events;
    final RefusedRequests refused;

    /** Null where it cannot be written. */
    final @Nullable Witness witness;

    /** The nodes that share the database, this one included. */
    final Nodes nodes;

    // Features
    final CurrentPolicy policy;
    final Roles roles;
    final Apis apis;
    final PasswordHash hashes;
    final Sessions sessions;
    final Users users;
    final Passwords passwords;
    final SignIn signIn;
    final Setup setup;
    final Accounts accounts;
    final LastAccess lastAccess;
    final UsageCounter usageCounter;
    final UsageReader usage;
    final UsageRetention usageRetention;
    final LastWeeks lastWeeks;
    final Supplier<Integer> adviceTrialDays;
    final Supplier<Integer> usageDays;
    final Uses uses;
    final Limiter limiter;
    final Leases leases;
    final LimitedUse limitedUse;
    final Credentials credentials;
    final Surroundings aroundTokens;
    final ApiTokens apiTokens;
    final Drafts drafts;
    final Secrets secrets;
    final ApiTokenUpkeep tokenUpkeep;
    final Handover handover;
    final KeyImports keyImports;
    final RevocationSince revocationSince;
    final SigningKeys signingKeys;
    final AccessTokens accessTokens;
    final RevokedAccessTokens revoked;
    final LostChanges lostChanges;
    final LogLevels logLevels;
    final HistoryRecovery historyRecovery;

    /** For metrics. */
    final Census census;

    // Authentication and authorization
    final PublicUrls urls;

    /** Whether programs can present TLS certificates, here or to a proxy. */
    final boolean acceptsCertificates;

    final ReplayMemory usedProofs;
    final ReplayMemory usedAssertions;
    final DpopProofs proofs;
    final ClientAuthenticator clients;
    final ClientRefusals clientRefusals;
    final Grants grants;
    final AccessTokenCheck check;
    final Guard guard;
    final Gate gate;

    final OpenApiReader documents;

    /** Checks the signatures of GitHub's leak reports; null when no keys are named. */
    final @Nullable GithubSignatures githubSignatures;

    /** @param open takes what must be closed, even when this constructor fails */
    Parts(LiveSettings live, Addresses addresses, Clock clock, OpenParts open) {
        Settings settings = live.atStart();
        this.clock = clock;
        metrics = open.add(settings.get(Setting.METRICS).equals("on") ? Metrics.on() : Metrics.off());
        Storage storage = new Storage(settings);
        database = storage.open(open);
        MasterKey masterKey = storage.masterKey(database);
        witness = witness(storage, masterKey, open);
        events = open.add(new EventLog(database, masterKey, witness, live.of(Setting.LEASE_SECONDS), clock));
        nodes = open.add(new Nodes(database, storage.self(), clock));
        refused = open.add(new RefusedRequests(database, events, clock));

        policy = new CurrentPolicy(events);
        roles = new Roles(database, events, policy, clock, List.of(new TokensOfRole(clock), new UsersOfRole()));
        apis = new Apis(
                database, events, policy, clock, new TokensOfRole(clock), new ActsForApi(events), addresses.audience());
        hashes = new PasswordHash();
        sessions = new Sessions(database, events, masterKey, clock);
        users = new Users(database, events, roles, policy, sessions, masterKey, clock);
        passwords = new Passwords(database, events, users, sessions, hashes);
        signIn = new SignIn(database, sessions, hashes, new Devices(masterKey, clock), refused, clock);
        setup = new Setup(database, events, roles, hashes, masterKey, clock);
        accounts = new Accounts(database, events);
        lastAccess = open.add(new LastAccess(database, clock));
        usageCounter = open.add(new UsageCounter(database, live.of(Setting.USAGE_ADDRESSES_DAYS), clock));
        uses = new Uses(lastAccess, usageCounter);
        limiter = new Limiter(database, clock);
        CurrentAccount account = new CurrentAccount(events);
        limitedUse = new LimitedUse(limiter, policy, account);
        credentials = new Credentials(database, events, masterKey, accounts, lastAccess, clock);
        leases = open.add(new Leases(
                database,
                events,
                limiter,
                (whose, id) -> switch (whose) {
                    case TOKEN, ROLE -> credentials.target(id);
                    case API -> Apis.target(id);
                    case ACCOUNT -> account.target();
                },
                clock));
        aroundTokens = new Surroundings(database, events, roles, policy, accounts, users, clock);
        apiTokens = new ApiTokens(aroundTokens, lastAccess, credentials, live.of(Setting.IDLE_TOKEN_DAYS));
        usage = new UsageReader(database, apiTokens, roles, apis, clock);
        usageRetention = new UsageRetention(
                database,
                live.of(Setting.USAGE_HOURS_DAYS),
                live.of(Setting.USAGE_DAYS_DAYS),
                live.of(Setting.USAGE_ADDRESSES_DAYS),
                clock);
        lastWeeks = new LastWeeks(database, clock);
        adviceTrialDays = live.of(Setting.ADVICE_TRIAL_DAYS);
        usageDays = live.of(Setting.USAGE_DAYS_DAYS);
        drafts = new Drafts(aroundTokens, credentials);
        secrets = new Secrets(aroundTokens, apiTokens, credentials, lastAccess);
        tokenUpkeep = open.add(new ApiTokenUpkeep(database, events));
        handover = new Handover(database, events, roles, users);
        keyImports = new KeyImports(aroundTokens, credentials);
        revocationSince = new RevocationSince(database, events, lastAccess, clock);
        signingKeys = new SigningKeys(database, events, masterKey, clock);
        accessTokens = new AccessTokens(signingKeys.current(), policy, addresses.issuer(), clock);
        revoked = new RevokedAccessTokens(database, events, clock);
        // What to end again when the database has lost changes.
        LostEndings ofApiTokens = new LostEndings(events, clock);
        Departures ofPeople = users.departures();
        logLevels = new LogLevels(
                database, events, live.of(Setting.LOG_LEVEL), (LoggerContext) LoggerFactory.getILoggerFactory());
        lostChanges = new LostChanges(database, events, clock);
        census = new Census(apiTokens, lostChanges);
        historyRecovery = new HistoryRecovery(
                database,
                events,
                clock,
                Map.of(
                        EventType.API_TOKEN_REVOKE, ofApiTokens::revoke,
                        EventType.API_TOKEN_REMOVE_SECRET, ofApiTokens::removeSecret,
                        EventType.API_TOKEN_UPDATE, ofApiTokens::narrow,
                        EventType.ACCESS_TOKEN_REVOKE, revoked::revokeAgain,
                        EventType.SIGNING_KEY_WITHDRAW, signingKeys::withdrawAgain,
                        EventType.USER_DISABLE, ofPeople::disableAgain,
                        EventType.USER_REMOVE, ofPeople::removeAgain,
                        EventType.USER_PASSWORD, ofPeople::endAccessAgain,
                        EventType.SESSION_END, sessions::endAgain,
                        EventType.SESSION_END_OTHERS, sessions::endOthersAgain));

        urls = PublicUrls.of(addresses.issuer(), addresses.mtls());
        PublicKeys publicKeys = new PublicKeys(open.add(PublicKeys.remote(live.of(Setting.KEY_HOSTS))), clock);
        usedProofs = ReplayMemory.ofProofs(clock);
        usedAssertions = ReplayMemory.ofAssertions(clock);
        proofs = new DpopProofs(usedProofs, new DpopNonces(masterKey, clock), clock);
        List<ClientProof> clientProofs = new ArrayList<>(List.of(
                new BasicSecret(credentials),
                new FormSecret(credentials),
                new ClientAssertions(credentials, publicKeys, usedAssertions, urls, clock)));
        acceptsCertificates = addresses.mtls() != null
                || settings.get(Setting.CLIENT_CERTIFICATE_FIELD).isPresent();
        // Read even where programs cannot present one: a file without an authority is a mistake that the start must
        // report.
        ClientCertificates certificates = ClientCertificates.trusting(
                credentials, settings.get(Setting.CLIENT_CA_FILE).orElse(null), clock);
        if (acceptsCertificates) {
            clientProofs.add(certificates);
        }
        clientRefusals = new ClientRefusals(refused, uses);
        clients = new ClientAuthenticator(clientProofs, clientRefusals);
        OutsideTokens outside =
                new OutsideTokens(clients, clientRefusals, credentials, new Federation(publicKeys, urls, clock));
        grants = new Grants(
                new ClientCredentialsGrant(clients),
                new TokenExchangeGrant(
                        outside, new Renewals(clients, clientRefusals, credentials, accessTokens, revoked)),
                new JwtBearerGrant(outside));
        check = new AccessTokenCheck(accessTokens, credentials, revoked, proofs);
        guard = new Guard(check, uses, limitedUse, policy, sessions, users, urls);
        gate = new Gate(
                guard,
                credentials,
                policy,
                uses,
                limitedUse,
                new Assertions(signingKeys.current(), addresses.issuer(), clock),
                metrics.decisions());

        githubSignatures = settings.get(Setting.SECRET_SCANNING_KEYS_URL)
                .map(address -> new GithubSignatures(
                        open.add(GithubSignatures.remote(live.of(Setting.KEY_HOSTS))), address, clock))
                .orElse(null);
        documents = new OpenApiReader(open.add(OpenApiReader.remote(live.of(Setting.IMPORT_HOSTS))));
    }

    /** The figures of all lanes, except those of people's requests. */
    Stream<Lane.Figures> lanes() {
        List<Supplier<Lane.Figures>> single = List.of(signingKeys.current()::lane, documents::lane);
        return Stream.of(database.lanes(), hashes.lanes(), credentials.lanes(), single)
                .flatMap(List::stream)
                .map(Supplier::get);
    }

    /** Without a witness everything else works, but what a failover loses will not be known. */
    private static @Nullable Witness witness(Storage storage, MasterKey masterKey, OpenParts open) {
        try {
            return open.add(Witness.open(storage.witness(), masterKey));
        } catch (IOException e) {
            log.warn(
                    "The witness in {} cannot be written ({}). If the database loses changes, it will not be known which",
                    storage.witness(),
                    e.getMessage());
            return null;
        }
    }
}
