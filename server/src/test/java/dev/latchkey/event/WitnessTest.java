package dev.latchkey.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.crypto.MasterKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WitnessTest {
    private static final MasterKey KEY = MasterKey.parse(Base64.getEncoder().encodeToString(new byte[32]), "the test");

    @TempDir
    Path folder;

    private static EventRow after(Position previous, String name) {
        EventRow row = new EventRow(
                previous.sequence() + 1,
                1,
                "system",
                "test",
                "test",
                null,
                null,
                null,
                "role.create",
                "role",
                name,
                name,
                "[]",
                previous.hash(),
                "");
        return new Chain(KEY).hashed(row);
    }

    private static List<EventRow> chain(Position from, int length, String name) {
        List<EventRow> rows = new ArrayList<>();
        Position previous = from;
        for (int i = 0; i < length; i++) {
            EventRow row = after(previous, name + i);
            rows.add(row);
            previous = row.position();
        }
        return rows;
    }

    private List<Path> segments() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    @Test
    void itContinuesWhereItEnded() throws Exception {
        List<EventRow> rows = chain(Position.START, 5, "a");
        try (Witness witness = Witness.open(folder, KEY)) {
            assertThat(witness.end()).isEqualTo(Position.START);
            witness.append(rows.subList(0, 3));
        }
        try (Witness witness = Witness.open(folder, KEY)) {
            assertThat(witness.end()).isEqualTo(rows.get(2).position());
            witness.append(rows.subList(3, 5));
            assertThat(witness.branch())
                    .isEqualTo(rows.reversed().stream().map(EventRow::position).toList());
        }
    }

    @Test
    void ofAForkedHistoryItsBranchIsTheNewerOneAndTheLostOneIsStillThere() throws Exception {
        List<EventRow> common = chain(Position.START, 3, "common");
        List<EventRow> lost = chain(common.getLast().position(), 4, "lost");
        List<EventRow> fresh = chain(common.getLast().position(), 2, "fresh");
        try (Witness witness = Witness.open(folder, KEY)) {
            witness.append(common);
            witness.append(lost);
            witness.append(fresh);
            assertThat(witness.branch())
                    .containsExactlyElementsOf(Stream.concat(common.stream(), fresh.stream())
                            .map(EventRow::position)
                            .toList()
                            .reversed());
            List<EventRow> found = new ArrayList<>();
            witness.forEachOf(lost.stream().map(EventRow::position).toList(), found::add);
            assertThat(found).isEqualTo(lost);
        }
    }

    @Test
    void itIsBoundedAndLosesTheOldestFirst() throws Exception {
        List<EventRow> rows = chain(Position.START, 200, "a");
        try (Witness witness = Witness.open(folder, KEY, 1_000)) {
            for (EventRow row : rows) {
                witness.append(List.of(row));
            }
            assertThat(segments()).hasSize(16);
            assertThat(witness.branch().getFirst()).isEqualTo(rows.getLast().position());
            assertThat(witness.branch()).hasSizeLessThan(100).hasSizeGreaterThan(30);
        }
        try (Witness witness = Witness.open(folder, KEY, 1_000)) {
            assertThat(witness.end()).isEqualTo(rows.getLast().position());
        }
    }

    @Test
    void aLineThatWasCutOffByACrashIsGoneAndTheNextOneIsWhole() throws Exception {
        List<EventRow> rows = chain(Position.START, 3, "a");
        try (Witness witness = Witness.open(folder, KEY)) {
            witness.append(rows.subList(0, 2));
        }
        Path segment = segments().getFirst();
        byte[] content = Files.readAllBytes(segment);
        Files.write(segment, java.util.Arrays.copyOf(content, content.length - 7));
        try (Witness witness = Witness.open(folder, KEY)) {
            assertThat(witness.end()).isEqualTo(rows.getFirst().position());
            witness.append(rows.subList(1, 3));
            assertThat(witness.branch()).hasSize(3);
        }
    }

    @Test
    void whatIsNoTextAndWhatAnotherKeySealedDoesNotCount() throws Exception {
        List<EventRow> rows = chain(Position.START, 2, "a");
        try (Witness witness = Witness.open(folder, KEY)) {
            witness.append(rows);
        }
        Path segment = segments().getFirst();
        byte[] garbage = {(byte) 0xff, (byte) 0xfe, 0, '\n'};
        Files.write(segment, garbage, java.nio.file.StandardOpenOption.APPEND);
        assertThat(Witness.read(folder, KEY).branch()).hasSize(2);
        byte[] other = new byte[32];
        other[0] = 1;
        MasterKey strange = MasterKey.parse(Base64.getEncoder().encodeToString(other), "the test");
        assertThat(Witness.read(folder, strange).end()).isEqualTo(Position.START);
    }
}
