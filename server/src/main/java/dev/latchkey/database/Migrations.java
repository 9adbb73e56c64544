package dev.latchkey.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.CoreErrorCode;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.jdbi.v3.core.Jdbi;

/** Brings the schema of a database up to date when it is opened: the migrations, and the search index. */
final class Migrations {
    private static final String FOLDER = "db/migration";
    static final String LOCATION = "classpath:" + FOLDER;

    private Migrations() {}

    /** The schema that this version knows. */
    static Schema known() {
        try {
            List<String> scripts = new ArrayList<>();
            for (URL folder : Collections.list(Migrations.class.getClassLoader().getResources(FOLDER))) {
                scripts.addAll(namesIn(folder.toURI()));
            }
            return Schema.madeBy(scripts);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> namesIn(URI folder) throws IOException {
        if (!folder.getScheme().equals("jar")) {
            return namesIn(Path.of(folder));
        }
        String inJar = folder.getRawSchemeSpecificPart();
        Path jar = Path.of(URI.create(inJar.substring(0, inJar.lastIndexOf('!'))));
        try (FileSystem content = FileSystems.newFileSystem(jar, Map.of())) {
            return namesIn(content.getPath(FOLDER));
        }
    }

    private static List<String> namesIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    /**
     * Makes the migrations that are missing. A node that finds the schema up to date does not block other nodes' writes.
     * Neither does one that finds a newer schema that keeps it working.
     *
     * @param source of {@link Dialect#schemaSource}
     * @param known the schema that this version knows
     * @throws UnusableDatabaseException when the tables are another program's, or of a version that this one cannot work
     *     with
     */
    static void bringUpToDate(Dialect dialect, DataSource source, DatabaseAddress address, Schema known) {
        Flyway flyway = Flyway.configure()
                .dataSource(source)
                .locations(LOCATION)
                .table(Schema.HISTORY)
                .loggers("slf4j")
                // Of migrations that this version does not know, the last one says whether it may continue.
                .ignoreMigrationPatterns("*:future")
                .load();
        SearchIndex index = dialect.searchIndex();
        Jdbi jdbi = Jdbi.create(source);
        boolean done = dialect.isShared()
                && flyway.validateWithResult().validationSuccessful
                && jdbi.<Boolean, RuntimeException>withHandle(index::isMade);
        if (!done) {
            dialect.aloneOn(source, () -> {
                // Another node may have made them while this one waited.
                if (!flyway.validateWithResult().validationSuccessful) {
                    migrate(flyway, address);
                }
                requireFit(jdbi.withHandle(Schema::of), known, address);
                jdbi.useHandle(handle -> {
                    if (!index.isMade(handle)) {
                        index.make(handle);
                    }
                });
            });
        }
        requireFit(jdbi.withHandle(Schema::of), known, address);
    }

    private static void requireFit(Schema found, Schema known, DatabaseAddress address) {
        if (known.whyNot(found).isPresent()) {
            throw new UnusableDatabaseException(
                    "The database " + address.shown() + " was changed by a newer version of Latchkey in a way that this"
                            + " version cannot work with: the database has schema " + found.version()
                            + " and needs a version that knows schema " + found.nodesSince() + "; this one knows "
                            + known.version() + ". Start a newer version, or restore a backup made with this one.",
                    null);
        }
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
