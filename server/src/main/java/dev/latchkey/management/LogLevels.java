package dev.latchkey.management;

import static dev.latchkey.access.ManagementApi.ACCOUNT_MANAGE;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import dev.latchkey.access.Caller;
import dev.latchkey.database.Database;
import dev.latchkey.event.Change;
import dev.latchkey.event.Event;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Target;
import dev.latchkey.event.TargetKind;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Problem.FieldError;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How much of what happens is written to the server's log. It can be changed while the service runs, for all of Latchkey or a
 * part of it, until the next restart. A change is an event, because anyone who silences the log hides what happens; and all
 * nodes follow it.
 *
 * <p>Only Latchkey's own loggers can be changed. Those of libraries write header fields, and so credentials, at lower levels.
 */
public final class LogLevels {
    /** All of Latchkey. */
    static final String ALL = "dev.latchkey";

    /** The packages that log. */
    private static final List<String> PARTS = List.of(
            "account",
            "apitoken",
            "console",
            "crypto",
            "database",
            "event",
            "gate",
            "health",
            "http",
            "lane",
            "limit",
            "oauth",
            "problem",
            "usage");

    /** The names of all loggers whose level can be changed. */
    static final List<String> NAMES = names();

    private static final List<String> LEVELS = List.of("error", "warn", "info", "debug");

    private static final Target TARGET = Target.named(TargetKind.LOG_LEVEL, "log levels");

    private final Database database;
    private final EventLog log;
    private final Supplier<String> set;
    private final LoggerContext context;

    /**
     * @param set the level of all of Latchkey according to the settings
     * @param context has the loggers
     */
    public LogLevels(Database database, EventLog log, Supplier<String> set, LoggerContext context) {
        this.database = database;
        this.log = log;
        this.set = set;
        this.context = context;
        // Another history changes nothing here: the levels are this node's, not the database's.
        log.follow(this::follow, () -> {});
    }

    private static List<String> names() {
        List<String> names = new ArrayList<>(List.of(ALL));
        PARTS.forEach(part -> names.add(ALL + "." + part));
        return List.copyOf(names);
    }

    /** The level of each logger, as it is on this node. */
    Map<String, String> levels(Caller caller) {
        caller.require(ACCOUNT_MANAGE);
        return levels();
    }

    private Map<String, String> levels() {
        Map<String, String> levels = new LinkedHashMap<>();
        NAMES.forEach(name -> levels.put(name, text(context.getLogger(name).getEffectiveLevel())));
        return levels;
    }

    /**
     * What a caller wants for one logger.
     *
     * @param level null for that of the settings or, for a part, that of all of Latchkey
     */
    record Wanted(String logger, @Nullable String level) {}

    /**
     * Changes some levels.
     *
     * @return the level of each logger, as it is now
     * @throws Problem 422 when a logger or a level is not known; then nothing is changed
     */
    Map<String, String> change(Caller caller, List<Wanted> wanted) {
        caller.require(ACCOUNT_MANAGE);
        List<FieldError> errors = errors(wanted);
        if (!errors.isEmpty()) {
            throw Problem.invalid(errors);
        }
        database.change(transaction -> {
            List<Change> changes = wanted.stream()
                    .map(one -> Change.from(one.logger(), own(one.logger()).orElse(null), one.level()))
                    // Every undo is an event: after a restart this node has nothing to undo, but others may.
                    .filter(change -> change.after() == null || !change.after().equals(change.before()))
                    .toList();
            if (!changes.isEmpty()) {
                log.append(transaction, caller.actingWith(ACCOUNT_MANAGE), EventType.LOG_LEVEL_UPDATE, TARGET, changes);
            }
        });
        return levels();
    }

    private static List<FieldError> errors(List<Wanted> wanted) {
        List<FieldError> errors = new ArrayList<>();
        if (wanted.isEmpty() || wanted.size() > NAMES.size()) {
            errors.add(new FieldError("levels", "Name at least one logger, and each once."));
            return errors;
        }
        Set<String> named = new HashSet<>();
        for (int i = 0; i < wanted.size(); i++) {
            Wanted one = wanted.get(i);
            String field = "levels[" + i + "]";
            if (!NAMES.contains(one.logger())) {
                errors.add(new FieldError(field + ".logger", "Use one of: " + String.join(", ", NAMES) + "."));
            } else if (!named.add(one.logger())) {
                errors.add(new FieldError(field + ".logger", "Name each logger once."));
            }
            if (one.level() != null && !LEVELS.contains(one.level())) {
                errors.add(new FieldError(field + ".level", "Use one of: " + String.join(", ", LEVELS) + "."));
            }
        }
        return errors;
    }

    /** The level that was chosen for this logger; empty when none was, or it was undone. */
    private Optional<String> own(String name) {
        return Optional.ofNullable(context.getLogger(name).getLevel())
                .map(LogLevels::text)
                .filter(level -> !name.equals(ALL) || !level.equals(set.get()));
    }

    private void follow(Event event) {
        if (event.type() == EventType.LOG_LEVEL_UPDATE) {
            event.changes().forEach(this::apply);
        }
    }

    /** Ignores what this version does not know; a newer node may have made the change. */
    private void apply(Change change) {
        String level = change.after() == null && change.field().equals(ALL) ? set.get() : change.after();
        if (NAMES.contains(change.field()) && (level == null || LEVELS.contains(level))) {
            context.getLogger(change.field()).setLevel(level == null ? null : Level.toLevel(level));
        }
    }

    private static String text(Level level) {
        return level.toString().toLowerCase(Locale.ROOT);
    }
}
