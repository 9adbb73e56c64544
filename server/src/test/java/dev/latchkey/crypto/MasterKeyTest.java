package dev.latchkey.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.database.Database;
import dev.latchkey.database.TestEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class MasterKeyTest {
    @TempDir
    Path folder;

    private static String hash(MasterKey masterKey) {
        return new KeyedHash(masterKey, "test").of("text");
    }

    private static String random() {
        byte[] bytes = new byte[32];
        new java.security.SecureRandom().nextBytes(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }

    @Test
    void theFileIsMadeOnceForItsOwnerOnlyAndReadBack() throws IOException {
        Path file = folder.resolve("master.key");
        MasterKey made = MasterKey.loadOrCreate(file);
        String content = Files.readString(file);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(Base64.getDecoder().decode(content.strip())).hasSize(32);
        assertThat(hash(MasterKey.loadOrCreate(file))).isEqualTo(hash(made));
        assertThat(hash(MasterKey.load(file))).isEqualTo(hash(made));
        assertThat(Files.readString(file)).isEqualTo(content);
        assertThat(hash(MasterKey.loadOrCreate(folder.resolve("another.key")))).isNotEqualTo(hash(made));
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).as("no draft is left").hasSize(2);
        }
    }

    @Test
    void startsAtTheSameMomentGetTheSameKey() throws Exception {
        int starters = 8;
        try (ExecutorService threads = Executors.newFixedThreadPool(starters)) {
            for (int round = 0; round < 50; round++) {
                Path file = folder.resolve("master" + round + ".key");
                CyclicBarrier together = new CyclicBarrier(starters);
                Callable<String> start = () -> {
                    together.await();
                    return hash(MasterKey.loadOrCreate(file));
                };
                List<Future<String>> hashes = threads.invokeAll(Collections.nCopies(starters, start));
                String first = hashes.getFirst().get();
                for (Future<String> hash : hashes) {
                    assertThat(hash.get()).isEqualTo(first);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "not base64!", "c2hvcnQ=", "\u0000\u00ff\u00fe"})
    void aFileWithoutAKeyIsRefusedInOneLineAndLeftAlone(String content) throws IOException {
        Path file = Files.writeString(Files.createTempFile(folder, "master", ".key"), content);
        assertThatThrownBy(() -> MasterKey.loadOrCreate(file))
                .isInstanceOf(UnusableKeyException.class)
                .hasMessage("The master key in the file " + file
                        + " is not 32 bytes of base64. Create one with: openssl rand -base64 32");
        assertThat(Files.readString(file)).isEqualTo(content);
    }

    @Test
    void aFileTooLongForAKeyIsNotReadWhole() {
        assertThatThrownBy(() -> MasterKey.load(Path.of("/dev/zero"))).isInstanceOf(UnusableKeyException.class);
    }

    @Test
    void anErrorDoesNotRepeatTheKey() {
        String almost = random().substring(4);
        assertThatThrownBy(() -> MasterKey.parse(almost, "LATCHKEY_MASTER_KEY"))
                .hasMessageContaining("LATCHKEY_MASTER_KEY")
                .hasMessageNotContaining(almost)
                .hasNoCause();
    }

    @Test
    void aFolderThatCannotBeWrittenIsOneLine() {
        Path file = folder.resolve("missing/master.key");
        assertThatThrownBy(() -> MasterKey.loadOrCreate(file))
                .isInstanceOf(UnusableKeyException.class)
                .hasMessage("The master key file " + file
                        + " cannot be written (no such file or folder). Check that its folder exists and is writable, and that"
                        + " the disk is not full.");
    }

    @Test
    void aKeyDoesNotPrintItself() {
        String text = random();
        assertThat(MasterKey.parse(text, "the test").toString()).isEqualTo("MasterKey");
    }

    @ParameterizedTest
    @EnumSource(TestEngine.class)
    void aDatabaseKeepsToTheKeyThatItWasMadeWith(TestEngine engine) throws IOException {
        Path file = folder.resolve("master.key");
        try (Database database = engine.open()) {
            String made = hash(KeyCheck.loadOrCreate(database, file));
            assertThat(hash(KeyCheck.loadOrCreate(database, file))).isEqualTo(made);
            Files.writeString(file, random());
            assertRefused(database, file, "The master key does not belong to this database.");
            assertThatThrownBy(() -> KeyCheck.require(database, MasterKey.parse(random(), "the test")))
                    .isInstanceOf(UnusableKeyException.class);
            Files.delete(file);
            assertRefused(database, file, "There is no master key file " + file);
            assertThat(file).as("a new key would only hide the loss").doesNotExist();
        }
    }

    /** A database from before the hash root: its hashes were made with keys of the master key itself. */
    @ParameterizedTest
    @EnumSource(TestEngine.class)
    void earlierHashesMatchAfterTheUpgradeAndAfterARotation(TestEngine engine) {
        MasterKey old = MasterKey.parse(random(), "the test");
        MasterKey fresh = MasterKey.parse(random(), "the test");
        try (Database database = engine.open()) {
            String check = new Vault(old, "key check").seal("the master key fits", "the master key fits");
            database.change(transaction -> transaction
                    .update("insert into key_check (singleton, sealed) values (1, :check)")
                    .bind("check", check)
                    .execute());
            String before = hash(old);
            assertThatThrownBy(() -> KeyCheck.require(database, fresh)).isInstanceOf(UnusableKeyException.class);
            assertThat(hash(KeyCheck.require(database, old))).isEqualTo(before);
            assertThat(hash(KeyCheck.require(database, old))).isEqualTo(before);
            MasterKey opened = KeyCheck.require(database, old);
            database.change(transaction -> KeyCheck.reseal(transaction, opened, fresh));
            assertThat(hash(KeyCheck.require(database, fresh))).isEqualTo(before);
            assertThatThrownBy(() -> KeyCheck.require(database, old)).isInstanceOf(UnusableKeyException.class);
            assertThatThrownBy(() -> database.change(transaction -> KeyCheck.requireStill(transaction, old)))
                    .isInstanceOf(UnusableKeyException.class);
            database.change(transaction -> KeyCheck.requireStill(transaction, fresh));
        }
    }

    /** An attacker who finds an old master key cannot make hashes that match. */
    @Test
    void theHashesOfANewInstallationAreNotMadeWithTheMasterKeyItself() {
        MasterKey masterKey = MasterKey.parse(random(), "the test");
        try (Database database = TestEngine.SQLITE.open()) {
            assertThat(hash(KeyCheck.require(database, masterKey))).isNotEqualTo(hash(masterKey));
        }
    }

    private static void assertRefused(Database database, Path file, String reason) {
        assertThatThrownBy(() -> KeyCheck.loadOrCreate(database, file))
                .isInstanceOf(UnusableKeyException.class)
                .hasMessageContaining(reason)
                .message()
                .hasLineCount(1);
    }
}
