package dev.latchkey;

import dev.latchkey.KeyImportReport.Line;
import dev.latchkey.apitoken.HashRecipe;
import dev.latchkey.apitoken.KeyImportJson.ForeignKey;
import dev.latchkey.apitoken.KeyImportJson.ImportKeys;
import dev.latchkey.apitoken.KeyImportJson.ImportedKeysReply;
import dev.latchkey.apitoken.KeyImports;
import dev.latchkey.client.FailedCallException;
import dev.latchkey.client.ManagementClient;
import dev.latchkey.console.Amounts;
import dev.latchkey.database.Reason;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code latchkey key import}: sends the hashes of API keys that were issued elsewhere to a running Latchkey, in batches. Run again
 * after an interruption, it continues.
 */
final class KeyImport {
    /** An access token lives for ten minutes. */
    private static final int BATCHES_OF_AN_ACCESS_TOKEN = 100;

    private static final int BATCHES_OF_A_LINE = 10;

    /** A thousand rows with long descriptions would be too large for one request. As JSON, a character has up to six bytes. */
    private static final int CHARACTERS_OF_A_BATCH = 200_000;

    private final ManagementClient server;
    private final PrintStream out;
    private final PrintStream err;

    KeyImport(ManagementClient server, PrintStream out, PrintStream err) {
        this.server = server;
        this.out = out;
        this.err = err;
    }

    /**
     * What to import.
     *
     * @param role of each key whose row names none
     * @param importId null for the name of the file
     * @param expiresBy a time; null to take the expiry of each key as it is
     */
    record Request(
            Path file,
            String role,
            @Nullable String importId,
            @Nullable String expiresBy,
            boolean dryRun,
            HashRecipe recipe) {
        private String id() {
            return importId == null ? String.valueOf(file.getFileName()).replaceAll("[^A-Za-z0-9._-]", "-") : importId;
        }

        /** What must stay the same when an interrupted import continues. */
        List<String> terms() {
            return List.of(role, String.valueOf(expiresBy), recipe.prefix(), recipe.suffix());
        }
    }

    /** Exits 0 when every key is imported, 1 when the server refused some or all, 2 when it could not be asked. */
    int run(Request request) {
        try {
            return importKeys(request);
        } catch (FailedCallException e) {
            err.println(e.getMessage());
            return e.status();
        }
    }

    private int importKeys(Request request) {
        server.requireUsable("tokens:create");
        if (!KeyImports.ID.matcher(request.id()).matches()) {
            throw FailedCallException.impossible("The import cannot be named " + request.id()
                    + ". Pass 1 to 60 letters, digits and . _ - as --import-id.");
        }
        Instant expiresBy = request.expiresBy() == null ? null : expiry(request.expiresBy());
        KeyImportState begun = state(request);
        try (KeyFile file = KeyFile.open(request.file())) {
            if (begun.rows() > 0) {
                out.println("Continuing after row " + Amounts.number(begun.rows()) + ".");
            }
            for (long row = 0; row < begun.rows(); row++) {
                file.next();
            }
            KeyImportReport report = new KeyImportReport(request.file(), request.dryRun(), begun.rows() > 0);
            KeyImportState done = new Sending(request, expiresBy, report, begun).all(file);
            print(request, report, done);
            return done.refused() == 0 ? 0 : 1;
        }
    }

    private static Instant expiry(String text) {
        try {
            return KeyRows.time(text);
        } catch (DateTimeException e) {
            throw FailedCallException.impossible(
                    "--expires-by is \"" + text + "\". Pass a time such as 2026-12-31T23:59:59Z.");
        }
    }

    /** A dry run always looks at everything. */
    private static KeyImportState state(Request request) {
        try {
            return request.dryRun()
                    ? KeyImportState.begin(request.file(), request.id(), request.terms())
                    : KeyImportState.of(request.file(), request.id(), request.terms());
        } catch (IOException e) {
            throw FailedCallException.impossible(
                    "The file " + request.file() + " cannot be read (" + Reason.ofFile(e) + ").");
        }
    }

