package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a first start needs from the settings, and later ones do not. */
class FirstStartTest {
    private static final String EMAIL = "LATCHKEY_ADMIN_EMAIL";
    private static final String PASSWORD = "LATCHKEY_ADMIN_PASSWORD";
    private static final String PASSWORD_FILE = "LATCHKEY_ADMIN_PASSWORD_FILE";

    @TempDir
    Path folder;

    private boolean needsSetUp(Map<String, String> environment) {
        Map<Setting<?>, String> flags =
                Map.of(Setting.PORT, "0", Setting.DATA, folder.resolve("data").toString());
        try (Server server = Server.start(Settings.read(flags, environment, Optional.empty()))) {
            return server.setupUrl().isPresent();
        }
    }

    @Test
    void theAdministratorsPasswordMayBeGoneOnceTheAccountIsThere() {
        String gone = folder.resolve("gone").toString();
        assertThatThrownBy(() -> needsSetUp(Map.of(EMAIL, "ada@example.com")))
                .isInstanceOf(UnusableSettingsException.class)
                .hasMessage(
                        "Unattended setup needs both " + EMAIL + " and " + PASSWORD + " (or " + PASSWORD_FILE + ").");
        assertThatThrownBy(() -> needsSetUp(Map.of(PASSWORD, "correct-horse-battery")))
                .isInstanceOf(UnusableSettingsException.class);
        assertThatThrownBy(() -> needsSetUp(Map.of(EMAIL, "ada@example.com", PASSWORD_FILE, gone)))
                .isInstanceOf(UnusableSettingsException.class)
                .hasMessageContaining(gone)
                .hasMessageContaining("cannot be read");
        assertThat(needsSetUp(Map.of(EMAIL, "ada@example.com", PASSWORD, "correct-horse-battery")))
                .isFalse();
        assertThat(needsSetUp(Map.of(EMAIL, "ada@example.com"))).isFalse();
        assertThat(needsSetUp(Map.of(PASSWORD, "correct-horse-battery"))).isFalse();
        assertThat(needsSetUp(Map.of(EMAIL, "ada@example.com", PASSWORD_FILE, gone)))
                .isFalse();
    }

    /** A database that goes away a moment after the start ends no server: only what comes before it is ready may fail. */
    @Test
    void theSetUpLinkIsMadeBeforeTheServerIsReady() {
        Map<Setting<?>, String> flags =
                Map.of(Setting.PORT, "0", Setting.DATA, folder.resolve("data").toString());
        try (Server server = Server.start(Settings.read(flags, Map.of(), Optional.empty()))) {
            assertThat(server.setupUrl()).isPresent().isEqualTo(server.setupUrl());
        }
    }
}
