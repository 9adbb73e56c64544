package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.crypto.Secret;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code latchkey secret check}, with each form of secrets. */
@ParameterizedClass
@EnumSource(Secret.Form.class)
class SecretCheckTest {
    private static final String NONE_IN_INPUT = "No Latchkey secret found in standard input.\n";

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(output, true, StandardCharsets.UTF_8);

    @Parameter
    Secret.Form form;

    private String secret;

    @TempDir
    private Path folder;

    @BeforeEach
    void makeASecret() {
        secret = switch (form) {
            case CLIENT_SECRET -> Secret.generate(new SecureRandom()).value();
            case API_KEY ->
                Secret.generateApiKey("0123456789abcdef", new SecureRandom()).value();
        };
    }

    private String said() {
        String said = output.toString(StandardCharsets.UTF_8);
        output.reset();
        assertThat(said)
                .as("no secret is repeated")
                .doesNotContain(secret.substring(form.length() - 20, form.length() - 10));
        return said;
    }

    private int check(byte[] text) {
        return new SecretCheck(out, out).run(List.of(), new ByteArrayInputStream(text));
    }

    private int check(String text) {
        return check(text.getBytes(StandardCharsets.UTF_8));
    }

    private int checkFolder() {
        return new SecretCheck(out, out).run(List.of(folder), InputStream.nullInputStream());
    }

    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    @Test
    void aSecretIsFoundAndNotRepeated() {
        assertThat(check("first\npassword=\"" + secret + "\"\n")).isEqualTo(1);
        assertThat(said())
                .isEqualTo("standard input:2:11: a Latchkey secret\n1 Latchkey secret found in standard input.\n");
    }

    @Test
    void whatOnlyLooksLikeOneIsNone() {
        char last = secret.charAt(secret.length() - 1);
        String wrongChecksum = secret.substring(0, secret.length() - 1) + (last == 'a' ? 'b' : 'a');
        String base64 = Base64.getEncoder().encodeToString(("ada:" + wrongChecksum).getBytes(StandardCharsets.UTF_8));
        assertThat(check(wrongChecksum + "\n" + secret.substring(1) + "\nlks_\nbGtzX\nBasic " + base64))
                .isEqualTo(0);
        assertThat(said()).isEqualTo(NONE_IN_INPUT);
    }

    @Test
    void whatIsGluedToASecretDoesNotHideIt() {
        assertThat(check("my_" + secret + "\nx" + secret + "x\nlks_" + secret)).isEqualTo(1);
        assertThat(said()).contains("standard input:1:4:", "standard input:2:2:", "standard input:3:5:", "3 Latchkey");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16LE", "UTF-16BE"})
    void aSecretInUtf16IsFoundWithAndWithoutAByteOrderMark(String encoding) {
        // Next to letters whose halves look like line ends.
        String text = "\u010a\u4e0a first\r\nCLIENT_SECRET=" + secret + "\r\n";
        for (String mark : List.of("\ufeff", "")) {
            assertThat(check((mark + text).getBytes(Charset.forName(encoding)))).isEqualTo(1);
            assertThat(said()).startsWith("standard input:2:15: a Latchkey secret\n");
        }
    }

    /** As PowerShell's {@code >>} does. */
    @Test
    void aSecretInUtf16IsFoundBehindTextInAnotherEncoding() throws IOException {
        ByteArrayOutputStream mixed = new ByteArrayOutputStream();
        mixed.write("plain\n".getBytes(StandardCharsets.UTF_8));
        mixed.write(("x" + secret).getBytes(StandardCharsets.UTF_16LE));
        mixed.write(secret.getBytes(StandardCharsets.UTF_8));
        assertThat(check(mixed.toByteArray())).isEqualTo(1);
        assertThat(said()).contains("2 Latchkey secrets");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\\_",
                "\\\\_",
                "%5F",
                "%5f",
                "%255F",
                "&#95;",
                "&#x5F;",
                "&lowbar;",
                "\\u005f",
                "\\\\u005F",
                "\\x5f"
            })
    void aSecretWithAnEscapedUnderscoreIsFound(String underscore) {
        assertThat(check("# Notes\nsecret: " + secret.replace("_", underscore) + "\n"))
                .isEqualTo(1);
        assertThat(said()).startsWith("standard input:2:9: a Latchkey secret, with an escaped underscore\n");
    }

    /** HTTP Basic, Kubernetes' secrets, Docker's settings: wherever the secret begins in its group of three bytes. */
    @Test
    void aSecretInBase64IsFound() {
        for (String before : List.of("", "a", "ab", "abc", "program-one:", "lk_0123456789abcdef:")) {
            for (Base64.Encoder encoder :
                    List.of(Base64.getEncoder(), Base64.getUrlEncoder(), Base64.getMimeEncoder())) {
                String base64 = encoder.encodeToString((before + secret + "\n").getBytes(StandardCharsets.UTF_8));
                assertThat(check("GET / HTTP/1.1\r\nAuthorization: Basic " + base64 + "\r\n"))
                        .as(before)
                        .isEqualTo(1);
                assertThat(said())
                        .startsWith("standard input:2:")
                        .contains(": a Latchkey secret, in base64\n1 Latchkey");
            }
        }
        String glued = Base64.getEncoder().encodeToString(("ada:" + secret).getBytes(StandardCharsets.UTF_8));
        assertThat(check("curl 'http://x/?h=Basic%20" + glued + "'")).isEqualTo(1);
    }

