package dev.latchkey.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.Needs;
import dev.latchkey.PastedText;
import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples that the console shows. */
class SamplesTest {
    @Test
    void theCurlExampleCanBePastedIntoAnyShellAndNeedsNothingSet() {
        String curl = Samples.of("http://localhost:8080", "lk_abc").getFirst().code();
        assertThat(PastedText.faults(curl)).isEmpty();
        assertThat(curl)
                .as("without CLIENT_SECRET, curl asks")
                .contains("-u \"lk_abc${CLIENT_SECRET:+:$CLIENT_SECRET}\"")
                .doesNotContain("$CLIENT_ID");
        assertThat(curl).as("one command").startsWith("{\n").endsWith("\n}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/bin/bash --norc -i", "/bin/zsh -f -i", "/bin/sh -i"})
    void theCurlExampleWorksAsItIsTyped(String shell) throws IOException, InterruptedException {
        String[] command = shell.split(" ", -1);
        Needs.ifPossible(Files.isExecutable(Path.of(command[0])), command[0]);
        try (RunningServer server = RunningServer.start(TestEngine.SQLITE)) {
            Credentials credentials = server.admin().createToken("Pasted", "public");
            String pasted =
                    Samples.of(server.url(), credentials.clientId()).getFirst().code();
            ProcessBuilder typed = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
            typed.environment().put("CLIENT_SECRET", credentials.clientSecret());
            Process process = typed.start();
            try {
                process.getOutputStream().write((pasted + "\nexit\n").getBytes(StandardCharsets.UTF_8));
                process.getOutputStream().close();
                assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
                assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                        .contains("\"" + credentials.clientId() + "\"");
            } finally {
                process.destroyForcibly();
            }
        }
    }
}
