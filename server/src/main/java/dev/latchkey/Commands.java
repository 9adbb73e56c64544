package dev.latchkey;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The commands, what each takes, and what its help says. */
final class Commands {
    static final String CONFIG = "--config";
    static final String ALL = "--all";
    static final String WITNESS = "--witness";
    static final String NEW_KEY_FILE = "--new-key-file";

    private Commands() {}

    static CommandSpec all() {
        CommandSpec root = withSettings("latchkey", "Self-hosted API authentication tokens");
        root.addOption(OptionSpec.builder("-V", "-v", "--version")
                .versionHelp(true)
                .description("Print the version")
                .build());
        root.addSubcommand("serve", withSettings("serve", "Start the service (the default command)"));
        root.addSubcommand(
                "demo", withSettings("demo", "Show what Latchkey does, with data of its own that goes when it ends"));
        root.addSubcommand("backup", backup());
        root.addSubcommand("restore", restore());
        root.addSubcommand("audit", audit());
        root.addSubcommand("master-key", masterKey());
        root.addSubcommand(
                "repair",
                withSettings(
                        "repair",
                        "Mend what is kept beside the tokens",
                        "That is their numbers and the index of searches. With SQLite, stop the service for it. Exits 1 when"
                                + " something was wrong and has been mended."));
        root.addSubcommand("admin", admin());
        root.addSubcommand("api", api());
        root.addSubcommand("secret", secret());
        root.addSubcommand("version", plain("version", "Print the version"));
        root.addSubcommand("help", help());
        return root;
    }

    static boolean takesSettings(CommandSpec command) {
        return command.findOption(CONFIG) != null;
    }

    private static CommandSpec audit() {
        CommandSpec audit = plain("audit", "Work with the audit log");
        audit.addSubcommand(
                "verify",
                withSettings(
                        "verify",
                        "Check that no event of the audit log is missing or altered",
                        "Compares it with the witness where there is one, and may run beside the service. Exits 1 when the log is"
                                + " not whole."));
        CommandSpec lost = withSettings(
                "lost", "List answered changes that the database has lost", "Exits 1 when some of them are open.");
        lost.addOption(OptionSpec.builder(ALL)
                .description("Also those that are settled")
                .build());
        audit.addSubcommand("lost", lost);
        return audit;
    }

    private static CommandSpec masterKey() {
        CommandSpec rotate = withSettings(
                "rotate",
                "Replace the master key, while the service is stopped",
                "Everything stays as it is: tokens, people, and the audit log. The old key is kept beside the new one.");
        rotate.addOption(OptionSpec.builder(NEW_KEY_FILE)
                .paramLabel("FILE")
                .type(Path.class)
                .description(
                        "Where the new key is, or is to be made (default: made, and put in the place of the old one)")
                .build());
        CommandSpec masterKey = plain("master-key", "Work with the master key");
        masterKey.addSubcommand("rotate", rotate);
        return masterKey;
    }

    private static CommandSpec backup() {
        CommandSpec check = plain("check", "Read a backup whole and compare its checksums");
        check.addPositional(argument("FILE", Path.class, "The backup").build());
        CommandSpec backup = withSettings(
                "backup",
                "Make a backup of a service, which may be running",
                "It holds everything but the master key, and overwrites nothing.");
        // Not required, because the subcommand would ask for it, too.
        backup.addPositional(
                argument("FILE", Path.class, "The backup to be made; its folder needs room for the database twice")
                        .required(false)
                        .build());
        backup.addSubcommand("check", check);
        return backup;
    }

    private static CommandSpec restore() {
        CommandSpec restore = withSettings(
                "restore",
                "Restore a backup into an empty place, while no node runs",
                "It takes the master key of the backup's time.");
        restore.addPositional(argument("FILE", Path.class, "The backup").build());
        restore.addOption(OptionSpec.builder(WITNESS)
                .paramLabel("FOLDER")
                .type(Path.class)
                .description("A later witness, such as another node's: what it knows to be ended is ended again")
                .build());
        return restore;
    }

