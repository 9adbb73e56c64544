package dev.latchkey.database;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationVersion;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * An installation of every version so far, upgraded to the newest. A new migration {@code V<n>} comes with its rows,
 * {@code upgrade/V<n>__rows.sql}: at least one in every table of that version.
 */
class UpgradeTest {
    /** What the migration to version 11 adds to the way of authenticating. */
    private static final String SAID_BY_V11 = "\"tokenEndpointAudience\":true,";

    /** Created from other rows when the database is opened, and different on each engine. */
    private static final String SEARCH_INDEX = "api_token_search";

    /** Tables that a migration drops on purpose; a test of that migration checks where their rows went. */
    private static final Set<String> DROPPED = Set.of();

    static Stream<Arguments> everyVersionOnEveryEngine() {
        return Arrays.stream(Flyway.configure()
                        .dataSource("jdbc:sqlite::memory:", null, null)
                        .locations(Migrations.LOCATION)
                        .load()
                        .info()
                        .all())
                .flatMap(migration -> Stream.of(TestEngine.values())
                        .map(engine -> Arguments.of(migration.getVersion().getVersion(), engine)));
    }

    @ParameterizedTest
    @MethodSource("everyVersionOnEveryEngine")
    void theRowsOfAnOldVersionSurviveEveryMigration(String version, TestEngine engine) throws IOException {
        DatabaseAddress address = engine.newAddress();
        Map<String, List<Map<String, Object>>> before;
        try (HikariDataSource source = Dialect.of(address).writers(address, Duration.ofMinutes(1))) {
            migrate(source, version);
            before = Jdbi.create(source).inTransaction(handle -> {
                handle.createScript(rowsOf(version)).execute();
                return content(handle);
            });
        }
        assertThat(before)
                .as("tables without a row in upgrade/V" + version + "__rows.sql")
                .allSatisfy((table, rows) -> assertThat(rows).isNotEmpty());

        try (Database database = Database.open(address)) {
            Map<String, List<Map<String, Object>>> after = database.read(UpgradeTest::content);
            before.forEach((table, rows) -> {
                if (DROPPED.contains(table)) {
                    assertThat(after).doesNotContainKey(table);
                } else {
                    assertThat(after).containsKey(table);
                    assertThat(commonColumns(after.get(table), rows))
                            .as(table)
                            .containsExactlyInAnyOrderElementsOf(commonColumns(rows, after.get(table)));
                }
            });
            assertThat(database.<List<String>>read(handle -> violations(handle, engine)))
                    .isEmpty();
            assertThat(database.<Long>read(UpgradeTest::kept))
                    .as("tokens by the counts that are kept")
                    .isEqualTo(2);
            SearchIndex index = database.dialect().searchIndex();
            assertThat(database.<Optional<Set<String>>>read(
                            handle -> index.candidates(handle, "nightly", "%nightly%", 10)))
                    .hasValue(Set.of("k7m2qd.active0000000000"));
        }
    }

    /** Migrations before the first release may say nothing: no node of an earlier version exists. */
    private static final int FIRST_THAT_SAYS_WHICH_NODES_CONTINUE = 23;

    @Test
    void everyMigrationSaysWhichNodesItKeepsWorkingAndNoneKeepsOneThatAnEarlierOneStopped() {
        List<MigrationInfo> migrations = Arrays.stream(Flyway.configure()
                        .dataSource("jdbc:sqlite::memory:", null, null)
                        .locations(Migrations.LOCATION)
                        .load()
                        .info()
                        .all())
                .toList();
        long before = 0;
        for (MigrationInfo migration : migrations) {
            Schema schema = Schema.of(migration.getVersion().getVersion(), migration.getScript());
            assertThat(schema.nodesSince()).as(migration.getScript()).isBetween(before, schema.version());
            before = schema.nodesSince();
            if (schema.version() >= FIRST_THAT_SAYS_WHICH_NODES_CONTINUE) {
                assertThat(migration.getScript()).matches("V\\d+__\\w+__nodes_since_\\d+\\.sql");
            }
        }
        assertThat(Migrations.known().version())
                .isEqualTo(Long.parseLong(migrations.getLast().getVersion().getVersion()));
    }

