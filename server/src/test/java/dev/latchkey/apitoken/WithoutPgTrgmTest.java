package dev.latchkey.apitoken;

import static dev.latchkey.apitoken.TokensOnEngine.SYSTEM;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.apitoken.ApiTokenQuery.Sort;
import dev.latchkey.database.DatabaseAddress.PostgresqlUrl;
import dev.latchkey.database.TestEngine;
import dev.latchkey.problem.Page;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

/** PostgreSQL where Latchkey's user may make tables, and no extension. */
class WithoutPgTrgmTest {
    private final PostgresqlUrl superuser = (PostgresqlUrl) TestEngine.POSTGRESQL.newAddress();

    @Test
    void searchesReadRowByRowUntilTheExtensionIsCreated() throws SQLException {
        execute("create role tables_only login", "grant usage, create on schema public to tables_only");
        PostgresqlUrl address =
                new PostgresqlUrl(superuser.url().replace("user=postgres", "user=tables_only"), null, null);
        String first;
        try (TokensOnEngine tokens = new TokensOnEngine(address)) {
            assertThat(hasIndex(tokens)).isFalse();
            first = tokens.create("The nightly job", "public").apiToken().clientId();
            tokens.create("Another", "public");
            assertThat(found(tokens, "NIGHTLY")).containsExactly(first);
            assertThat(found(tokens, "nowhere")).isEmpty();
        }

        execute("create extension pg_trgm");
        try (TokensOnEngine tokens = new TokensOnEngine(address)) {
            assertThat(hasIndex(tokens)).isTrue();
            String second =
                    tokens.create("Another nightly job", "public").apiToken().clientId();
            assertThat(found(tokens, "nightly")).containsExactlyInAnyOrder(first, second);
        }

        execute("drop extension pg_trgm cascade");
        try (TokensOnEngine tokens = new TokensOnEngine(address)) {
            assertThat(hasIndex(tokens)).isFalse();
            tokens.create("A third nightly job", "public");
            assertThat(found(tokens, "nightly")).hasSize(3);
            execute("create extension pg_trgm");
        }

        try (TokensOnEngine tokens = new TokensOnEngine(address)) {
            assertThat(hasIndex(tokens)).isTrue();
            assertThat(found(tokens, "nightly")).hasSize(3);
        }
    }

    private static boolean hasIndex(TokensOnEngine tokens) {
        return tokens.database.<Boolean>read(tokens.database.dialect().searchIndex()::isMade);
    }

    private static List<String> found(TokensOnEngine tokens, String search) {
        return tokens
                .apiTokens
                .list(SYSTEM, new ApiTokenQuery(search, null, null, null, Sort.CREATED, true), Page.Request.FIRST)
                .items()
                .stream()
                .map(ApiToken::clientId)
                .toList();
    }

    private void execute(String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(superuser.url());
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }
}
