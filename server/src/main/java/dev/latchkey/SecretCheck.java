package dev.latchkey;

import dev.latchkey.crypto.Secret;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code latchkey secret check}: where in files Latchkey secrets are, offline. It says where, and never repeats a secret.
 * Exits 0 when there is none, 1 when there is one, 2 when a file cannot be read.
 */
final class SecretCheck {
    /** The same as in docs/leaks.md. */
    private static final Pattern SECRET = Pattern.compile("(?<![0-9A-Za-z_])lks_[0-9A-Za-z]{49}(?![0-9A-Za-z])");

    private final PrintStream out;
    private final PrintStream err;

    SecretCheck(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** @param input what to read when no file is named */
    int run(List<Path> files, InputStream input) {
        long found = 0;
        try {
            if (files.isEmpty()) {
                found = look(input, "standard input");
            }
            for (Path file : files) {
                try (InputStream in = Files.newInputStream(file)) {
                    found += look(in, file.toString());
                }
            }
        } catch (IOException e) {
            err.println("This cannot be read: " + e.getMessage());
            return 2;
        }
        if (found == 0) {
            out.println("No Latchkey secret found.");
        }
        return found == 0 ? 0 : 1;
    }

    private long look(InputStream in, String name) throws IOException {
        long found = 0;
        // Every byte is a character here, so that files of any kind can be looked through.
        BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.ISO_8859_1));
        int number = 0;
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            number++;
            for (Matcher candidates = SECRET.matcher(line); candidates.find(); ) {
                if (Secret.parse(candidates.group()).isPresent()) {
                    out.println(name + ":" + number + ":" + (candidates.start() + 1) + ": a Latchkey secret");
                    found++;
                }
            }
        }
        return found;
    }
}