    private void print(Request request, KeyImportReport report, KeyImportState done) {
        out.println((request.dryRun() ? "Would import " : "Imported ") + keys(done.imported()) + " as " + request.id()
                + ".");
        if (done.existing() > 0) {
            out.println("Imported before, and left as they are: " + keys(done.existing()) + ".");
        }
        if (done.refused() > 0) {
            out.println("Refused: " + keys(done.refused()) + ". All of them are in " + report.place() + ".");
            report.print(out);
        }
        if (request.dryRun()) {
            out.println("Nothing has changed yet. Leave out --dry-run to import.");
        } else {
            try {
                Files.deleteIfExists(KeyImportState.place(request.file()));
            } catch (IOException e) {
                err.println("The state file " + KeyImportState.place(request.file()) + " cannot be deleted ("
                        + Reason.ofFile(e) + ").");
            }
        }
    }

    private static String keys(long number) {
        return Amounts.of(number, "key");
    }

    /** The batches of one run. */
    private final class Sending {
        private final Request request;
        private final @Nullable Instant expiresBy;
        private final KeyImportReport report;
        private final KeyRows rows;
        private final List<ForeignKey> keys = new ArrayList<>();
        private final List<Long> lines = new ArrayList<>();
        private final List<Line> refused = new ArrayList<>();
        private KeyImportState state;
        private int characters;
        private int batches;

        Sending(Request request, @Nullable Instant expiresBy, KeyImportReport report, KeyImportState begun) {
            this.request = request;
            this.expiresBy = expiresBy;
            this.report = report;
            this.rows = new KeyRows(request.recipe());
            this.state = begun;
        }

        KeyImportState all(KeyFile file) {
            try {
                for (KeyFile.Row row = file.next(); row != null; row = file.next()) {
                    take(row);
                    if (keys.size() + refused.size() == KeyImports.MOST || characters >= CHARACTERS_OF_A_BATCH) {
                        finishBatch();
                    }
                }
                if (keys.size() + refused.size() > 0) {
                    finishBatch();
                }
                return state;
            } catch (FailedCallException e) {
                if (!request.dryRun() && state.rows() > 0) {
                    throw e.with("The first "
                            + (state.rows() == 1 ? "row is" : Amounts.number(state.rows()) + " rows are")
                            + " done. Run the same command again to continue after them.");
                }
                throw e;
            }
        }

        private void take(KeyFile.Row row) {
            try {
                keys.add(rows.key(row));
                lines.add(row.line());
                characters +=
                        row.cells().values().stream().mapToInt(String::length).sum();
            } catch (IllegalArgumentException e) {
                refused.add(new Line(row.line(), String.valueOf(e.getMessage())));
            }
        }

        private void finishBatch() {
            int taken = keys.size() + refused.size();
            int imported = 0;
            int existing = 0;
            if (!keys.isEmpty()) {
                ImportedKeysReply reply = send();
                imported = reply.imported();
                existing = reply.existing();
                reply.refused().forEach(each -> refused.add(new Line(lines.get(each.index()), each.reason())));
            }
            report.add(refused);
            state = state.with(taken, imported, existing, refused.size());
            if (!request.dryRun()) {
                state.save(request.file());
            }
            keys.clear();
            lines.clear();
            refused.clear();
            characters = 0;
            if (++batches % BATCHES_OF_A_LINE == 0) {
                out.println("  " + Amounts.of(state.rows(), "row") + ": " + Amounts.number(state.imported())
                        + " imported, " + Amounts.number(state.existing()) + " imported before, "
                        + Amounts.number(state.refused()) + " refused");
            }
        }

        private ImportedKeysReply send() {
            if (batches % BATCHES_OF_AN_ACCESS_TOKEN == 0) {
                server.authenticate();
            }
            HashRecipe recipe = request.recipe();
            return server.postJson(
                    "/tokens/import",
                    new ImportKeys(
                            request.id(),
                            request.role(),
                            recipe.prefix(),
                            recipe.suffix(),
                            expiresBy,
                            request.dryRun(),
                            List.copyOf(keys)),
                    ImportedKeysReply.class);
        }
    }
}
