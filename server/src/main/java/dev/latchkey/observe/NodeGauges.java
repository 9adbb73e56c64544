package dev.latchkey.observe;

import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.database.Database;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.LogFigures;
import dev.latchkey.http.Connections;
import dev.latchkey.signing.CurrentKeys;
import dev.latchkey.signing.SigningKey;
import io.micrometer.core.instrument.Tags;
import java.util.Locale;
import java.util.function.Supplier;

/** Shows the state of the node: its log and history, its database, its keys, and the tokens that it knows. */
public final class NodeGauges {
    private final Meters meters;

    NodeGauges(Meters meters) {
        this.meters = meters;
    }

    /**
     * What runs.
     *
     * @param database sqlite or postgresql
     */
    public void build(String version, String database) {
        meters.gauge(
                "build.info",
                "Always 1; its labels say what runs",
                Tags.of("version", version, "database", database),
                () -> 1);
    }

    /** How far this node has read the log of events, and whether it can be trusted. */
    public void log(EventLog log) {
        Supplier<LogFigures> figures = log::figures;
        meters.gauge(
                "log.sequence",
                "The last event of the log that this node knows",
                Tags.empty(),
                () -> figures.get().sequence());
        meters.age(
                "log.age",
                "How long ago this node had read the whole log",
                () -> figures.get().age().toNanos() / 1e9);
        meters.gauge(
                "log.followers.behind",
                "Followers of the log that are behind others",
                Tags.empty(),
                () -> figures.get().behind());
        meters.state(
                "log.current",
                "Whether this node knows all changes; if not, it refuses tokens",
                () -> figures.get().current());
        meters.counter(
                "history.changes",
                "How often the database had another history",
                Tags.empty(),
                () -> figures.get().historyChanges());
        meters.state(
                "witness.present",
                "Whether this node has a witness",
                () -> figures.get().witnessed() != null);
        meters.gauge("witness.sequence", "The last event that the witness has", Tags.empty(), () -> {
            Long witnessed = figures.get().witnessed();
            return witnessed == null ? Double.NaN : witnessed.doubleValue();
        });
        meters.counter(
                "witness.failures",
                "How often the witness could not be written",
                Tags.empty(),
                () -> figures.get().witnessFailures());
    }

    public void database(Database database) {
        meters.state(
                "database.available",
                "Whether nothing is known to be wrong with the database",
                () -> database.trouble().isEmpty());
        meters.state(
                "disk.short",
                "Whether the disk has too little space for changes",
                () -> database.shortage().isPresent());
    }

    /** @param connections the limit for connections */
    public void connections(Connections connections) {
        meters.counter(
                "http.connections.refused",
                "Connections that were refused because there were too many",
                Tags.empty(),
                connections::refused);
    }

    public void signingKeys(CurrentKeys keys) {
        for (SigningKey.State state : SigningKey.State.values()) {
            meters.gauge(
                    "signing.keys",
                    "Signing keys by their state",
                    Tags.of("state", state.text()),
                    () -> keys.figures().byState().getOrDefault(state, 0));
        }
        meters.age(
                "signing.key.age",
                "How long the current signing key has been signing",
                () -> keys.figures().age().toSeconds());
        meters.age(
                "signing.key.rotation",
                "After how long another key should sign; 0 when keys are changed by hand only",
                () -> keys.figures().rotation().toSeconds());
    }

    /** Numbers that the database has to count. */
    public void census(Census census) {
        for (ApiToken.State state : ApiToken.State.values()) {
            if (state != ApiToken.State.EXPIRING) {
                meters.gauge(
                        "tokens",
                        "API tokens by their state",
                        Tags.of("state", state.name().toLowerCase(Locale.ROOT)),
                        () -> census.tokens(state));
            }
        }
        meters.gauge(
                "tokens.expiring.soon",
                "Active API tokens that expire within 14 days",
                Tags.empty(),
                () -> census.tokens(ApiToken.State.EXPIRING));
        meters.gauge(
                "lost.changes.open",
                "Changes that the database has lost and that are not settled",
                Tags.empty(),
                census::openLostChanges);
        meters.gauge(
                "history.unconfirmed",
                "Changed histories that no administrator has confirmed",
                Tags.empty(),
                census::unconfirmedHistories);
    }
}