    private static CommandSpec admin() {
        CommandSpec link = withSettings(
                "reset-link",
                "Print a one-time link with which somebody chooses a new password",
                "The only administrator, for one. With SQLite, stop the service for it.");
        link.addPositional(
                argument("EMAIL", String.class, "Whose link it is to be").build());
        CommandSpec admin = plain("admin", "Help people back in, from the machine itself");
        admin.addSubcommand("reset-link", link);
        return admin;
    }

    /** Commands for a running server, which have none of its settings. */
    private static CommandSpec api() {
        CommandSpec imports = plain(
                "import",
                "Import an OpenAPI document into a registered API of a running Latchkey",
                "It signs in with the API token in CLIENT_ID and CLIENT_SECRET, whose role needs apis:manage, and shows what"
                        + " would change. Exits 1 when the server refuses.");
        imports.addPositional(
                argument("API", String.class, "The name of the API").build());
        imports.addPositional(argument(
                        "DOCUMENT",
                        Path.class,
                        "A file (YAML, JSON or zip), or the folder that the document is split over")
                .index("1")
                .build());
        imports.addOption(OptionSpec.builder("--apply")
                .description("Change the API; without it only the difference is shown")
                .build());
        imports.addOption(option("--create", "AUDIENCE", "Register the API with this audience if there is none"));
        imports.addOption(option("--main", "NAME", "The main document inside the folder or zip"));
        imports.addOption(OptionSpec.builder("--need")
                .paramLabel("\"OPERATION=PRIVILEGE\"")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .description(
                        "What an operation needs that the import leaves out, such as \"POST /parcels=parcels:write\"")
                .build());
        imports.addOption(OptionSpec.builder("--server")
                .paramLabel("URL")
                .type(URI.class)
                .defaultValue("http://localhost:8080")
                .description("Where Latchkey is (default: http://localhost:8080)")
                .build());
        CommandSpec api = plain("api", "Work with registered APIs");
        api.addSubcommand("import", imports);
        return api;
    }

    /** Needs no server and no settings. */
    private static CommandSpec secret() {
        CommandSpec check = plain(
                "check",
                "Say where in files and folders Latchkey secrets are, offline",
                "It knows them by form and checksum, also in UTF-16, in base64 and escaped, and never repeats one. Symbolic links"
                        + " in folders, and what Git has compressed, are left out. Exits 0 when there is none, 1 when there is"
                        + " one, 2 when there is none but something could not be read.");
        check.addPositional(PositionalParamSpec.builder()
                .paramLabel("FILE")
                .arity("0..*")
                .type(List.class)
                .auxiliaryTypes(Path.class)
                .description("Files and folders; standard input when none is named")
                .build());
        CommandSpec secret = plain("secret", "Work with secrets");
        secret.addSubcommand("check", check);
        return secret;
    }

    private static CommandSpec help() {
        CommandSpec help = plain("help", "Explain a command, or all settings (latchkey help settings)");
        help.addPositional(PositionalParamSpec.builder()
                .paramLabel("COMMAND")
                .arity("0..*")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .description("Such as: backup check")
                .build());
        return help;
    }

    private static PositionalParamSpec.Builder argument(String label, Class<?> type, String description) {
        return PositionalParamSpec.builder()
                .index("0")
                .paramLabel(label)
                .type(type)
                .required(true)
                .description(description);
    }

    private static OptionSpec option(String name, String label, String description) {
        return OptionSpec.builder(name)
                .paramLabel(label)
                .type(String.class)
                .description(description)
                .build();
    }

    /** A command without settings. The first description is what the list of commands says; the others go on. */
    private static CommandSpec plain(String name, String... descriptions) {
        CommandSpec command = CommandSpec.create().name(name);
        command.usageMessage().description(descriptions);
        command.addOption(OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Show this help")
                .build());
        return command;
    }

    private static CommandSpec withSettings(String name, String... descriptions) {
        CommandSpec command = plain(name, descriptions);
        command.addOption(OptionSpec.builder(CONFIG)
                .paramLabel("FILE")
                .type(Path.class)
                .description("The settings file (default: latchkey.yaml when there is one)")
                .build());
        for (Setting<?> setting : Setting.all()) {
            command.addOption(OptionSpec.builder(setting.flags())
                    .paramLabel(setting.label())
                    .type(String.class)
                    .description(setting.description())
                    .build());
        }
        return command;
    }
}
