package dev.latchkey.bench.chaos;

import dev.latchkey.bench.chaos.Step.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;

/** One node on SQLite, if possible on a small disk of its own. */
final class SqliteGround implements Ground {
    private static final int CHUNK = 4_096;

    private final Path folder;
    private final Path disk;
    private final History history;
    private final Actor actor;
    private final boolean small;
    private int copies;

    SqliteGround(Path jar, Path folder, int port, Map<String, String> settings, History history) {
        this.folder = folder;
        this.disk = folder.resolve("node1");
        this.history = history;
        try {
            Files.createDirectories(disk);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.small = Command.of("mount", "-t", "tmpfs", "-o", "size=256m,mode=0700", "tmpfs", disk.toString())
                        .result()
                        .status()
                == 0;
        this.actor = new Actor(new Node("node1", port, jar, folder, settings), List.of(), history);
        actor.start();
    }

    @Override
    public List<Actor> actors() {
        return List.of(actor);
    }

    @Override
    public List<Kind> kinds() {
        return small ? List.of(Kind.RESTORE, Kind.FULL_DISK) : List.of(Kind.RESTORE);
    }

    @Override
    public List<String> leftOut() {
        return small ? List.of() : List.of("a full disk, because no small one can be mounted here");
    }

    @Override
    public void perform(Step step) {
        switch (step.kind()) {
            case RESTORE -> restore(step.millis());
            case FULL_DISK -> fill(step.millis());
            default -> throw new IllegalArgumentException(step.toString());
        }
    }

    private void restore(long age) {
        Path copy = folder.resolve("copy-" + ++copies + ".db");
        Path database = actor.node().data().resolve("latchkey.db");
        actor.lock().lock();
        try {
            long keeps = history.now();
            copy(database, copy);
            history.awaitChanges(age);
            long[] from = new long[1];
            actor.down(() -> {
                from[0] = history.now();
                putBack(copy, database);
            });
            history.add(new Loss("an old copy was restored", keeps, from[0], history.now()));
        } finally {
            actor.lock().unlock();
        }
    }

    /** As an operator makes one, alongside the running server. */
    private static void copy(Path database, Path copy) {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                Statement statement = connection.createStatement()) {
            statement.execute("pragma busy_timeout = 10000");
            statement.execute("vacuum into '" + copy + "'");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void putBack(Path copy, Path database) {
        try {
            Files.deleteIfExists(database.resolveSibling(database.getFileName() + "-wal"));
            Files.deleteIfExists(database.resolveSibling(database.getFileName() + "-shm"));
            Files.move(copy, database, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void fill(long millis) {
        Path filling = disk.resolve("filling");
        try {
            try (OutputStream out = Files.newOutputStream(filling)) {
                byte[] chunk = new byte[CHUNK];
                while (true) {
                    out.write(chunk);
                }
            } catch (IOException full) {
                Actor.sleep(millis);
            } finally {
                Files.deleteIfExists(filling);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        actor.close();
        if (small) {
            Command.of("umount", disk.toString()).result();
        }
    }
}