    @ParameterizedTest
    @EnumSource(TestEngine.class)
    void whatTheOldestVersionThatMayRunAlongsideReadsAndWritesFitsTheNewestSchema(TestEngine engine)
            throws IOException {
        String oldest = Long.toString(Migrations.known().nodesSince());
        DatabaseAddress address = engine.newAddress();
        Map<String, Set<String>> read;
        try (HikariDataSource source = Dialect.of(address).writers(address, Duration.ofMinutes(1))) {
            migrate(source, oldest);
            read = Jdbi.create(source).withHandle(UpgradeTest::columns);
        }
        try (Database database = Database.open(address)) {
            Map<String, Set<String>> now = database.read(UpgradeTest::columns);
            assertThat(now.keySet()).containsAll(read.keySet());
            read.forEach(
                    (table, columns) -> assertThat(now.get(table)).as(table).containsAll(columns));
            String rows = rowsOf(oldest);
            database.change(
                    transaction -> transaction.handle().createScript(rows).execute());
        }
    }

    private static Map<String, Set<String>> columns(Handle handle) {
        return tables(handle).stream()
                .collect(Collectors.toMap(
                        table -> table,
                        table -> handle.queryMetadata(metadata -> metadata.getColumns(null, null, table, "%"))
                                .map((row, context) -> row.getString("COLUMN_NAME") + " " + row.getString("TYPE_NAME"))
                                .set()));
    }

    @ParameterizedTest
    @EnumSource(TestEngine.class)
    void version11FindsOutsideIssuersAndKeepsWhatAssertionsMaySay(TestEngine engine) {
        DatabaseAddress address = engine.newAddress();
        try (HikariDataSource source = Dialect.of(address).writers(address, Duration.ofMinutes(1))) {
            migrate(source, "9");
            Jdbi.create(source).useHandle(handle -> {
                for (String authentication : List.of(
                        "{\"method\":\"client_secret\"}",
                        "{\"method\":\"private_key_jwt\",\"jwksUri\":\"https://keys.example/\"}",
                        "{\"method\":\"federated\",\"issuer\":\"https://ci.example/köln\",\"audience\":\"x\","
                                + "\"claims\":{\"issuer\":\"other\"}}",
                        "{\"method\":\"federated\",\"jwks\":{\"keys\":[{\"kty\":\"EC\",\"x\":\"" + "A".repeat(2_000)
                                + "\"}]},\"issuer\":\"https://two.example\",\"audience\":\"y\"}")) {
                    handle.execute(
                            "insert into api_token (client_id, description, search_text, role_name, state, created_at,"
                                    + " created_by_kind, created_by_id, created_by_name, version, authentication) values (?,"
                                    + " '', '', 'r', 'active', 0, 'system', 's', 's', 1, ?)",
                            "token" + authentication.length(),
                            authentication);
                }
            });
        }
        try (Database database = Database.open(address)) {
            assertThat(database.<List<String>>read(handle -> handle.createQuery(
                                    "select coalesce(outside_issuer, '') || ' ' || substr(authentication, 1, 40) from"
                                            + " api_token order by 1")
                            .mapTo(String.class)
                            .list()))
                    .containsExactlyInAnyOrder(
                            " {\"method\":\"client_secret\"}",
                            " {\"tokenEndpointAudience\":true,\"method\":\"",
                            "https://ci.example/köln {\"method\":\"federated\",\"issuer\":\"https://",
                            "https://two.example {\"method\":\"federated\",\"jwks\":{\"keys\":[{\"");
        }
    }

    @ParameterizedTest
    @EnumSource(TestEngine.class)
    void version15KnowsWhoRevokedATokenAsFarAsTheLogTells(TestEngine engine) {
        DatabaseAddress address = engine.newAddress();
        try (HikariDataSource source = Dialect.of(address).writers(address, Duration.ofMinutes(1))) {
            migrate(source, "14");
            Jdbi.create(source).useHandle(handle -> {
                for (String token : List.of("by-ada", "by-program", "again", "wiped", "other-name")) {
                    String by = token.equals("by-program") ? "Nightly job" : "ada@example.com";
                    handle.execute(
                            "insert into api_token (client_id, description, search_text, role_name, state, created_at,"
                                    + " created_by_kind, created_by_id, created_by_name, revoked_at, revoked_by_name, version)"
                                    + " values (?, '', '', 'r', 'revoked', 0, 'system', 's', 's', 1, ?, 1)",
                            token,
                            by);
                }
                handle.execute(
                        "insert into api_token (client_id, description, search_text, role_name, state, created_at,"
                                + " created_by_kind, created_by_id, created_by_name, version) values ('active', '', '', 'r',"
                                + " 'active', 0, 'system', 's', 's', 1)");
                event(handle, 1, "person", "user1", "ada@example.com", "api_token.create", "by-ada");
                event(handle, 2, "person", "user2", "ada@example.com", "api_token.revoke", "by-ada");
                event(handle, 3, "person", "user3", "ada@example.com", "api_token.update", "by-ada");
                event(handle, 4, "program", "k7m2qd.0", "Nightly job", "api_token.revoke", "by-program");
                event(handle, 5, "system", "history", "history", "api_token.revoke", "again");
                event(handle, 6, "person", "user4", "ben@example.com", "api_token.revoke", "other-name");
                handle.execute(
                        "insert into lost_change (hash, sequence, at, actor_kind, actor_id, actor_name, operation,"
                                + " target_kind, target_id, target_name, changes, previous_hash, noticed_at, state) values ('lost', 5,"
                                + " 1, 'person', 'user5', 'ada@example.com', 'api_token.revoke', 'api_token', 'again', '', '[]', '',"
                                + " 2, 'ended_again')");
            });
        }
        try (Database database = Database.open(address)) {
            assertThat(database.<List<String>>read(handle -> handle.createQuery(
                                    "select client_id || ': ' || coalesce(revoked_by_kind || ' ' || revoked_by_id || ' ' ||"
                                            + " revoked_by_name, 'no one') from api_token")
                            .mapTo(String.class)
                            .list()))
                    .containsExactlyInAnyOrder(
                            "by-ada: person user2 ada@example.com",
                            "by-program: program k7m2qd.0 Nightly job",
                            "again: person user5 ada@example.com",
                            "wiped: unknown ada@example.com ada@example.com",
                            "other-name: unknown ada@example.com ada@example.com",
                            "active: no one");
        }
    }

