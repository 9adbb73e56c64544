package dev.latchkey.apitoken;

import dev.latchkey.account.Accounts;
import dev.latchkey.account.Users;
import dev.latchkey.database.Database;
import dev.latchkey.event.EventLog;
import dev.latchkey.registry.CurrentPolicy;
import dev.latchkey.registry.Roles;
import java.time.Clock;
import java.time.Instant;

/** What the rules of API tokens depend on: the database and the log, and the roles, people and account that they refer to. */
public record Surroundings(
        Database database,
        EventLog log,
        Roles roles,
        CurrentPolicy policy,
        Accounts accounts,
        Users users,
        Clock clock) {

    Instant now() {
        return clock.instant();
    }
}
