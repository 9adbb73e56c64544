package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.http.StartException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which public base URLs are allowed. */
class IssuerTest {
    @TempDir
    Path folder;

    private static Settings settings(Map<Setting<?>, String> flags) {
        return Settings.read(flags, Map.of(), Optional.empty());
    }

    @ParameterizedTest
    @CsvSource({
        "https://auth.example.com,        https://auth.example.com",
        "https://auth.example.com/,       https://auth.example.com",
        "https://example.com/auth,        https://example.com/auth",
        "https://example.com/auth/,       https://example.com/auth",
        "http://localhost:8080/a/b-c.d_e, http://localhost:8080/a/b-c.d_e"
    })
    void anIssuerMayHaveAPathAndLosesASlashAtItsEnd(String given, String issuer) {
        assertThat(settings(Map.of(Setting.ISSUER, given)).get(Setting.ISSUER)).hasValue(issuer);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://example.com/auth?a=b",
                "https://example.com/auth?",
                "https://example.com/auth#a",
                "https://example.com/auth#",
                "https://a@example.com/auth",
                "https://example.com//",
                "https://example.com//auth",
                "https://example.com/auth//",
                "https://example.com/a/../auth",
                "https://example.com/./auth",
                "https://example.com/auth/..",
                "https://example.com/%61uth",
                "https://example.com/a%2Fb",
                "https://example.com/ä",
                "https://example.com/a;b",
                "https:/auth",
                "ftp://example.com/auth",
                "example.com/auth"
            })
    void anIssuerWithASecondSpellingOrMoreThanAPathIsRefused(String given) {
        assertThatThrownBy(() -> settings(Map.of(Setting.ISSUER, given)))
                .isInstanceOf(UnusableSettingsException.class)
                .hasMessageContaining("--issuer is \"" + given + "\". Set it to the public base URL");
    }

    @Test
    void whereProgramsShowCertificatesThePathIsTheIssuers() {
        Map<Setting<?>, String> flags = new LinkedHashMap<>(Map.of(
                Setting.ISSUER,
                "https://example.com/auth",
                Setting.MTLS_URL,
                "https://mtls.example.com/auth/",
                Setting.CLIENT_CERTIFICATE_FIELD,
                "Client-Cert",
                Setting.TRUSTED_PROXIES,
                "127.0.0.1"));
        assertThat(settings(flags).get(Setting.MTLS_URL)).hasValue("https://mtls.example.com/auth");
        flags.put(Setting.MTLS_URL, "https://mtls.example.com");
        assertThatThrownBy(() -> settings(flags))
                .hasMessageContaining("Its path must be that of the issuer, which is /auth.");
        flags.remove(Setting.ISSUER);
        flags.put(Setting.MTLS_URL, "https://mtls.example.com/auth");
        assertThatThrownBy(() -> settings(flags))
                .hasMessageContaining("Its path must be that of the issuer, which is none.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/tokens", "/api", "/gate/keeper", "/oauth", "/.well-known", "/assets/x"})
    void aPathThatBeginsAsOneOfOurOwnIsRefusedAtTheStart(String path) {
        Settings settings = settings(Map.of(
                Setting.PORT, "0", Setting.DATA, folder.toString(), Setting.ISSUER, "https://example.com" + path));
        assertThatThrownBy(() -> Server.start(settings).close())
                .isInstanceOf(StartException.class)
                .hasMessage("The issuer's path is " + path
                        + ", but some of Latchkey's own paths begin with it. Choose another one, such as /latchkey.");
    }
}