    /** Wherever it is in a long file, of one line, and only once. */
    @Test
    void aSecretIsFoundAcrossTheWindowsOfALongFile() {
        for (int before : new int[] {255 * 1024 - 30, 255 * 1024, 256 * 1024 - 20, 256 * 1024 + 5, 600_000}) {
            assertThat(check("x".repeat(before) + " " + secret + "\n" + secret)).isEqualTo(1);
            assertThat(said())
                    .startsWith("standard input:1:" + (before + 2) + ":")
                    .contains("input:2:1:", "\n2 Latchkey");
            assertThat(check(("\n".repeat(before) + secret).getBytes(StandardCharsets.UTF_16BE)))
                    .isEqualTo(1);
            assertThat(said())
                    .startsWith("standard input:" + (before + 1) + ":1:")
                    .contains("\n1 Latchkey");
        }
    }

    @Test
    void filesAreNamedAndTheCommandIsThere() throws Exception {
        Path file = write("a.env", "CLIENT_SECRET=" + secret + "\n");
        Latchkey latchkey = new Latchkey(Map.of(), out, out);
        assertThat(latchkey.run("secret", "check", file.toString())).isEqualTo(1);
        assertThat(said()).contains("a.env:1:15").endsWith("1 Latchkey secret found in 1 file.\n");
        String missing = folder.resolve("missing").toString();
        assertThat(latchkey.run("secret", "check", missing)).isEqualTo(2);
        assertThat(said()).startsWith(missing + " cannot be read (no such file or folder).\n");
        assertThat(latchkey.run("secret", "check", missing, file.toString()))
                .as("what is found counts before what cannot be read")
                .isEqualTo(1);
    }

    @Test
    void aFolderIsLookedThroughWithoutItsLinksAndGitsObjects() throws Exception {
        write("one/two/three/config.yaml", "a: 1\nb: " + secret + "\n");
        write("picture.png", "\u0000\u0001PNG\u0000" + secret);
        write(".git/HEAD", "ref: refs/heads/main\n");
        write(".git/config", "url = https://lk:" + secret + "@git.example/\n");
        write(".git/objects/pack/one.pack", secret);
        write("objects/readme.txt", "nothing");
        Files.createSymbolicLink(folder.resolve("one/loop"), folder);
        Files.createSymbolicLink(folder.resolve("one/passwd"), Path.of("/etc/passwd"));
        assertThat(checkFolder()).isEqualTo(1);
        assertThat(said().lines().sorted().toList())
                .containsExactlyInAnyOrder(
                        folder.resolve("one/two/three/config.yaml") + ":2:4: a Latchkey secret",
                        folder.resolve("picture.png") + ":1:7: a Latchkey secret",
                        folder.resolve(".git/config") + ":1:18: a Latchkey secret",
                        "3 Latchkey secrets found in 5 files.",
                        "Skipped: the compressed objects of 1 Git repository (git log -p --all | latchkey secret check),"
                                + " 2 symbolic links.");
    }

    @Test
    void aPipeInAFolderHoldsNothingUp() throws Exception {
        write("a.txt", "nothing");
        if (SystemCommand.succeeds("mkfifo", folder.resolve("pipe").toString())) {
            assertThat(checkFolder()).isZero();
            assertThat(said()).isEqualTo("No Latchkey secret found in 1 file.\nSkipped: 1 special file.\n");
        }
    }

    @Test
    void moreFilesThanAreLookedIntoAreSaid() throws Exception {
        for (int i = 0; i < 5; i++) {
            write(i + ".txt", "nothing");
        }
        assertThat(new SecretCheck(out, out, 3).run(List.of(folder), InputStream.nullInputStream()))
                .isEqualTo(2);
        assertThat(said()).contains("There are more than 3 files.", "No Latchkey secret found in 3 files.");
    }

    @Test
    void aFileThatCannotBeReadIsSaidAndTheOthersAreLookedInto() throws Exception {
        write("b.txt", "nothing");
        Path closed = write("a.txt", secret);
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
        if (!Files.isReadable(closed)) {
            assertThat(checkFolder()).isEqualTo(2);
            assertThat(said())
                    .isEqualTo(closed + " cannot be read (permission denied).\nNo Latchkey secret found in 1 file.\n");
        }
    }

    @Test
    void aSecretInTheNameOfAFileIsNotRepeatedEither() throws Exception {
        write(secret + "\u001b[2J.txt", secret);
        assertThat(checkFolder()).isEqualTo(1);
        assertThat(said()).contains(form.prefix() + "...?[2J.txt:1:1:").doesNotContain("\u001b");
    }
}
