package dev.latchkey.event;

import dev.latchkey.crypto.MasterKey;
import dev.latchkey.database.DataFolder;
import dev.latchkey.database.OwnersOnly;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A node's own copy of the newest events, outside the database: it shows which events a changed history has lost.
 *
 * <p>It is a folder of segments, which are only appended to and are deleted whole, the oldest first. Each line is an
 * event as the database has it, with the hashes that chain them. So an altered line shows, and where a history forked,
 * the lines of each branch are found by following the chain back from the newest line. It contains no secrets, because
 * events contain none.
 */
public final class Witness implements AutoCloseable {
    /** A segment that is larger is followed by another. */
    private static final long SEGMENT_BYTES = 4 << 20;

    /** How many segments are kept: several hundred thousand events. */
    private static final int SEGMENTS = 16;

    private final Path folder;
    private final WitnessLines lines;
    private final long segmentBytes;
    private @Nullable FileChannel open;
    private int number;
    private Position end = Position.START;

    private Witness(Path folder, MasterKey masterKey, long segmentBytes) {
        this.folder = folder;
        this.lines = new WitnessLines(new Chain(masterKey));
        this.segmentBytes = segmentBytes;
    }

    /**
     * Opens the folder to continue where it ends; creates it, for its owner only, if it is missing. A line that a crash
     * left half written is cut off: its change was not answered.
     *
     * @throws IOException when it cannot be read or written
     */
    public static Witness open(Path folder, MasterKey masterKey) throws IOException {
        return open(folder, masterKey, SEGMENT_BYTES);
    }

    static Witness open(Path folder, MasterKey masterKey, long segmentBytes) throws IOException {
        Files.createDirectories(folder, OwnersOnly.folder(folder));
        Witness witness = new Witness(folder, masterKey, segmentBytes);
        witness.resume();
        return witness;
    }

    /**
     * A witness that is only read: this node's own while the service runs, or another node's.
     *
     * @throws IOException when it cannot be read
     */
    public static Witness read(Path folder, MasterKey masterKey) throws IOException {
        Witness witness = new Witness(folder, masterKey, SEGMENT_BYTES);
        witness.forEach(row -> true, row -> witness.end = row.position());
        return witness;
    }

    /** Whether this folder holds a witness. */
    public static boolean isIn(Path folder) {
        try {
            return Files.isDirectory(folder) && !segments(folder).isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    /** The segments in this folder, the oldest first; empty when it holds no witness. */
    public static List<Path> segmentsIn(Path folder) throws IOException {
        return Files.isDirectory(folder) ? segments(folder) : List.of();
    }

    /**
     * Copies a witness; the copy is on the disk when this returns.
     *
     * @throws IOException when it cannot be read or written
     */
    public static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to, OwnersOnly.folder(to));
        for (Path segment : segments(from)) {
            try (FileChannel channel = FileChannel.open(
                    to.resolve(segment.getFileName()),
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    OwnersOnly.file(to))) {
                ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(segment));
                while (content.hasRemaining()) {
                    channel.write(content);
                }
                channel.force(true);
            }
        }
        DataFolder.force(to);
    }

    public Path folder() {
        return folder;
    }

    /** The last event of the witness; {@link Position#START} when it has none. */
    public synchronized Position end() {
        return end;
    }

    private void resume() throws IOException {
        List<Path> segments = segments(folder);
        if (segments.isEmpty()) {
            beginSegment();
            return;
        }
        number = numberOf(segments.getLast());
        open = FileChannel.open(segments.getLast(), StandardOpenOption.WRITE);
        cutOffHalfALine(segments.getLast(), open);
        for (Path segment : segments.reversed()) {
            EventRow last = lines.lastOf(segment);
            if (last != null) {
                end = last.position();
                return;
            }
        }
    }

    private static void cutOffHalfALine(Path segment, FileChannel channel) throws IOException {
        byte[] content = Files.readAllBytes(segment);
        int length = content.length;
        while (length > 0 && content[length - 1] != '\n') {
            length--;
        }
        channel.truncate(length);
        channel.position(length);
    }

    private FileChannel beginSegment() throws IOException {
        if (open != null) {
            open.force(false);
            open.close();
        }
        number++;
        FileChannel begun = FileChannel.open(
                folder.resolve("%08d.jsonl".formatted(number)),
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                OwnersOnly.file(folder));
        open = begun;
        DataFolder.force(folder);
        List<Path> segments = segments(folder);
        for (Path old : segments.subList(0, Math.max(0, segments.size() - SEGMENTS))) {
            Files.delete(old);
        }
        return begun;
    }

    /**
     * Adds events, and returns when they are on the disk.
     *
     * @throws IOException when they cannot be written; the next call can write them again
     */
    synchronized void append(List<EventRow> rows) throws IOException {
        if (rows.isEmpty()) {
            return;
        }
        FileChannel channel = open;
        if (channel == null) {
            throw new IOException("the witness is closed");
        }
        if (channel.position() >= segmentBytes) {
            channel = beginSegment();
        }
        long before = channel.position();
        try {
            ByteBuffer bytes = ByteBuffer.wrap(WitnessLines.write(rows));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(false);
            end = rows.getLast().position();
        } catch (IOException e) {
            channel.truncate(before);
            channel.position(before);
            throw e;
        }
    }

    /**
     * The places on the chain back from the newest line, the newest first. It ends where the oldest segment begins, or
     * where the witness missed something.
     */
    public List<Position> branch() throws IOException {
        List<Position> branch = new ArrayList<>();
        String expected = end().hash();
        for (Path segment : segments(folder).reversed()) {
            List<EventRow> rows = new ArrayList<>();
            lines.forEach(segment, row -> true, rows::add);
            for (EventRow row : rows.reversed()) {
                if (row.hash().equals(expected)) {
                    branch.add(row.position());
                    expected = row.previousHash();
                }
            }
        }
        return branch;
    }

    /**
     * All other places of the witness, in the order in which they were written: its events of other branches of the
     * history.
     */
    List<Position> besides(Collection<Position> places) throws IOException {
        Set<Position> known = new HashSet<>(places);
        List<Position> others = new ArrayList<>();
        forEach(row -> !known.contains(row.position()), row -> others.add(row.position()));
        return others;
    }

    /** The events at these places, in the order in which they were written. */
    void forEachOf(Collection<Position> places, Consumer<EventRow> action) throws IOException {
        Set<Position> wanted = new HashSet<>(places);
        forEach(row -> wanted.contains(row.position()), row -> {
            if (wanted.remove(row.position())) {
                action.accept(row);
            }
        });
    }

    private void forEach(Predicate<EventRow> matters, Consumer<EventRow> action) throws IOException {
        for (Path segment : segments(folder)) {
            lines.forEach(segment, matters, action);
        }
    }

    private static List<Path> segments(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().matches("[0-9]{8}\\.jsonl"))
                    .sorted()
                    .toList();
        }
    }

    private static int numberOf(Path segment) {
        return Integer.parseInt(segment.getFileName().toString().substring(0, 8));
    }

    @Override
    public synchronized void close() throws IOException {
        if (open != null) {
            open.close();
            open = null;
        }
    }
}
