package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
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
    void aPercentageMayBeAFractionAndNothingElse() {
        List<String> problems = new ArrayList<>();
        assertThat(Setting.TRACE_PERCENT.read(null, problems::add)).isEqualTo(1.0);
        assertThat(Setting.TRACE_PERCENT.read("0.5", problems::add)).isEqualTo(0.5);
        assertThat(Setting.TRACE_PERCENT.read("100", problems::add)).isEqualTo(100.0);
        assertThat(problems).isEmpty();
        for (String wrong : List.of("-1", "100.1", "NaN", "a few", "1 %")) {
            Setting.TRACE_PERCENT.read(wrong, problems::add);
        }
        assertThat(problems)
                .hasSize(5)
                .allSatisfy(problem -> assertThat(problem).contains("from 0 to 100"));
    }

    @Test
    void secretsAreNoneOfThoseThatMayBeFlags() {
        assertThat(Setting.all().stream().filter(Setting::isSecret))
                .containsExactlyInAnyOrder(Setting.MASTER_KEY, Setting.ADMIN_PASSWORD, Setting.DATABASE_PASSWORD);
    }
}
