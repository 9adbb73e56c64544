package dev.latchkey.console;

import dev.latchkey.access.AuditApi;
import dev.latchkey.access.CurrentPolicy;
import dev.latchkey.access.Operation;
import dev.latchkey.access.Roles;
import dev.latchkey.account.Sessions;
import dev.latchkey.account.Setup;
import dev.latchkey.account.SignIn;
import dev.latchkey.account.Users;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.gate.Guard;
import dev.latchkey.http.Routes;
import java.time.Clock;
import java.util.List;

/** The console. */
public final class Console {
    public Console(
            Guard guard,
            Setup setup,
            SignIn signIn,
            Sessions sessions,
            Users users,
            Roles roles,
            CurrentPolicy policy,
            ApiTokens apiTokens,
            AuditApi audit,
            List<Operation> operations,
            String issuer,
            String version,
            Clock clock) {}

    public void addTo(Routes.Builder routes) {}
}
