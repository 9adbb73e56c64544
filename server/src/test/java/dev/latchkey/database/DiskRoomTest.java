package dev.latchkey.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.Needs;
import dev.latchkey.SystemCommand;
import dev.latchkey.TestRun;
import dev.latchkey.problem.Problem;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On a small disk of its own, which only root may mount; skipped otherwise. */
class DiskRoomTest {
    private Path disk;
    private Database database;

    @BeforeEach
    void mount() throws Exception {
        disk = TestRun.newFolder("disk");
        Needs.ifPossible(
                SystemCommand.succeeds("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk.toString()),
                "the right to mount a disk");
        database = Database.open(new DatabaseAddress.SqliteFile(disk.resolve("latchkey.db")));
        database.keepReserve();
        database.change(transaction -> transaction.handle().execute("create table filler (bytes blob not null)"));
    }

    @AfterEach
    void unmount() throws Exception {
        if (database != null) {
            database.close();
            SystemCommand.succeeds("umount", disk.toString());
        }
    }

    private void fill() {
        try (OutputStream out = Files.newOutputStream(disk.resolve("ballast"))) {
            byte[] block = new byte[1_024];
            while (true) {
                out.write(block);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left on device");
        }
    }

    private static void insert(Transaction transaction) {
        transaction
                .update("insert into filler (bytes) values (randomblob(200000))")
                .execute();
    }

    @Test
    void aChangeThatEndsSomethingIsGivenTheReserveAndNoOtherIs() throws IOException {
        Path reserve = disk.resolve(DiskRoom.RESERVE);
        assertThat(Files.size(reserve)).isEqualTo(DiskRoom.RESERVE_BYTES);
        fill();
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> {
                        for (int n = 0; n < 50; n++) {
                            database.change(DiskRoomTest::insert);
                        }
                    })
                    .isInstanceOf(Problem.class)
                    .hasMessageContaining("is full: No space left on device.");
        }
        assertThat(reserve).as("other changes do not use it").exists();
        for (int i = 0; i < 10; i++) {
            database.ending(DiskRoomTest::insert);
        }
        assertThat(reserve).doesNotExist();
        assertThatThrownBy(() -> database.change(transaction -> {}))
                .as("not even a small one")
                .isInstanceOf(Problem.class)
                .hasMessageContaining("only changes that end something are accepted");

        Files.delete(disk.resolve("ballast"));
        database.keepReserve();
        assertThat(reserve).exists();
        database.change(DiskRoomTest::insert);
        assertThat(database.shortage()).isEmpty();
    }
}
