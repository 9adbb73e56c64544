package dev.latchkey;

import dev.latchkey.client.FailedCallException;
import dev.latchkey.client.ManagementClient;
import dev.latchkey.database.DatabaseAddress;
import dev.latchkey.database.DatabaseCopy;
import dev.latchkey.database.OwnersOnly;
import dev.latchkey.database.Reason;
import dev.latchkey.database.UnusableDatabaseException;
import dev.latchkey.health.Inventory;
import dev.latchkey.health.Machine;
import dev.latchkey.health.Redaction;
import dev.latchkey.problem.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * {@code latchkey support-bundle}: one file for someone who helps from outside, without secrets. It asks a running node, or reads the
 * settings and the database when none is running.
 */
final class SupportBundle {
    /** The end of a log says what happened. */
    private static final int MOST_OF_LOG = 1024 * 1024;

    private static final String READ_ME = """
            This is a support bundle of Latchkey. It has no secrets, keys, tokens or passwords, and shows a setting by its value only if
            that is a number or one of a few words. From the log, whatever looks like a secret, a person or an address was taken out; names
            of roles, APIs and tokens may remain. Read it before you give it away.
            """;

    private final PrintStream out;
    private final PrintStream err;

    SupportBundle(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /**
     * What to do.
     *
     * @param file a file that does not exist yet
     * @param log the end of which is included; null for none
     */
    record Request(Path file, @Nullable Path log) {}

    /** Asks a running node. */
    int ofNode(Request request, ManagementClient server, Redaction redaction) {
        try {
            server.requireUsable("account:manage");
            server.authenticate();
            Map<?, ?> reply = server.getJson("/server/support", Map.class);
            Map<String, Object> parts = new LinkedHashMap<>();
            reply.forEach((name, part) -> parts.put(name + ".json", part));
            return write(request, parts, redaction);
        } catch (FailedCallException e) {
            err.println(e.getMessage());
            return e.status();
        }
    }

    /** Reads the settings and the database. */
    int ofData(Request request, Settings settings) {
        ShownSettings shown = new ShownSettings(settings);
        Redaction redaction = shown.redaction();
        Map<String, Object> parts = new LinkedHashMap<>();
        parts.put("version.json", Version.current());
        parts.put("machine.json", Machine.current());
        parts.put("settings.json", shown.lines());
        parts.put("inventory.json", inventory(settings, redaction));
        return write(request, parts, redaction);
    }

    private static Object inventory(Settings settings, Redaction redaction) {
        try {
            DatabaseAddress address = new Storage(settings).existing();
            return DatabaseCopy.of(address).look(Inventory::of);
        } catch (UnusableDatabaseException | JdbiException | UnusableSettingsException e) {
            return Map.of("unreadable", redaction.text(Reason.of(e)));
        }
    }

    private int write(Request request, Map<String, Object> parts, Redaction redaction) {
        Path file = request.file();
        if (Files.exists(file)) {
            err.println(file + " already exists. Use a new name for each bundle.");
            return 2;
        }
        try {
            Map<String, byte[]> entries = new LinkedHashMap<>();
            entries.put("README.txt", READ_ME.getBytes(StandardCharsets.UTF_8));
            parts.forEach(
                    (name, part) -> entries.put(name, Json.writeIndented(part).getBytes(StandardCharsets.UTF_8)));
            Path log = request.log();
            if (log != null) {
                entries.put("log.txt", redaction.text(end(log)).getBytes(StandardCharsets.UTF_8));
            }
            Files.createFile(file, OwnersOnly.file(file.toAbsolutePath()));
            try (OutputStream target = Files.newOutputStream(file);
                    ZipOutputStream zip = new ZipOutputStream(target)) {
                for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                    zip.putNextEntry(new ZipEntry(entry.getKey()));
                    zip.write(entry.getValue());
                }
            }
            out.println("The support bundle " + file + " has " + String.join(", ", entries.keySet())
                    + ". Read it before you give it away.");
            return 0;
        } catch (IOException e) {
            err.println("The support bundle " + file + " cannot be written: " + Reason.of(e) + ".");
            return 2;
        }
    }

    /** The end of the file, from the beginning of a line on. */
    private static String end(Path log) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            long begin = Math.max(0, file.length() - MOST_OF_LOG);
            byte[] bytes = new byte[(int) (file.length() - begin)];
            file.seek(begin);
            file.readFully(bytes);
            String text = new String(bytes, StandardCharsets.UTF_8);
            return begin == 0 ? text : text.substring(text.indexOf('\n') + 1);
        }
    }
}
