package dev.latchkey.database;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.CoreErrorCode;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.jdbi.v3.core.Jdbi;

/** Brings the schema of a database up to date when it is opened: the migrations, and the search index. */
final class Migrations {
    static final String LOCATION = "classpath:db/migration";

    private Migrations() {}

    /**
     * Makes the migrations that are missing. A node that finds the schema up to date does not block other nodes' writes.
     *
     * @param source of {@link Dialect#schemaSource}
     * @return the schema that is there then
     * @throws UnusableDatabaseException when the tables are another program's, or of another version
     */
    static Schema bringUpToDate(Dialect dialect, DataSource source, DatabaseAddress address) {
        Flyway flyway = Flyway.configure()
                .dataSource(source)
                .locations(LOCATION)
                .table(Schema.HISTORY)
                .loggers("slf4j")
                // A migration that this version does not know means a newer version was here: refuse.
                .ignoreMigrationPatterns(new String[0])
                .load();
        SearchIndex index = dialect.searchIndex();
        Jdbi jdbi = Jdbi.create(source);
        boolean done = dialect.isShared()
                && flyway.validateWithResult().validationSuccessful
                && jdbi.<Boolean, RuntimeException>withHandle(index::isMade);
        if (!done) {
            dialect.aloneOn(source, () -> {
                migrate(flyway, address);
                jdbi.useHandle(handle -> {
                    if (!index.isMade(handle)) {
                        index.make(handle);
                    }
                });
            });
        }
        return jdbi.withHandle(Schema::of);
    }

    private static void migrate(Flyway flyway, DatabaseAddress address) {
        try {
            flyway.migrate();
        } catch (FlywayValidateException e) {
            throw new UnusableDatabaseException(
                    "The database " + address.shown() + " was last used by a newer or modified version of"
                            + " Latchkey. Start that version, or restore a backup made with this one.",
                    e);
        } catch (FlywayException e) {
            if (e.getErrorCode() == CoreErrorCode.NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE) {
                throw new UnusableDatabaseException(
                        "The database " + address.shown() + " contains tables of another program. Use a separate"
                                + " database for Latchkey.",
                        e);
            }
            throw e;
        }
    }
}
