package dev.latchkey.health;

import static dev.latchkey.health.Finding.attention;
import static dev.latchkey.health.Finding.trouble;
import static dev.latchkey.health.Finding.unknown;
import static dev.latchkey.health.Finding.well;

import dev.latchkey.backup.BackupMark;
import dev.latchkey.event.Attention;
import dev.latchkey.event.HistoryChange;
import dev.latchkey.event.Position;
import dev.latchkey.signing.SigningKey;
import dev.latchkey.signing.SigningPolicy;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Judges facts: a sentence about each topic, whether it is well, and what to do if it is not. */
final class Findings {
    /** Within this, a difference has no effect that anyone would notice. */
    private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(2);

    private static final Duration BACKUP_IS_OLD = Duration.ofDays(7);

    /** After this the page no longer says how many days ago, and a key that is changed by hand only is an old one. */
    private static final Duration KEY_IS_OLD = Duration.ofDays(365);

    /** The next key is created by housekeeping, which may fail for a while. */
    private static final Duration ROTATION_MAY_BE_LATE = Duration.ofHours(1);

    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMM uuuu", Locale.ENGLISH);

    private Findings() {}

    /** @param databaseNow the time that the signs of life are in */
    static Finding ofNodes(List<Node> nodes, String self, Instant databaseNow) {
        List<Node> silent =
                nodes.stream().filter(node -> node.isSilent(databaseNow)).toList();
        if (!silent.isEmpty()) {
            return attention(
                    Topic.NODES,
                    amount(silent.size(), "node") + " of " + nodes.size() + (silent.size() == 1 ? " is" : " are")
                            + " silent: " + hosts(silent) + ".",
                    "Look at the log there, and whether the machine reaches the database. An entry that belongs to a machine that"
                            + " is gone disappears after a day.");
        }
        if (nodes.stream().noneMatch(node -> node.id().equals(self))) {
            return unknown(
                    Topic.NODES,
                    "This node has not written its entry yet.",
                    "Look again in a minute. If nothing has changed by then, the log says why the entry cannot be written.");
        }
        return well(Topic.NODES, nodes.size() == 1 ? "One node runs, and answered." : nodes.size() + " nodes run.");
    }

    static Finding ofVersions(List<Node> nodes, String version) {
        Map<String, List<Node>> byVersion =
                nodes.stream().collect(Collectors.groupingBy(Node::version, TreeMap::new, Collectors.toList()));
        if (byVersion.size() < 2) {
            return well(
                    Topic.VERSIONS, nodes.size() < 2 ? "It is version " + version + "." : "All run " + version + ".");
        }
        String versions = byVersion.entrySet().stream()
                .map(entry -> entry.getKey() + " (" + hosts(entry.getValue()) + ")")
                .collect(Collectors.joining(", "));
        return attention(
                Topic.VERSIONS,
                "The nodes run different versions: " + versions + ".",
                "Finish the upgrade: replace the nodes of the older version.");
    }

    /** Compares every clock with every other, by what each node found between its own and the database's. */
    static Finding ofClocks(List<Node> nodes) {
        List<Node> measured =
                nodes.stream().filter(node -> node.clockAhead() != null).toList();
        if (measured.isEmpty()) {
            return well(Topic.CLOCKS, "The database is a file on this machine, so there is only one clock.");
        }
        Node fast = measured.stream().max(BY_CLOCK).orElseThrow();
        Node slow = measured.stream().min(BY_CLOCK).orElseThrow();
        Duration ahead = later(ahead(fast), Duration.ZERO);
        Duration behind = later(ahead(slow).negated(), Duration.ZERO);
        Duration apart = ahead.plus(behind);
        if (apart.compareTo(CLOCK_TOLERANCE) <= 0) {
            return well(
                    Topic.CLOCKS,
                    "All clocks, the database's included, agree to within " + seconds(apart) + " seconds.");
        }
        String found = Optional.of(fast)
                        .filter(node -> !ahead.isZero())
                        .map(node -> "The clock of " + node.host() + " is " + seconds(ahead)
                                + " seconds ahead of the database's.")
                        .orElse("")
                + (ahead.isZero() || behind.isZero() ? "" : " ")
                + Optional.of(slow)
                        .filter(node -> !behind.isZero())
                        .map(node -> "The clock of " + node.host() + " is " + seconds(behind)
                                + " seconds behind the database's.")
                        .orElse("");
        String toDo = "Synchronise the clocks of all machines, the database's included, for example with chrony.";
        return apart.compareTo(SigningKey.CLOCKS_DIFFER) > 0
                ? trouble(Topic.CLOCKS, found + " Access tokens of one node may be refused by others.", toDo)
                : attention(Topic.CLOCKS, found, toDo);
    }

    private static final Comparator<Node> BY_CLOCK = Comparator.comparing(Findings::ahead);

    private static Duration ahead(Node node) {
        Duration ahead = node.clockAhead();
        return ahead == null ? Duration.ZERO : ahead;
    }

