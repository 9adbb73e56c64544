package dev.latchkey.blueprint;

import dev.latchkey.client.FailedCallException;
import dev.latchkey.database.OwnersOnly;
import dev.latchkey.database.Reason;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Brings each new secret to its one place: a file that only its owner may read, the standard input of a command, or no place at all.
 * The file is there, empty, before the secret exists: an empty file says that an interrupted run made a secret that reached no
 * one.
 */
final class SecretDelivery {
    private static final String COMMAND_FLAG = "--secrets-command";

    private final @Nullable Path folder;
    private final @Nullable String command;
    private final boolean discard;

    /**
     * At most one of the three.
     *
     * @param folder the folder of the files
     * @param command what a shell runs for each secret
     * @param discard whether no one needs them
     */
    SecretDelivery(@Nullable Path folder, @Nullable String command, boolean discard) {
        this.folder = folder;
        this.command = command;
        this.discard = discard;
    }

    /** For a comparison alone, which makes no secrets. */
    static SecretDelivery none() {
        return new SecretDelivery(null, null, false);
    }

    /** Whether the token's secret was made for a file and never written to it. */
    boolean reachedNoOne(String description) {
        try {
            Path file = file(description);
            return file != null && Files.isRegularFile(file) && Files.size(file) == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Refuses when a secret would have no place, or an earlier one would be overwritten.
     *
     * @param descriptions the tokens that get secrets
     */
    void requireRoomFor(List<String> descriptions) {
        if (descriptions.isEmpty()) {
            return;
        }
        int chosen = (folder == null ? 0 : 1) + (command == null ? 0 : 1) + (discard ? 1 : 0);
        if (chosen != 1) {
            throw FailedCallException.impossible("The new API tokens have secrets: " + String.join(", ", descriptions)
                    + ". Nothing has changed. Pass one of --secrets-folder, " + COMMAND_FLAG
                    + " and --discard-secrets.");
        }
        Set<Path> files = new HashSet<>();
        for (String description : descriptions) {
            Path file = file(description);
            if (file == null) {
                continue;
            }
            if (!files.add(file)) {
                throw FailedCallException.impossible("Two new API tokens have secrets for the file " + file
                        + ". Nothing has changed. Give them descriptions that differ in letters or digits.");
            }
            if (Files.exists(file) && !reachedNoOne(description)) {
                throw FailedCallException.impossible("The file " + file
                        + " exists and would be overwritten by the secret of a new API token. Nothing has changed."
                        + " Remove it, or move it away.");
            }
        }
    }

    /** Makes the place ready, before the secret exists. */
    void prepare(String description) {
        Path file = file(description);
        if (file == null) {
            return;
        }
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.createFile(file, OwnersOnly.file(file));
        } catch (FileAlreadyExistsException e) {
            if (!reachedNoOne(description)) {
                throw FailedCallException.impossible("The file " + file + " exists and is not overwritten.");
            }
        } catch (IOException e) {
            throw FailedCallException.impossible("The file " + file + " cannot be written (" + Reason.ofFile(e) + ").");
        }
    }

    /** Takes back an empty file whose secret was never made. */
    void cancel(String description) {
        Path file = file(description);
        if (file != null && reachedNoOne(description)) {
            try {
                Files.delete(file);
            } catch (IOException e) {
                // An empty file without a token is used by the next run.
                return;
            }
        }
    }

    /**
     * Hands the secret over.
     *
     * @param reply the server's reply with the secret
     * @return where it went; empty when it was discarded
     * @throws FailedCallException when it did not arrive
     */
    String deliver(String description, Map<String, Object> reply) {
        if (discard) {
            return "";
        }
        byte[] lines = lines(reply).getBytes(StandardCharsets.UTF_8);
        Path file = file(description);
        if (file == null) {
            run(String.valueOf(command), description, lines);
            return "the command";
        }
        try {
            Files.write(file, lines);
            return file.toString();
        } catch (IOException e) {
            throw FailedCallException.impossible("The secret of \"" + description + "\" cannot be written to " + file
                    + " (" + Reason.ofFile(e) + "). Run the command again to get another one.");
        }
    }

    /** Whether a secret that did not arrive is replaced by the next run. */
    boolean isRepeatable() {
        return folder != null;
    }

    private @Nullable Path file(String description) {
        return folder == null
                ? null
                : folder.resolve(description.replaceAll("[^A-Za-z0-9._-]+", "-").replaceAll("^[.-]+|-+$", "") + ".env");
    }

    private static String lines(Map<String, Object> reply) {
        Object key = reply.get("apiKey");
        return "CLIENT_ID=" + reply.get("clientId") + "\n"
                + (key == null ? "CLIENT_SECRET=" + reply.get("clientSecret") : "API_KEY=" + key) + "\n";
    }

    private static void run(String command, String description, byte[] lines) {
        ProcessBuilder process = new ProcessBuilder("sh", "-c", command)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        // It gets the new secret, not the one that this command has.
        process.environment().keySet().removeAll(Set.of("CLIENT_ID", "CLIENT_SECRET"));
        process.environment().put("TOKEN_DESCRIPTION", description);
        try {
            Process started = process.start();
            String unread = "";
            try (OutputStream input = started.getOutputStream()) {
                input.write(lines);
            } catch (IOException e) {
                // It ended, or closed its input; how it ended says more.
                unread = "it did not read it";
            }
            int status = started.waitFor();
            if (status != 0) {
                throw failed(description, "exit status " + status);
            }
            if (!unread.isEmpty()) {
                throw failed(description, unread);
            }
        } catch (IOException e) {
            throw failed(description, Reason.of(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(description, "interrupted");
        }
    }

    private static FailedCallException failed(String description, String reason) {
        return FailedCallException.impossible(
                COMMAND_FLAG + " did not take the secret of \"" + description + "\" (" + reason + ").");
    }
}
