package dev.latchkey.database;

import dev.latchkey.lane.Seldom;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The space on the disk of a SQLite file. A full disk must not keep a leaked token alive, so a reserve of some
 * megabytes is kept next to the database: it is released when a change that ends something finds no space. From then on
 * all other changes are refused, which would use up what was released, until there is space to create the reserve
 * again.
 */
final class DiskRoom {
    private static final Logger log = LoggerFactory.getLogger(DiskRoom.class);

    static final String RESERVE = "latchkey.reserve";

    /** Enough for hundreds of revocations, with SQLite's own overhead. */
    static final int RESERVE_BYTES = 8 * 1024 * 1024;

    private static final int PROBE_BYTES = 64 * 1024;

    /** How often to try to create the reserve again while changes wait for it. */
    private static final long PAUSE_NANOS = Duration.ofSeconds(2).toNanos();

    private final Path folder;
    private final Path reserve;
    private final Seldom complaint = new Seldom();

    /** Why there was no space the last time; null when there was. */
    private volatile @Nullable String full;

    /** Whether the reserve is missing although it should be there. */
    private volatile boolean spent;

    private volatile long triedAtNanos;

    DiskRoom(Path database) {
        this.folder = Optional.ofNullable(database.toAbsolutePath().getParent()).orElseThrow();
        this.reserve = folder.resolve(RESERVE);
    }

    /** Creates the reserve if it is missing and there is space for it; call it from time to time. */
    synchronized void keepReserve() {
        triedAtNanos = System.nanoTime();
        try {
            if (!Files.exists(reserve) || Files.size(reserve) != RESERVE_BYTES) {
                make();
                if (spent) {
                    log.info("The disk of the data folder has space again; changes are accepted");
                }
            }
            full = null;
            spent = false;
        } catch (IOException e) {
            deleteReserve();
            spent = true;
            noted(e);
        }
    }

    /** Writes random bytes: a file system may skip or compress blocks of zeros. */
    private void make() throws IOException {
        try (OutputStream out = Files.newOutputStream(
                        reserve,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING);
                FileChannel channel = FileChannel.open(reserve, StandardOpenOption.WRITE)) {
            SplittableRandom random = new SplittableRandom();
            byte[] block = new byte[PROBE_BYTES];
            for (int written = 0; written < RESERVE_BYTES; written += block.length) {
                random.nextBytes(block);
                out.write(block);
            }
            channel.force(true);
        }
    }

    /**
     * Releases the reserve for a change that ends something.
     *
     * @return whether it was there
     */
    synchronized boolean releaseReserve() {
        boolean given = deleteReserve();
        if (given) {
            log.error(
                    "{} Its reserve was released for changes that end something; all other changes are" + " refused.",
                    words());
        }
        spent = true;
        return given;
    }

    private boolean deleteReserve() {
        try {
            return Files.deleteIfExists(reserve);
        } catch (IOException e) {
            log.warn("The reserve {} cannot be released: {}", reserve, e.toString());
            return false;
        }
    }

    /** Why a change that ends nothing is refused; empty when it can be tried. */
    Optional<String> refusal() {
        if (!spent) {
            return Optional.empty();
        }
        if (System.nanoTime() - triedAtNanos > PAUSE_NANOS && hasRoomForReserve()) {
            keepReserve();
        }
        return spent
                ? Optional.of(words() + " Until there is space, only changes that end something are accepted.")
                : Optional.empty();
    }

    /** What is wrong with the disk, whatever changes it still accepts. */
    Optional<String> shortage() {
        return spent || full != null
                ? Optional.of(words() + " Until there is space, only changes that end something are accepted.")
                : Optional.empty();
    }

    private boolean hasRoomForReserve() {
        try {
            return Files.getFileStore(folder).getUsableSpace() > 2L * RESERVE_BYTES;
        } catch (IOException e) {
            return false;
        }
    }

    /** Notes that a change has found space. */
    void found() {
        if (full != null && !spent) {
            full = null;
        }
    }

    /** Whether even a small file finds no space; if so, notes the reason. */
    boolean isFull() {
        Path probe = folder.resolve("latchkey.probe");
        try {
            try {
                Files.write(probe, new byte[PROBE_BYTES]);
                return false;
            } finally {
                Files.deleteIfExists(probe);
            }
        } catch (IOException e) {
            noted(e);
            return true;
        }
    }

    /** Notes that SQLite found no space; it may have asked for more than what is left. */
    void noted() {
        if (!isFull()) {
            full = "hardly any space is left";
            complain();
        }
    }

    private void noted(IOException e) {
        full = Reason.ofFile(e);
        complain();
    }

    private void complain() {
        if (complaint.isDue()) {
            log.error("{}", words());
        }
    }

    private String words() {
        String reason = full == null ? "no space left" : full;
        return reason.startsWith("Read-only") || reason.startsWith("permission")
                ? "The data folder " + folder + " cannot be written: " + reason + "."
                : "The disk of the data folder " + folder + " is full: " + reason + ".";
    }
}
