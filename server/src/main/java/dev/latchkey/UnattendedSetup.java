package dev.latchkey;

import dev.latchkey.access.Caller;
import dev.latchkey.access.Role;
import dev.latchkey.account.Setup;
import dev.latchkey.apitoken.ApiTokenTerms;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.apitoken.Drafts;
import dev.latchkey.database.Database;
import dev.latchkey.database.Once;
import dev.latchkey.database.OwnersOnly;
import dev.latchkey.problem.Problem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Creates the account from the settings, and writes an API token to a file to automate the rest with; each once. */
record UnattendedSetup(Setup setup, Drafts drafts, Database database) {
    private static final Caller BOOTSTRAP = Caller.system("bootstrap");

    /** @throws UnusableSettingsException when the settings are not enough for what remains to be done */
    void run(Settings settings) {
        Settings.Administrator administrator = settings.administrator();
        if (administrator != null && setup.account().isEmpty()) {
            createAccount(administrator);
        }
        settings.get(Setting.BOOTSTRAP_TOKEN_FILE)
                .filter(file -> setup.account().isPresent())
                .filter(file -> !database.read(Once.BOOTSTRAP_TOKEN::happened))
                .ifPresent(this::leaveToken);
    }

    private void createAccount(Settings.Administrator administrator) {
        @Nullable String email = administrator.email();
        @Nullable String password = administrator.password();
        if (email == null || password == null || !administrator.problems().isEmpty()) {
            throw new UnusableSettingsException(administrator.problems());
        }
        try {
            setup.completeUnattended(administrator.accountName(), email, password);
        } catch (Problem problem) {
            List<String> lines = new ArrayList<>();
            problem.errors().forEach(error -> lines.add("Setup: " + error.field() + ": " + error.message()));
            throw new UnusableSettingsException(lines.isEmpty() ? List.of(problem.detail()) : lines);
        }
    }

    private void leaveToken(Path file) {
        // A draft first: if the file cannot be written, there is no active token with a secret that no one has.
        ApiTokens.Created draft =
                drafts.draft(BOOTSTRAP, Role.ACCOUNT_ADMIN, ApiTokenTerms.withSecret("Bootstrap", null));
        write(
                file,
                "CLIENT_ID=" + draft.apiToken().clientId() + "\nCLIENT_SECRET="
                        + (draft.secret() == null ? "" : draft.secret().value()) + "\n");
        drafts.save(
                BOOTSTRAP,
                draft.apiToken().clientId(),
                transaction -> Once.BOOTSTRAP_TOKEN.happens(
                        transaction, draft.apiToken().createdAt()));
    }

    private static void write(Path file, String content) {
        try {
            Files.deleteIfExists(file);
            try (var channel = Files.newByteChannel(
                    file,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SYNC),
                    OwnersOnly.file(file))) {
                channel.write(ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8)));
            }
        } catch (IOException e) {
            throw new UnusableSettingsException(List.of("The bootstrap token file " + file
                    + " cannot be written. Check " + Setting.BOOTSTRAP_TOKEN_FILE.environmentVariable() + "."));
        }
    }
}
