package dev.latchkey.health;

import static dev.latchkey.access.ManagementApi.ACCOUNT_MANAGE;

import dev.latchkey.backup.BackupMark;
import dev.latchkey.database.DatabaseFacts;
import dev.latchkey.event.Attention;
import dev.latchkey.http.Response;
import dev.latchkey.lane.Lane;
import dev.latchkey.management.Doc;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Tag;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The management API's call for the health of the installation. */
public final class HealthApi {
    private final Health health;

    public HealthApi(Health health) {
        this.health = health;
    }

    /** What was found about one topic. */
    public record FindingReply(
            @Doc("nodes, versions, clocks, database, history, witness, backup, signing_keys or lanes")
            String topic,

            @Doc(
                    "well; unknown: there is nothing to say; attention: it works, but a person should do something; trouble: something"
                            + " does not work")
            String status,

            @Doc("In words") String found,

            @Doc("What to do about it; absent when there is nothing to do") @Nullable String toDo,

            @Doc("The part of the documentation that says more")
            String guide) {

        static FindingReply of(Finding finding) {
            return new FindingReply(
                    finding.topic().text(),
                    finding.status().text(),
                    finding.found(),
                    finding.toDo(),
                    finding.topic().guide());
        }
    }

    /** A node. */
    public record NodeReply(
            @Doc("Of this run of the node; its next start has another")
            String id,

            @Doc("The machine's name") String host,
            String version,

            @Doc("The newest migration that it knows") String schema,
            Instant startedAt,

            @Doc("Its last sign of life, which comes every minute")
            Instant seenAt,

            @Doc("Whether its signs of life do not come any more")
            boolean silent,

            @Doc("How far its clock is ahead of the database's; absent with SQLite, whose clock is the node's own")
            @Nullable Long clockAheadMillis) {

        static NodeReply of(HealthReport report, Node node) {
            Duration ahead = node.clockAhead();
            return new NodeReply(
                    node.id(),
                    node.host(),
                    node.version(),
                    node.schema(),
                    node.startedAt(),
                    node.seenAt(),
                    report.isSilent(node),
                    ahead == null ? null : (Long) ahead.toMillis());
        }
    }

    /** The database. */
    public record DatabaseReply(
            @Doc("SQLite or PostgreSQL") String engine,
            String version,

            @Doc("Its newest migration") String schema) {
        static @Nullable DatabaseReply of(@Nullable DatabaseFacts facts) {
            return facts == null ? null : new DatabaseReply(facts.engine(), facts.version(), facts.schema());
        }
    }

    /** The history of the database. */
    public record HistoryReply(
            @Doc("The last event that the node knows") long lastSequence,

            @Doc("How many lost changes are open, counted up to 1000; absent when the database does not answer")
            @Nullable Long openLostChanges,

            @Doc(
                    "Whether the history has changed and no one has confirmed it; absent when the database does not answer")
            @Nullable Boolean unconfirmed) {

        static HistoryReply of(HealthReport report) {
            Attention lost = report.lost();
            return new HistoryReply(
                    report.lastSequence(),
                    lost == null ? null : (Long) lost.open(),
                    lost == null ? null : (Boolean) lost.unconfirmed());
        }
    }

    /** The last backup. */
    public record BackupReply(
            Instant madeAt,

            @Doc("The version of Latchkey that made it") String latchkey,

            @Doc("The sequence of its last event") long lastSequence) {
        static @Nullable BackupReply of(@Nullable BackupMark mark) {
            return mark == null ? null : new BackupReply(mark.madeAt(), mark.latchkey(), mark.lastSequence());
        }
    }

    /** A lane: one kind of work, and how much of it there is. */
    public record LaneReply(
            String name,
            long running,
            long waiting,

            @Doc("Since the node started") long done,

            @Doc("Callers refused for lack of room, since the node started")
            long refused) {
        static LaneReply of(LaneWatch.Watched watched) {
            Lane.Figures figures = watched.figures();
            return new LaneReply(
                    figures.name(),
                    figures.atWork(),
                    figures.waiting(),
                    figures.done().number(),
                    figures.refused());
        }
    }

    /** How the installation is. */
    public record HealthReply(
            @Doc("The worst of all findings: well, attention or trouble")
            String status,

            Instant at,

            @Doc("The node that answered") String nodeId,

            @Doc("The version of that node") String version,

            List<FindingReply> findings,

            @Doc("Empty when the database does not answer") List<NodeReply> nodes,

            @Doc("Absent when it does not answer") @Nullable DatabaseReply database,

            HistoryReply history,

            @Doc("The last one made with latchkey backup; absent when none is known") @Nullable BackupReply lastBackup,

            @Doc("Those of the node that answered") List<LaneReply> lanes) {

        /** The report as the management API shows it. */
        public static HealthReply of(HealthReport report) {
            return new HealthReply(
                    report.status().text(),
                    report.at(),
                    report.nodeId(),
                    report.version(),
                    report.findings().stream().map(FindingReply::of).toList(),
                    report.nodes().stream()
                            .map(node -> NodeReply.of(report, node))
                            .toList(),
                    DatabaseReply.of(report.database()),
                    HistoryReply.of(report),
                    BackupReply.of(report.lastBackup()),
                    report.lanes().stream().map(LaneReply::of).toList());
        }
    }

    public List<Operation> operations() {
        return List.of(Operation.get("/server/health")
                .id("getHealth")
                .tag(Tag.SERVER)
                .needs(ACCOUNT_MANAGE)
                .summary("Get the health of the installation")
                .description(
                        "What the page Health shows: for each topic a sentence, whether it is well, and what to do if it is not. It"
                                + " always answers 200; a balancer asks /health/ready instead.")
                .answers(HealthReply.class)
                .by((caller, request) -> Response.json(200, HealthReply.of(health.report(caller)))));
    }
}
