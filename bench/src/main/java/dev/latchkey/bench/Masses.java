package dev.latchkey.bench;

import dev.latchkey.crypto.KeyCheck;
import dev.latchkey.crypto.KeyedHash;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.database.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Many API tokens and many events, created by a few statements in a stopped server's database, on either engine. The first tokens
 * have secrets and the role {@code caller}; the others exist to be searched. The events follow the last existing one, and the
 * log's end is sealed after them, but their hashes are made up: this log cannot be verified.
 */
final class Masses {
    private static final String TOKENS = """
            insert into api_token (client_id, description, search_text, role_name, state, created_at, created_by_kind,
                created_by_id, created_by_name, last_access_at, last_access_address, version)
            with recursive number(i) as (select cast(0 as bigint) union all select i + 1 from number where i + 1 < ?)
            select id, 'Service ' || i || ' of team ' || (i % 1000), 'service ' || i || ' of team ' || (i % 1000) || ' ' || id,
                case when i < ? then 'caller' else 'public' end, 'active', 1735689600000 + i * 1000, 'program', 'bench',
                'Bench', 1735689600000 + i * 1500, '192.0.2.7', 1
            from (select i, account_key || '.' || substr(cast(10000000000000000 + i as text), 2) as id
                from number cross join account) as made""";

    private static final String EVENTS = """
            insert into event (sequence, at, actor_kind, actor_id, actor_name, actor_role, address, user_agent, operation,
                target_kind, target_id, target_name, changes, previous_hash, hash)
            with recursive number(i) as (
                select cast(sequence + 1 as bigint) from event_head union all select i + 1 from number where i < ?)
            select i, newest + i / 1000, 'person', 'person-' || (i % 500), 'Person ' || (i % 500), 'accountadmin', '192.0.2.9',
                'Mozilla/5.0', case when i % 3 = 0 then 'session.start' else 'api_token.edit' end,
                case when i % 3 = 0 then 'user' else 'api_token' end, 'target-' || (i % 100000), 'Target ' || (i % 100000),
                '[]', 'made-up-' || (i - 1), 'made-up-' || i
            from number cross join (select max(at) as newest from event) as before""";

    /** What the log records with every thousandth event; otherwise the next such event would record all of it at once. */
    private static final String SPANS = """
            insert into event_span (last_sequence, earliest, latest)
            select (sequence + 999) / 1000 * 1000, min(at), max(at) from event
            where sequence > (select coalesce(max(last_sequence), 0) from event_span)
                and sequence <= (select max(sequence) / 1000 * 1000 from event)
            group by (sequence + 999) / 1000 * 1000""";

    private Masses() {}

    /**
     * Fills the database and runs the server's own housekeeping.
     *
     * @param callers how many of the tokens have secrets
     * @return the first part of the tokens' client ids
     */
    static String fill(Ground ground, int tokens, int callers, int events) {
        try (Database database = Database.open(ground.address())) {
            MasterKey masterKey = KeyCheck.loadOrCreate(database, ground.data().resolve("master.key"));
            try (Connection connection = ground.connect()) {
                String account = fill(connection, ground.engine(), masterKey, tokens, callers, events);
                analyze(connection, ground.engine());
                return account;
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        } finally {
            // Rebuilds the search index, which was dropped.
            try (Database database = Database.open(ground.address())) {
                database.keepStatistics();
            }
        }
    }

    private static String fill(
            Connection connection, Ground.Engine engine, MasterKey masterKey, int tokens, int callers, int events)
            throws SQLException {
        connection.setAutoCommit(true);
        try (Statement statement = connection.createStatement()) {
            if (engine == Ground.Engine.SQLITE) {
                // Each index grows at random places.
                statement.execute("pragma cache_size = -500000");
                statement.execute("pragma synchronous = off");
            }
            connection.setAutoCommit(false);
            update(connection, TOKENS, tokens, callers);
            String account = text(statement, "select account_key from account");
            secrets(connection, new KeyedHash(masterKey, "api token secret"), account, callers);
            statement.execute("delete from api_token_count");
            statement.execute("insert into api_token_count (role_name, state, number) select role_name, state, count(*)"
                    + " from api_token where state <> 'draft' group by role_name, state");
            update(connection, EVENTS, events);
            update(connection, SPANS);
            seal(connection, new KeyedHash(masterKey, "event chain end"));
            statement.execute("drop table if exists api_token_search");
            connection.commit();
            return account;
        }
    }

    private static void update(Connection connection, String sql, int... numbers) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < numbers.length; i++) {
                statement.setInt(i + 1, numbers[i]);
            }
            statement.execute();
        }
    }

    private static void secrets(Connection connection, KeyedHash hashes, String account, int callers)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "insert into api_token_secret (client_id, secret_hash, created_at, number) values (?, ?, ?, 1)")) {
            for (int i = 0; i < callers; i++) {
                statement.setString(1, Filling.clientId(account, i));
                statement.setString(2, hashes.of(Filling.secret(i)));
                statement.setLong(3, 1_735_689_600_000L);
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    private static void seal(Connection connection, KeyedHash ends) throws SQLException {
        try (Statement statement = connection.createStatement();
                PreparedStatement head =
                        connection.prepareStatement("update event_head set sequence = ?, hash = ?, seal = ?")) {
            long last = Long.parseLong(text(statement, "select max(sequence) from event"));
            String hash = text(statement, "select hash from event order by sequence desc limit 1");
            head.setLong(1, last);
            head.setString(2, hash);
            head.setString(3, ends.of(last + ":" + hash));
            head.execute();
        }
    }

    private static String text(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    private static void analyze(Connection connection, Ground.Engine engine) throws SQLException {
        connection.setAutoCommit(true);
        try (Statement statement = connection.createStatement()) {
            switch (engine) {
                case SQLITE -> statement.execute("pragma wal_checkpoint(truncate)");
                case POSTGRESQL -> statement.execute("vacuum analyze");
            }
        }
    }
}
