package dev.latchkey.database;

import dev.latchkey.problem.Problem;
import dev.latchkey.trace.CurrentRequest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/** Runs what only reads: transactions, each on connections of its kind, and look-ups without one. */
final class Reads {
    private final Dialect dialect;
    private final Pools pools;
    private final Contact contact;
    private final Failures failures;

    Reads(Dialect dialect, Pools pools, Contact contact, Failures failures) {
        this.dialect = dialect;
        this.pools = pools;
        this.contact = contact;
        this.failures = failures;
    }

    /** @throws Problem 503 when the database cannot answer in time */
    <T extends @Nullable Object> T read(Connections connections, Function<Handle, T> work) {
        try {
            return inTransaction(connections, work);
        } catch (JdbiException e) {
            throw failures.ofReading(e);
        }
    }

    /** @throws Problem 422 when it takes too long, 503 when the database cannot answer; see {@link Database#search} */
    <T extends @Nullable Object> T search(String narrower, Function<Handle, T> work) {
        try {
            return inTransaction(pools.searches(), work);
        } catch (JdbiException e) {
            if (failures.isTooLong(e)) {
                throw new Problem(422, "search_too_long", "This search takes too long. Narrow it " + narrower + ".");
            }
            throw failures.of(e);
        }
    }

    /** Reads without a time limit, on a connection of its own; see {@link Database#readAtLength}. */
    <T extends @Nullable Object> T readAtLength(DatabaseAddress address, Function<Handle, T> work) {
        Connections own = Pools.atLength(dialect, address);
        try {
            return inTransaction(own, work);
        } catch (JdbiException e) {
            throw failures.of(e);
        } finally {
            own.close();
        }
    }

    private <T extends @Nullable Object> T inTransaction(Connections connections, Function<Handle, T> work) {
        return connections
                .lane()
                .run(() -> connections
                        .jdbi()
                        .<T, RuntimeException>inTransaction(
                                handle -> dialect.within(connections.limit(), handle, () -> work.apply(handle))));
    }

    /** @throws Problem 503 when the database cannot answer; see {@link Database#lookUp} */
    <T> Optional<T> lookUp(LookUp<T> lookUp, List<String> keys) {
        Connections lookUps = pools.lookUps();
        return CurrentRequest.step(
                "look up",
                () -> lookUps.lane().run(() -> {
                    try (Connection connection = lookUps.pool().getConnection()) {
                        try {
                            PreparedStatement statement = dialect.kept(connection, lookUp.sql());
                            for (int i = 0; i < keys.size(); i++) {
                                statement.setString(i + 1, keys.get(i));
                            }
                            try (ResultSet rows = statement.executeQuery()) {
                                return Optional.ofNullable(lookUp.reader().read(rows));
                            }
                        } catch (SQLException e) {
                            // Whatever went wrong: the statement is not used again, nor is its connection if another
                            // can be
                            // opened.
                            if (dialect.discarded(connection)) {
                                lookUps.pool().evictConnection(connection);
                            }
                            if (dialect.isLost(e)) {
                                contact.renew();
                            }
                            throw e;
                        }
                    } catch (SQLException e) {
                        throw failures.ofLookUp(e);
                    }
                }));
    }
}
