package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What becomes of a settings file that changes while the service runs. */
class SettingsReloadTest {
    @TempDir
    Path folder;

    private final Logger logger = (Logger) LoggerFactory.getLogger(SettingsReload.class);
    private final Logger own = (Logger) LoggerFactory.getLogger("dev.latchkey");
    private final Level level = own.getLevel();
    private final ListAppender<ILoggingEvent> said = new ListAppender<>();
    private Path file;
    private LiveSettings settings;
    private SettingsReload reload;

    @BeforeEach
    void start() throws IOException {
        file = folder.resolve("latchkey.yaml");
        said.start();
        logger.addAppender(said);
        logger.setLevel(Level.INFO);
        write("idle-seconds: 60", "port: 8080");
        SettingsSource source =
                new SettingsSource(Map.of(Setting.STOP_DELAY_SECONDS, "7"), Map.of(), Optional.of(file));
        settings = new LiveSettings(source.read());
        reload = new SettingsReload(source, settings);
    }

    @AfterEach
    void end() {
        logger.detachAppender(said);
        logger.setLevel(null);
        own.setLevel(level);
    }

    private void write(String... lines) throws IOException {
        Files.write(file, List.of(lines));
    }

    private List<String> said() {
        return said.list.stream()
                .map(line -> line.getLevel() + " " + line.getFormattedMessage())
                .toList();
    }

    @Test
    void aChangeOfTheFileTakesEffectOnceItHasSettled() throws Exception {
        Supplier<Duration> idle = settings.of(Setting.IDLE_SECONDS);
        reload.look();
        write("idle-seconds: 30", "port: 8080");
        reload.look();
        assertThat(idle.get()).as("an editor may still be writing").isEqualTo(Duration.ofSeconds(60));
        write("idle-seconds: 45", "port: 8080");
        reload.look();
        assertThat(idle.get()).isEqualTo(Duration.ofSeconds(60));
        reload.look();
        assertThat(idle.get()).isEqualTo(Duration.ofSeconds(45));
        reload.look();
        assertThat(said()).containsExactly("INFO The settings were read again. Changed: idle-seconds");
    }

    @Test
    void aSettingThatCannotChangeIsNamedUntilItIsAsItWas() throws Exception {
        write("idle-seconds: 30", "port: 9090", "database-password: hunter2-hunter2");
        reload.read();
        assertThat(settings.latest().get(Setting.IDLE_SECONDS)).isEqualTo(Duration.ofSeconds(30));
        write("port: 8080");
        reload.read();
        assertThat(said())
                .containsExactly(
                        "WARN The settings were read again. Changed: idle-seconds. Restart to change: port, database-password",
                        "INFO The settings were read again. Changed: idle-seconds");
        reload.read();
        assertThat(said()).last().isEqualTo("INFO The settings were read again. Nothing has changed");
    }

    @Test
    void aFileWithAMistakeChangesNothingAndTheLogSaysWhy() throws Exception {
        write("idle-seconds: 30", "idel-seconds: 30");
        reload.read();
        write("idle-seconds: soon");
        reload.read();
        write("idle-seconds: [");
        reload.read();
        assertThat(settings.latest().get(Setting.IDLE_SECONDS)).isEqualTo(Duration.ofSeconds(60));
        assertThat(said())
                .hasSize(3)
                .allMatch(line -> line.startsWith(
                        "ERROR The settings were read again and are" + " unusable, so nothing has changed. "));
        assertThat(said().getFirst()).endsWith("Did you mean idle-seconds?");
        write("idle-seconds: 30", "port: 8080");
        reload.look();
        reload.look();
        assertThat(settings.latest().get(Setting.IDLE_SECONDS)).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void aFileThatIsGoneDoesNotBringTheDefaultsBack() throws Exception {
        Files.delete(file);
        reload.look();
        reload.look();
        assertThat(settings.latest().get(Setting.IDLE_SECONDS)).isEqualTo(Duration.ofSeconds(60));
        assertThat(said()).singleElement().asString().contains("cannot be read");
    }

    @Test
    void whatAFlagSetsStays() throws Exception {
        write("idle-seconds: 60", "port: 8080", "stop-delay-seconds: 20");
        reload.read();
        assertThat(settings.stopDelay()).isEqualTo(Duration.ofSeconds(7));
        assertThat(said()).containsExactly("INFO The settings were read again. Nothing has changed");
    }

    @Test
    void theLevelOfTheLogChanges() throws Exception {
        write("idle-seconds: 60", "port: 8080", "log-level: error");
        reload.read();
        assertThat(own.getLevel()).isEqualTo(Level.ERROR);
        write("idle-seconds: 60", "port: 8080", "log-level: debug");
        reload.read();
        assertThat(own.getLevel()).isEqualTo(Level.DEBUG);
    }

    @Test
    void onlyASettingThatIsDeclaredToReloadIsLive() {
        assertThatThrownBy(() -> settings.of(Setting.PORT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("port");
    }
}
