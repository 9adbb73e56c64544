package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SettingTest {
    private final SettingName name = new SettingName("idle-seconds", List.of("silent-seconds", "quiet"));

    @Test
    void aNameHasThreeSpellings() {
        assertThat(name.key()).isEqualTo("idle-seconds");
        assertThat(name.flag()).isEqualTo("--idle-seconds");
        assertThat(name.environmentVariable()).isEqualTo("LATCHKEY_IDLE_SECONDS");
    }

    @Test
    void theNamesThatASettingHadBeforeStillWork() {
        assertThat(List.of("idle-seconds", "IDLE_SECONDS", "silent-seconds", "quiet"))
                .allMatch(name::hasKey);
        assertThat(List.of("LATCHKEY_IDLE_SECONDS", "LATCHKEY_SILENT_SECONDS", "LATCHKEY_QUIET"))
                .allMatch(name::hasEnvironmentVariable);
        assertThat(name.flags()).containsExactly("--idle-seconds", "--silent-seconds", "--quiet");
        assertThat(name.hasKey("silent")).isFalse();
        assertThat(name.hasEnvironmentVariable("LATCHKEY_idle_seconds")).isFalse();
    }

    @Test
    void noTwoSettingsShareAName() {
        assertThat(Setting.all().stream().flatMap(setting -> List.of(setting.flags()).stream()))
                .doesNotHaveDuplicates();
    }

    @Test
    void secretsAreNoneOfThoseThatMayBeFlags() {
        assertThat(Setting.all().stream().filter(Setting::isSecret))
                .containsExactlyInAnyOrder(Setting.MASTER_KEY, Setting.ADMIN_PASSWORD, Setting.DATABASE_PASSWORD);
    }
}