    private static Duration later(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    static Finding ofHistory(Attention attention, List<HistoryChange> changes, Position end) {
        String ends = end.sequence() == 0
                ? "There are no events yet."
                : "The log ends at event " + number(end.sequence()) + ".";
        if (attention.open() > 0) {
            return attention(
                    Topic.HISTORY,
                    ends + " The database has lost changes, and " + number(attention.open())
                            + (attention.open() < Attention.COUNTED ? "" : " or more")
                            + (attention.open() == 1 ? " is open." : " are open."),
                    "Repeat the changes that still matter, and mark each one under Audit log, Lost changes.");
        }
        if (attention.unconfirmed()) {
            return attention(
                    Topic.HISTORY,
                    ends + " The history of the database has changed, and no one has confirmed that yet.",
                    "Read what happened under Audit log, Lost changes, and confirm it.");
        }
        return well(
                Topic.HISTORY,
                ends
                        + (changes.isEmpty()
                                ? " The database has always had the same history."
                                : " The history last changed on "
                                        + day(changes.getFirst().noticedAt()) + "; everything about it is settled."));
    }

    /**
     * @param witnessed the last event of this node's witness; null when there is no witness
     * @param known the last event that had been passed on to the witness before that
     */
    static Finding ofWitness(@Nullable Position witnessed, Position known) {
        if (witnessed == null) {
            return attention(
                    Topic.WITNESS,
                    "This node has no witness, because its folder cannot be written. If the database loses changes, it will not be"
                            + " known which.",
                    "Make the folder witness in the data folder writable, and restart the node.");
        }
        long lacks = known.sequence() - witnessed.sequence();
        return lacks > 0
                ? attention(
                        Topic.WITNESS,
                        "The witness of this node lacks the last " + amount(lacks, "event") + ".",
                        "The log says why it cannot be written. When it can be, it catches up.")
                : well(Topic.WITNESS, "The witness of this node has the newest events.");
    }

    /** @param isFile whether the database is a file, which no one else makes backups of */
    static Finding ofBackup(@Nullable BackupMark last, boolean isFile, Instant now) {
        if (last == null) {
            String none = "No backup is known that was made with latchkey backup.";
            return isFile
                    ? attention(
                            Topic.BACKUP,
                            none,
                            "Make one every day with latchkey backup, and keep the master key elsewhere. Backups by other means are"
                                    + " not known here.")
                    : unknown(
                            Topic.BACKUP,
                            none,
                            "Check that the PostgreSQL server is backed up, or use latchkey backup. Keep the master key elsewhere.");
        }
        long days = ChronoUnit.DAYS.between(last.madeAt(), now);
        String found = "The last backup was made on " + day(last.madeAt()) + " and ends at event "
                + number(last.lastSequence()) + ".";
        return Duration.between(last.madeAt(), now).compareTo(BACKUP_IS_OLD) > 0
                ? attention(
                        Topic.BACKUP,
                        found + " That is " + amount(days, "day") + " ago.",
                        "Make one every day with latchkey backup. If a timer should do so, find out why it does not.")
                : well(Topic.BACKUP, found);
    }

    /** @param keys all signing keys */
    static Finding ofSigningKeys(List<SigningKey> keys, SigningPolicy policy, Instant now) {
        SigningKey signing = SigningKey.signing(keys, now);
        Duration age = Duration.between(signing.signsFrom(), now);
        String found =
                "The key (" + signing.algorithm().text() + ") has signed since " + day(signing.signsFrom()) + ".";
        if (policy.rotationDays() == 0) {
            return age.compareTo(KEY_IS_OLD) > 0
                    ? attention(
                            Topic.SIGNING_KEYS,
                            found + " Keys are changed by hand only.",
                            "Rotate the key, or let Latchkey do so under Signing keys, Change policy.")
                    : well(Topic.SIGNING_KEYS, found + " Keys are changed by hand only.");
        }
        Instant planned = signing.signsUntil();
        Instant next = planned == null ? signing.signsFrom().plus(Duration.ofDays(policy.rotationDays())) : planned;
        return next.plus(ROTATION_MAY_BE_LATE).isBefore(now)
                ? attention(
                        Topic.SIGNING_KEYS,
                        found + " The next key should have signed since " + day(next) + ".",
                        "Look into the log for housekeeping that fails. To rotate the key now, open Signing keys.")
                : well(Topic.SIGNING_KEYS, found + " The next key signs from " + day(next) + " on.");
    }

    static Finding ofLanes(List<LaneWatch.Watched> lanes) {
        List<String> full = new ArrayList<>();
        long refused = 0;
        for (LaneWatch.Watched lane : lanes) {
            refused += lane.figures().refused();
            if (lane.refusedLately()) {
                full.add(lane.figures().name());
            }
        }
        return full.isEmpty()
                ? well(
                        Topic.LANES,
                        refused == 0
                                ? "This node has refused no one for lack of room since it started."
                                : "This node has refused no one for lack of room in the last hour.")
                : attention(
                        Topic.LANES,
                        "In the last hour this node refused callers for lack of room: " + String.join(", ", full) + ".",
                        "If this happens again and again, give the node more processors, or add a node.");
    }

    private static String hosts(List<Node> nodes) {
        return nodes.stream().map(Node::host).distinct().collect(Collectors.joining(", "));
    }

    static String day(Instant time) {
        return DAY.format(time.atOffset(ZoneOffset.UTC));
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ENGLISH, "%.1f", Math.max(0.1, duration.toMillis() / 1000.0));
    }

    static String number(long number) {
        return String.format(Locale.ENGLISH, "%,d", number);
    }

    private static String amount(long number, String one) {
        return number(number) + " " + one + (number == 1 ? "" : "s");
    }
}
