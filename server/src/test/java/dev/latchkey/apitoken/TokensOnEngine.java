package dev.latchkey.apitoken;

import dev.latchkey.TestClock;
import dev.latchkey.access.Caller;
import dev.latchkey.access.RoleTerms;
import dev.latchkey.account.Accounts;
import dev.latchkey.account.Sessions;
import dev.latchkey.account.Setup;
import dev.latchkey.account.Users;
import dev.latchkey.apitoken.ApiTokens.Created;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.PasswordHash;
import dev.latchkey.database.Database;
import dev.latchkey.database.DatabaseAddress;
import dev.latchkey.event.EventLog;
import dev.latchkey.registry.CurrentPolicy;
import dev.latchkey.registry.Roles;
import java.util.Base64;
import java.util.List;
import java.util.function.Supplier;

/** API tokens on a database of their own, without a server around them. */
final class TokensOnEngine implements AutoCloseable {
    static final Caller SYSTEM = Caller.system("test");

    /** After how many days without use a token is idle. */
    static final int IDLE_DAYS = 45;

    final TestClock clock = new TestClock();
    final Database database;
    final Roles roles;
    final Credentials credentials;
    final ApiTokens apiTokens;
    final Users users;
    final Drafts drafts;
    final Secrets secrets;
    final KeyImports keyImports;
    final EventLog log;
    final LastAccess lastAccess;

    TokensOnEngine(DatabaseAddress address) {
        database = Database.open(address);
        MasterKey masterKey = MasterKey.parse(Base64.getEncoder().encodeToString(new byte[32]), "the test");
        log = new EventLog(database, masterKey, clock);
        CurrentPolicy policy = new CurrentPolicy(log);
        roles = new Roles(database, log, policy, clock, List.of(new TokensOfRole(clock)));
        PasswordHash passwords = new PasswordHash();
        users = new Users(
                database, log, roles, policy, new Sessions(database, log, masterKey, clock), masterKey, clock);
        Setup setup = new Setup(database, log, roles, passwords, masterKey, clock);
        if (setup.account().isEmpty()) {
            setup.completeUnattended("Example", "ada@example.com", "correct-horse-battery");
        }
        lastAccess = new LastAccess(database, clock);
        Surroundings around = new Surroundings(database, log, roles, policy, new Accounts(database, log), users, clock);
        credentials = new Credentials(database, log, masterKey, new Accounts(database, log), lastAccess, clock);
        apiTokens = new ApiTokens(around, lastAccess, credentials, () -> IDLE_DAYS);
        drafts = new Drafts(around, credentials);
        secrets = new Secrets(around, apiTokens, credentials, lastAccess);
        keyImports = new KeyImports(around, credentials);
    }

    void createRole(String name) {
        roles.create(SYSTEM, name, RoleTerms.describing(""), null);
    }

    Created create(String description, String role) {
        return apiTokens
                .create(SYSTEM, role, ApiTokenTerms.withSecret(description, null), null)
                .value();
    }

    /** How much a lane of the database has done. */
    long done(String lane) {
        return database.lanes().stream()
                .map(Supplier::get)
                .filter(figures -> figures.name().equals(lane))
                .mapToLong(figures -> figures.done().number())
                .sum();
    }

    @Override
    public void close() {
        lastAccess.close();
        log.close();
        database.close();
    }
}
