package dev.latchkey.account;

import dev.latchkey.TestClock;
import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.RoleTerms;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.PasswordHash;
import dev.latchkey.database.Database;
import dev.latchkey.database.TestEngine;
import dev.latchkey.event.Event;
import dev.latchkey.event.EventFilter;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.Origin;
import dev.latchkey.event.RefusedRequests;
import dev.latchkey.problem.Page;
import dev.latchkey.registry.CurrentPolicy;
import dev.latchkey.registry.Roles;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Everything about people, joined as the server joins it, on a database of its own and a clock that tests turn. */
final class Installation implements AutoCloseable {
    static final Origin HOME = new Origin("192.0.2.10", "Firefox");
    static final Origin ELSEWHERE = new Origin("198.51.100.20", "Chrome");
    static final String ADA = "ada@example.com";
    static final String PASSWORD = "a few plain words";

    final TestClock clock = new TestClock();
    final MasterKey masterKey = MasterKey.parse(Base64.getEncoder().encodeToString(new byte[32]), "the test");
    final PasswordHash hashes = new PasswordHash();
    final Database database;
    final EventLog log;
    final RefusedRequests refused;
    final Roles roles;
    final Sessions sessions;
    final Users users;
    final Passwords passwords;
    final SignIn signIn;
    final Setup setup;

    Installation(TestEngine engine) {
        database = engine.open();
        log = new EventLog(database, masterKey, clock);
        refused = new RefusedRequests(database, log, clock);
        // Its background writing would bring real time into the tests; they flush it themselves.
        refused.close();
        CurrentPolicy policy = new CurrentPolicy(log);
        roles = new Roles(database, log, policy, clock, List.of(new UsersOfRole()));
        sessions = new Sessions(database, log, masterKey, clock);
        users = new Users(database, log, roles, policy, sessions, masterKey, clock);
        passwords = new Passwords(database, log, users, sessions, hashes, clock::nanoTime);
        signIn = new SignIn(database, sessions, hashes, new Devices(masterKey, clock), refused, clock, clock::nanoTime);
        setup = new Setup(database, log, roles, hashes, masterKey, clock);
    }

    /** With an account whose administrator is Ada. */
    static Installation withAda(TestEngine engine) {
        Installation installation = new Installation(engine);
        installation.setup.completeUnattended("Example", ADA, PASSWORD);
        return installation;
    }

    /** The person of this email as a caller. */
    Caller caller(String email) {
        return users.caller(user(email).id(), HOME).orElseThrow();
    }

    Caller ada() {
        return caller(ADA);
    }

    User user(String email) {
        return database.read(
                handle -> new UserStore().byEmail(handle, email).orElseThrow().user());
    }

    /** Invites a person and lets them choose the password that everybody has here. */
    User join(String email, String... roleNames) {
        String link = users.invite(ada(), email, "Somebody", List.of(roleNames), null)
                .value()
                .linkSecret();
        return passwords.acceptLink(String.valueOf(link), "Somebody", PASSWORD, HOME);
    }

    /** A role that allows these privileges. */
    void createRole(String name, Privilege... privileges) {
        roles.create(
                ada(),
                name,
                new RoleTerms("", new TreeSet<>(Set.of(privileges)), new TreeSet<>(), new TreeSet<>()),
                null);
    }

    /** A role that manages people and nothing else. */
    void createClerkRole() {
        createRole("clerk", ManagementApi.USERS_READ, ManagementApi.USERS_MANAGE);
    }

    /** Signs in with the password that everybody has here, and returns the cookie's secret. */
    String signIn(String email) {
        return signIn.signIn(email, PASSWORD, HOME) instanceof SignIn.Outcome.SignedIn signedIn
                ? signedIn.secret()
                : "";
    }

    boolean canSignIn(String email, String password) {
        boolean signedIn = signIn.signIn(email, password, HOME) instanceof SignIn.Outcome.SignedIn;
        // Written now, so that the events are in the order of what happened.
        refused.flush();
        return signedIn;
    }

    /** The newest first. */
    List<Event> events() {
        refused.flush();
        return log.list(EventFilter.ALL, new Page.Request(100, null)).items();
    }

    Event lastEvent() {
        return events().getFirst();
    }

    @Override
    public void close() {
        log.close();
        database.close();
    }
}
