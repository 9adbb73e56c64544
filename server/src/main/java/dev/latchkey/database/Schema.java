package dev.latchkey.database;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * A schema, by its newest migration, and which older nodes it keeps working. A migration that only widens says so in its
 * name: {@code V23__groups__nodes_since_21.sql} keeps nodes working that know schema 21 or a later one. Flyway records the
 * name in the same transaction, so older nodes can read there whether they may continue. A migration that says nothing
 * keeps no older node working.
 *
 * @param version the number of the newest migration
 * @param nodesSince the lowest schema that a node must know to work with this one
 */
public record Schema(long version, long nodesSince) {
    /** Flyway's table of the migrations that were made. */
    static final String HISTORY = "schema_history";

    /** One row, even without any migration, for {@link #of(String, String)}. */
    static final String QUERY = "select (select version from " + HISTORY
            + " order by installed_rank desc limit 1), (select script from " + HISTORY
            + " order by installed_rank desc limit 1)";

    private static final Pattern SCRIPT = Pattern.compile("V(\\d{1,9})__\\w+\\.sql");
    private static final Pattern DECLARATION = Pattern.compile("__nodes_since_(\\d{1,9})\\.sql$");

    /** The schema that these migrations make. */
    static Schema madeBy(List<String> scripts) {
        return scripts.stream()
                .map(SCRIPT::matcher)
                .filter(Matcher::matches)
                .map(script -> of(script.group(1), script.group()))
                .max(Comparator.comparingLong(Schema::version))
                .orElseThrow();
    }

    static Schema of(Handle handle) {
        return handle.createQuery(QUERY)
                .map((row, context) -> of(row.getString(1), row.getString(2)))
                .one();
    }

    /**
     * The schema after this migration.
     *
     * @param version null before the first one
     */
    static Schema of(@Nullable String version, @Nullable String script) {
        if (version == null) {
            return new Schema(0, 0);
        }
        // We number migrations; a number of another form is of a later custom.
        long number = version.matches("\\d{1,9}") ? Long.parseLong(version) : Long.MAX_VALUE;
        Matcher declaration = DECLARATION.matcher(script == null ? "" : script);
        return new Schema(number, declaration.find() ? Long.parseLong(declaration.group(1)) : number);
    }

    /** Whether a node that knows this schema can work with the one that was found, although that is newer. */
    boolean worksWithNewer(Schema found) {
        return found.version() > version && found.nodesSince() <= version;
    }

    /** Why a node that knows this schema cannot use the one that was found; empty when it can. */
    Optional<String> whyNot(Schema found) {
        if (found.version() == version || worksWithNewer(found)) {
            return Optional.empty();
        }
        return Optional.of(
                found.version() > version
                        ? "A newer Latchkey has changed this database in a way that this version cannot work with. Replace"
                                + " this node with the newer version."
                        : "The database has an older schema than when this node started. Restart this node.");
    }
}
