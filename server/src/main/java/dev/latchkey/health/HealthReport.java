package dev.latchkey.health;

import dev.latchkey.backup.BackupMark;
import dev.latchkey.database.DatabaseFacts;
import dev.latchkey.event.Attention;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How this installation is, as one of its nodes sees it. The console and the management API both show this.
 *
 * @param nodeId the node that answered
 * @param lastSequence the last event that this node knows
 * @param lost what the database has lost; null when it does not answer
 * @param nodes empty when the database does not answer
 * @param databaseNow the time that the nodes' signs of life are in
 * @param database null when it does not answer
 * @param lastBackup null when none is known
 * @param lanes those of the node that answered
 */
public record HealthReport(
        Instant at,
        String nodeId,
        String version,
        List<Finding> findings,
        List<Node> nodes,
        Instant databaseNow,
        @Nullable DatabaseFacts database,
        long lastSequence,
        @Nullable Attention lost,
        @Nullable BackupMark lastBackup,
        List<LaneWatch.Watched> lanes) {

    /** The worst of all findings. */
    public Status status() {
        return Status.ofAll(findings.stream().map(Finding::status).toList());
    }

    /** How many findings ask a person to do something. */
    public long toDo() {
        return findings.stream()
                .filter(finding -> finding.status() == Status.ATTENTION || finding.status() == Status.TROUBLE)
                .count();
    }

    /** The same with other words about it. */
    HealthReport with(List<Finding> otherFindings, List<Node> otherNodes) {
        return new HealthReport(
                at,
                nodeId,
                version,
                otherFindings,
                otherNodes,
                databaseNow,
                database,
                lastSequence,
                lost,
                lastBackup,
                lanes);
    }

    public boolean isSilent(Node node) {
        return node.isSilent(databaseNow);
    }
}
