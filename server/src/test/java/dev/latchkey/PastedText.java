package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Commands that people paste at the prompt of the shell that they happen to have. There, zsh does not support comments and takes
 * {@code ?} for a pattern, and bash takes {@code !} for its history.
 */
public final class PastedText {
    /** How each is started as at a prompt, without personal settings. */
    private static final Map<String, List<String>> AT_A_PROMPT = Map.of(
            "bash", List.of("--norc", "--noprofile", "-i"),
            "dash", List.of("-i"),
            "zsh", List.of("-f", "-i", "-o", "no_prompt_sp"));

    private PastedText() {}

    /** What would go wrong in one of the shells, found without any of them. */
    public static List<String> faults(String text) {
        List<String> faults = new ArrayList<>();
        char quote = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean first = i == 0 || " \t\n;|&(".indexOf(text.charAt(i - 1)) >= 0;
            if (c == '\\' && quote != '\'') {
                i++;
            } else if (quote == 0 && (c == '\'' || c == '"')) {
                quote = c;
            } else if (c == quote) {
                quote = 0;
            } else if (c == '!' && quote != '\'') {
                faults.add(at(text, i, "bash looks into its history"));
            } else if (quote == 0 && first && (c == '#' || c == '=')) {
                faults.add(at(text, i, c == '#' ? "zsh has no comments here" : "zsh looks for a command"));
            } else if (quote == 0 && (c == '?' || c == '*' || c == '[') && text.charAt(i - 1) != '$') {
                faults.add(at(text, i, "zsh looks for files"));
            } else if (quote == 0 && c == '<' && i + 1 < text.length() && Character.isLetter(text.charAt(i + 1))) {
                faults.add(at(text, i, "a shell reads a file"));
            }
        }
        if (quote != 0) {
            faults.add("a quotation mark " + quote + " is left open: " + text);
        }
        return faults;
    }

    private static String at(String text, int i, String what) {
        return what + ": "
                + text.substring(text.lastIndexOf('\n', i - 1) + 1)
                        .lines()
                        .findFirst()
                        .orElse("");
    }

    /** The shells that are on this machine; zsh, which is the strictest, comes last. */
    public static List<String> shells() throws InterruptedException {
        List<String> shells = new ArrayList<>();
        for (String shell : List.of("bash", "dash", "zsh")) {
            if (SystemCommand.succeeds(shell, "-c", "true") && SystemCommand.succeeds("setsid", "true")) {
                shells.add(shell);
            }
        }
        if (!shells.contains("zsh")) {
            Needs.doWithout("zsh");
        }
        return shells;
    }

    /** Pastes the text at the shell's prompt; answers everything that was shown. No shell may complain about it. */
    public static String pasted(String shell, String text, Path folder) throws IOException, InterruptedException {
        Path input =
                Files.writeString(Files.createTempFile(folder, "pasted", ".txt"), text.stripTrailing() + "\nexit\n");
        // Without a terminal: a shell at a prompt would take that of the tests.
        List<String> command = new ArrayList<>(List.of("setsid", "--wait", shell));
        command.addAll(AT_A_PROMPT.getOrDefault(shell, List.of()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectInput(input.toFile())
                .redirectErrorStream(true);
        builder.environment().put("HOME", folder.toString());
        builder.environment().put("TERM", "dumb");
        Process process = builder.start();
        String shown = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(shown)
                .as(shell)
                .doesNotContain("zsh: ", "bash: line", ": command not found", ": not found", "yntax error");
        return shown;
    }

    /** Whether the shell can read the text at all. */
    static boolean canRead(String shell, String text) throws IOException, InterruptedException {
        Path file = Files.writeString(Files.createTempFile(TestRun.newFolder("pasted"), "pasted", ".txt"), text);
        try {
            return SystemCommand.succeeds(shell, "-n", file.toString());
        } finally {
            Files.delete(file);
        }
    }
}
