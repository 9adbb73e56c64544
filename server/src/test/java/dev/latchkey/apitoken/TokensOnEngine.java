package dev.latchkey.apitoken;

import dev.latchkey.TestClock;
import dev.latchkey.access.Caller;
import dev.latchkey.account.Accounts;
import dev.latchkey.account.Sessions;
import dev.latchkey.account.Setup;
import dev.latchkey.account.Users;
import dev.latchkey.apitoken.ApiTokens.Created;
import dev.latchkey.apitoken.ApiTokens.NewApiToken;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.PasswordHash;
import dev.latchkey.database.Database;
import dev.latchkey.database.DatabaseAddress;
import dev.latchkey.event.EventLog;
import dev.latchkey.registry.CurrentPolicy;
import dev.latchkey.registry.RoleEdit;
import dev.latchkey.registry.Roles;
import java.util.Base64;
import java.util.List;
import java.util.TreeSet;

/** API tokens on a database of their own, without a server around them. */
final class TokensOnEngine implements AutoCloseable {
    static final Caller SYSTEM = Caller.system("test");

    final TestClock clock = new TestClock();
    final Database database;
    final Roles roles;
    final Users users;
    final ApiTokens apiTokens;
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
                database,
                log,
                roles,
                policy,
                new Sessions(database, log, masterKey, clock),
                passwords,
                masterKey,
                clock);
        Setup setup = new Setup(database, log, roles, passwords, masterKey, clock);
        if (setup.account().isEmpty()) {
            setup.completeUnattended("Example", "ada@example.com", "correct-horse-battery");
        }
        lastAccess = new LastAccess(database, clock);
        apiTokens = new ApiTokens(
                database, log, roles, policy, new Accounts(database, log), users, lastAccess, masterKey, clock);
    }

    void createRole(String name) {
        roles.create(SYSTEM, name, new RoleEdit("", new TreeSet<>(), new TreeSet<>(), new TreeSet<>()), null);
    }

    Created create(String description, String role) {
        return apiTokens
                .create(SYSTEM, new NewApiToken(description, role, null), null)
                .value();
    }

    @Override
    public void close() {
        lastAccess.close();
        log.close();
        database.close();
    }
}
