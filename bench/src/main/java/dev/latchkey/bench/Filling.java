package dev.latchkey.bench;

import dev.latchkey.crypto.KeyCheck;
import dev.latchkey.crypto.KeyedHash;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.database.Database;
import dev.latchkey.database.DatabaseAddress;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Fills a stopped server's SQLite database with API tokens, directly into its tables, without events. Each token has its own
 * secret, so the server finds, hashes and compares as usual.
 */
public final class Filling {
    /** The last part of each client id and of its secret, by its number. */
    private static final String KEY = "%016d";

    private static final String SECRET = "bench-";
    private static final long START = 1_735_689_600_000L;

    private Filling() {}

    /** Makes sure that there are this many of them; returns the first part of their client ids. */
    public static String fill(Path data, int number) {
        Path file = data.resolve("latchkey.db");
        KeyedHash hashes = hashes(data, file);
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
            connection.setAutoCommit(false);
            int from = count(connection);
            String account = account(connection);
            List<String> indexes = dropIndexes(connection);
            insert(connection, hashes, account, from, number);
            try (Statement statement = connection.createStatement()) {
                for (String index : indexes) {
                    statement.execute(index);
                }
                statement.execute("delete from api_token_count");
                statement.execute(
                        "insert into api_token_count (role_name, state, number) select role_name, state, count(*)"
                                + " from api_token where state <> 'draft' group by role_name, state");
                // Rebuilt at the next start, from all of them at once.
                statement.execute("drop table api_token_search");
            }
            connection.commit();
            keepHouse(file);
            return account;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What a server does when it starts, and each minute. */
    private static void keepHouse(Path file) {
        try (Database database = Database.open(new DatabaseAddress.SqliteFile(file))) {
            database.keepStatistics();
        }
    }

    /** The client id of the token of this number. */
    public static String clientId(String account, int number) {
        return account + "." + String.format(Locale.ROOT, KEY, number);
    }

    /** Its secret. */
    public static String secret(int number) {
        return SECRET + String.format(Locale.ROOT, KEY, number);
    }

    private static KeyedHash hashes(Path data, Path file) {
        try (Database database = Database.open(new DatabaseAddress.SqliteFile(file))) {
            MasterKey masterKey = KeyCheck.loadOrCreate(database, data.resolve("master.key"));
            return new KeyedHash(masterKey, "api token secret");
        }
    }

    private static int count(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("select count(*) from api_token where created_by_id = 'bench'")) {
            row.next();
            return row.getInt(1);
        }
    }

    private static String account(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select account_key from account")) {
            row.next();
            return row.getString(1);
        }
    }

    /** Drops the indexes, which would make this several times slower, and returns their definitions. */
    private static List<String> dropIndexes(Connection connection) throws SQLException {
        List<String> names = new ArrayList<>();
        List<String> definitions = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("select name, sql from sqlite_master where type = 'index' and sql"
                                + " is not null and tbl_name in ('api_token', 'api_token_secret')")) {
            while (rows.next()) {
                names.add(rows.getString(1));
                definitions.add(rows.getString(2));
            }
        }
        try (Statement statement = connection.createStatement()) {
            for (String name : names) {
                statement.execute("drop index " + name);
            }
        }
        return definitions;
    }

    private static void insert(Connection connection, KeyedHash hashes, String account, int from, int to)
            throws SQLException {
        try (PreparedStatement token = connection.prepareStatement(
                        "insert into api_token (client_id, description, search_text, role_name, state, created_at,"
                                + " created_by_kind, created_by_id, created_by_name, last_access_at, last_access_address,"
                                + " version) values (?, ?, ?, ?, ?, ?, 'program', 'bench', 'Bench', ?, '192.0.2.7', 1)");
                PreparedStatement secret = connection.prepareStatement(
                        "insert into api_token_secret (client_id, secret_hash, created_at, number) values (?, ?, ?, 1)")) {
            for (int i = from; i < to; i++) {
                String clientId = clientId(account, i);
                String description = "Service " + i + " of team " + i % 1_000;
                token.setString(1, clientId);
                token.setString(2, description);
                token.setString(3, description.toLowerCase(Locale.ROOT) + " " + clientId);
                token.setString(4, "public");
                token.setString(5, i % 10 == 9 ? "revoked" : "active");
                token.setLong(6, START + i * 1_000L);
                token.setLong(7, START + i * 1_500L);
                token.execute();
                secret.setString(1, clientId);
                secret.setString(2, hashes.of(secret(i)));
                secret.setLong(3, START + i * 1_000L);
                secret.execute();
            }
        }
    }

    /**
     * Lua with which wrk uses a random one of them for each request.
     *
     * @param account the first part of the client ids
     * @param number how many of them to choose from; every tenth is revoked and so left out
     */
    static String random(String account, int number) {
        return String.format(Locale.ROOT, """
                local seeded = false
                function request()
                  if not seeded then
                    seeded = true
                    math.randomseed(os.time() + tonumber(tostring({}):sub(8), 16) %% 1000000)
                  end
                  local i = math.random(0, %d)
                  if i %% 10 == 9 then i = i - 1 end
                  local key = string.format("%%016d", i)
                  return wrk.format("POST", nil, nil,
                    "grant_type=client_credentials&client_id=%s." .. key .. "&client_secret=bench-" .. key)
                end
                """, number - 1, account);
    }
}