    private static void event(Handle handle, long sequence, String... actorOperationAndToken) {
        handle.execute(
                "insert into event (sequence, at, actor_kind, actor_id, actor_name, operation, target_kind, target_id,"
                        + " target_name, changes, previous_hash, hash) values (" + sequence
                        + ", 1, ?, ?, ?, ?, 'api_token', ?, '', '[]', '', '')",
                (Object[]) actorOperationAndToken);
    }

    private static long kept(Handle handle) {
        return handle.createQuery("select cast(sum(number) as bigint) from api_token_count")
                .mapTo(Long.class)
                .one();
    }

    private static String rowsOf(String version) throws IOException {
        String name = "/upgrade/V" + version + "__rows.sql";
        try (InputStream in = UpgradeTest.class.getResourceAsStream(name)) {
            assertThat(in)
                    .as("src/test/resources" + name + " for the migration V" + version)
                    .isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static Map<String, List<Map<String, Object>>> content(Handle handle) {
        Map<String, List<Map<String, Object>>> content = new LinkedHashMap<>();
        for (String table : tables(handle)) {
            content.put(
                    table,
                    handle.createQuery("select * from " + table).mapToMap().list());
        }
        return content;
    }

    private static SortedSet<String> tables(Handle handle) {
        return handle
                .queryMetadata(metadata -> metadata.getTables(null, null, "%", new String[] {"TABLE"}))
                .map((row, context) -> row.getString("TABLE_SCHEM") + "." + row.getString("TABLE_NAME"))
                .stream()
                .filter(name -> !name.startsWith("pg_catalog.") && !name.startsWith("information_schema."))
                .map(name -> name.substring(name.indexOf('.') + 1).toLowerCase(Locale.ROOT))
                .filter(name ->
                        !name.equals(Schema.HISTORY) && !name.startsWith("sqlite_") && !name.startsWith(SEARCH_INDEX))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The rows reduced to the columns that the others have too, every value as text. */
    private static List<Map<String, String>> commonColumns(
            List<Map<String, Object>> rows, List<Map<String, Object>> others) {
        return rows.stream()
                .map(row -> row.entrySet().stream()
                        .filter(column -> others.isEmpty() || others.getFirst().containsKey(column.getKey()))
                        .collect(Collectors.toMap(
                                Map.Entry::getKey,
                                column -> String.valueOf(column.getValue()).replace(SAID_BY_V11, ""))))
                .toList();
    }

    private static List<String> violations(Handle handle, TestEngine engine) {
        return switch (engine) {
            case SQLITE ->
                Stream.concat(
                                handle.createQuery("pragma integrity_check").mapTo(String.class).stream()
                                        .filter(line -> !line.equals("ok")),
                                handle.createQuery("pragma foreign_key_check").mapToMap().stream()
                                        .map(Map::toString))
                        .toList();
            case POSTGRESQL ->
                handle.createQuery("select conname from pg_constraint where not convalidated")
                        .mapTo(String.class)
                        .list();
        };
    }

    /** Migrates the database to this version only. */
    private static void migrate(HikariDataSource source, String version) {
        Flyway.configure()
                .dataSource(source)
                .locations(Migrations.LOCATION)
                .table(Schema.HISTORY)
                .target(MigrationVersion.fromVersion(version))
                .load()
                .migrate();
    }
}
