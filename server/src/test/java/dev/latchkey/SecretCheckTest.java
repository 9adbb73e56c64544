package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.crypto.Secret;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code latchkey secret check}. */
class SecretCheckTest {
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(output, true, StandardCharsets.UTF_8);
    private final String secret = Secret.generate(new SecureRandom()).value();

    @TempDir
    private Path folder;

    private String said() {
        return output.toString(StandardCharsets.UTF_8);
    }

    private int check(String text) {
        return new SecretCheck(out, out)
                .run(List.of(), new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void aSecretIsFoundAndNotRepeated() {
        assertThat(check("first\npassword=\"" + secret + "\"\n")).isEqualTo(1);
        assertThat(said()).isEqualTo("standard input:2:11: a Latchkey secret\n");
    }

    @Test
    void whatOnlyLooksLikeOneIsNone() {
        char last = secret.charAt(secret.length() - 1);
        String wrongChecksum = secret.substring(0, secret.length() - 1) + (last == 'a' ? 'b' : 'a');
        assertThat(check(wrongChecksum + "\nx" + secret + "\n" + secret + "x\n" + secret.substring(1)))
                .isEqualTo(0);
        assertThat(said()).doesNotContain("lks_");
    }

    @Test
    void filesAreNamedAndTheCommandIsThere() throws Exception {
        Path file = Files.writeString(folder.resolve("a.env"), "CLIENT_SECRET=" + secret + "\n");
        Latchkey latchkey = new Latchkey(Map.of(), out, out);
        assertThat(latchkey.run("secret", "check", file.toString())).isEqualTo(1);
        assertThat(said()).contains("a.env:1:15").doesNotContain(secret);
        assertThat(latchkey.run("secret", "check", folder.resolve("missing").toString()))
                .isEqualTo(2);
    }
}
