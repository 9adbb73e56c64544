package dev.latchkey.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.database.DatabaseAddress.PostgresqlUrl;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresqlEncodingTest {
    @ParameterizedTest
    @ValueSource(strings = {"LATIN1", "SQL_ASCII"})
    void aDatabaseThatCannotHoldAllLettersIsRefusedBeforeAnythingIsWritten(String encoding) {
        String usual = ((PostgresqlUrl) TestEngine.POSTGRESQL.newAddress()).url();
        String name = "in_" + encoding.toLowerCase(java.util.Locale.ROOT);
        Jdbi.create(usual)
                .useHandle(handle -> handle.execute("create database " + name + " encoding '" + encoding
                        + "' lc_collate 'C' lc_ctype 'C' template template0"));
        PostgresqlUrl address = new PostgresqlUrl(usual.replaceFirst("/test_[0-9]+", "/" + name), null, null);
        assertThatThrownBy(() -> Database.open(address))
                .isInstanceOf(UnusableDatabaseException.class)
                .hasMessageContaining(address.shown())
                .hasMessageContaining("has the encoding " + encoding)
                .hasMessageContaining("encoding 'UTF8' template template0")
                .message()
                .hasLineCount(1);
        assertThatThrownBy(() -> new PostgresqlCopy(address).isEmpty())
                .as("a backup is not restored there, either")
                .isInstanceOf(UnusableDatabaseException.class)
                .hasMessageContaining("has the encoding " + encoding);
        long tables = Jdbi.create(address.url())
                .withHandle(handle -> handle.createQuery(
                                "select count(*) from information_schema.tables where table_schema = 'public'")
                        .mapTo(Long.class)
                        .one());
        assertThat(tables).isZero();
    }
}
