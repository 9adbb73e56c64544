package dev.latchkey.health;

import static dev.latchkey.access.ManagementApi.ACCOUNT_MANAGE;

import dev.latchkey.access.Caller;
import dev.latchkey.backup.BackupMark;
import dev.latchkey.backup.Backups;
import dev.latchkey.database.Database;
import dev.latchkey.database.DatabaseFacts;
import dev.latchkey.event.Attention;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.HistoryChange;
import dev.latchkey.event.LostChanges;
import dev.latchkey.event.Position;
import dev.latchkey.event.Witness;
import dev.latchkey.problem.Problem;
import dev.latchkey.signing.SigningKeys;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Looks at every part of this installation. It answers even while the database does not. */
public final class Health {
    private final Sources sources;
    private final Nodes nodes;
    private final LaneWatch lanes;
    private final Clock clock;

    /**
     * What is looked at.
     *
     * @param witness null where it cannot be written
     */
    public record Sources(
            Database database,
            EventLog events,
            LostChanges lostChanges,
            @Nullable Witness witness,
            SigningKeys signingKeys) {}

    public Health(Sources sources, Nodes nodes, LaneWatch lanes, Clock clock) {
        this.sources = sources;
        this.nodes = nodes;
        this.lanes = lanes;
        this.clock = clock;
    }

    /** What can only be read from the database. */
    private record Stored(
            DatabaseFacts facts,
            List<Node> nodes,
            Instant databaseNow,
            Attention attention,
            List<HistoryChange> changes,
            @Nullable BackupMark backup) {}

    public HealthReport report(Caller caller) {
        caller.require(ACCOUNT_MANAGE);
        Instant now = clock.instant();
        List<Finding> findings = new ArrayList<>();
        @Nullable Stored stored = null;
        try {
            stored = stored();
        } catch (Problem problem) {
            if (problem.status() != 503) {
                throw problem;
            }
        }
        // In this order: the witness comes after what the node knows.
        Position known = sources.events().known();
        @Nullable Witness witness = sources.witness();
        Finding ofWitness = Findings.ofWitness(witness == null ? null : witness.end(), known);
        if (stored != null) {
            findings.add(Findings.ofNodes(stored.nodes(), nodes.id(), stored.databaseNow()));
            findings.add(Findings.ofVersions(running(stored), nodes.version()));
            findings.add(Findings.ofClocks(running(stored)));
        }
        findings.add(database(stored == null ? null : stored.facts()));
        if (stored != null) {
            findings.add(Findings.ofHistory(stored.attention(), stored.changes(), known));
        }
        findings.add(ofWitness);
        if (stored != null) {
            findings.add(Findings.ofBackup(
                    stored.backup(), !sources.database().dialect().isShared(), now));
        }
        findings.add(Findings.ofSigningKeys(
                sources.signingKeys().list(caller).stream()
                        .map(SigningKeys.Listed::key)
                        .toList(),
                sources.signingKeys().policy(caller),
                now));
        List<LaneWatch.Watched> watched = lanes.look();
        findings.add(Findings.ofLanes(watched));
        return new HealthReport(
                now,
                nodes.id(),
                nodes.version(),
                List.copyOf(findings),
                stored == null ? List.of() : stored.nodes(),
                stored == null ? now : stored.databaseNow(),
                stored == null ? null : stored.facts(),
                known.sequence(),
                stored == null ? null : stored.attention(),
                stored == null ? null : stored.backup(),
                watched);
    }

    private Stored stored() {
        Database database = sources.database();
        return new Stored(
                database.facts(),
                nodes.all(),
                nodes.databaseTime(),
                sources.lostChanges().attention(),
                sources.lostChanges().changes(),
                database.read(Backups::last).orElse(null));
    }

    /** What a silent node was, or what its clock said, says nothing about today. */
    private static List<Node> running(Stored stored) {
        return stored.nodes().stream()
                .filter(node -> !node.isSilent(stored.databaseNow()))
                .toList();
    }

    /** @param facts null when the database did not answer */
    private Finding database(@Nullable DatabaseFacts facts) {
        String what = facts == null ? "" : facts.engine() + " " + facts.version() + ", schema " + facts.schema() + ". ";
        Database database = sources.database();
        Optional<String> trouble = database.trouble().or(sources.events()::trouble);
        if (trouble.isPresent() || facts == null) {
            return Finding.trouble(
                    Topic.DATABASE,
                    what + trouble.orElse("The database does not answer."),
                    "Follow the runbook for a database that is away.");
        }
        Optional<String> shortage = database.shortage();
        if (shortage.isPresent()) {
            return Finding.attention(
                    Topic.DATABASE, what + shortage.get(), "Make room on the disk of the data folder.");
        }
        long leftOut = database.timesLeftOut();
        return leftOut > 0
                ? Finding.attention(
                        Topic.DATABASE,
                        what + "The numbers of tokens and the search may be wrong: they could not be kept with "
                                + Findings.number(leftOut) + (leftOut == 1 ? " change." : " changes."),
                        "Run latchkey repair; with SQLite, stop the service first.")
                : Finding.well(Topic.DATABASE, what + "It answers and accepts changes.");
    }
}
