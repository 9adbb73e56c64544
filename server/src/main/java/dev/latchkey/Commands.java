package dev.latchkey;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The commands with their arguments, flags and help texts. */
final class Commands {
    static final String CONFIG = "--config";
    static final String ALL = "--all";
    static final String WITNESS = "--witness";
    static final String NEW_KEY_FILE = "--new-key-file";
    static final String SERVER = "--server";
    static final String LOG = "--log";

    /** The commands for set-up as code. */
    static final List<String> BLUEPRINTS = List.of("plan", "apply", "export");

    private Commands() {}

    static CommandSpec all() {
        CommandSpec root = withSettings("latchkey", "Self-hosted API authentication tokens");
        root.addOption(OptionSpec.builder("-V", "-v", "--version")
                .versionHelp(true)
                .description("Print the version")
                .build());
        root.addSubcommand("serve", withSettings("serve", "Start the service (the default command)"));
        root.addSubcommand("demo", withSettings("demo", "Try Latchkey with sample data that is deleted when it ends"));
        root.addSubcommand(
                "health",
                withSettings(
                        "health",
                        "Ask the node that runs here with these settings whether it is ready",
                        "For health checks of containers. Exits 1 when it is not ready or does not answer."));
        root.addSubcommand("backup", backup());
        root.addSubcommand("restore", restore());
        root.addSubcommand("audit", audit());
        root.addSubcommand("master-key", masterKey());
        root.addSubcommand(
                "repair",
                withSettings(
                        "repair",
                        "Repair the counts of tokens and the search index",
                        "With SQLite, stop the service first. Exits 1 when something was wrong and has been repaired."));
        root.addSubcommand("admin", admin());
        root.addSubcommand("api", api());
        root.addSubcommand("key", key());
        root.addSubcommand("plan", plan());
        root.addSubcommand("apply", apply());
        root.addSubcommand("export", export());
        root.addSubcommand("secret", secret());
        root.addSubcommand("support-bundle", supportBundle());
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
                        "Compares it with the witness if there is one. The service may be running. Exits 1 when the log is not"
                                + " whole."));
        CommandSpec lost = withSettings(
                "lost", "List acknowledged changes that the database has lost", "Exits 1 when some of them are open.");
        lost.addOption(
                OptionSpec.builder(ALL).description("Include settled changes").build());
        audit.addSubcommand("lost", lost);
        return audit;
    }

    private static CommandSpec masterKey() {
        CommandSpec rotate = withSettings(
                "rotate",
                "Replace the master key while the service is stopped",
                "Tokens, people and the audit log stay as they are. The old key is kept next to the new one.");
        rotate.addOption(OptionSpec.builder(NEW_KEY_FILE)
                .paramLabel("FILE")
                .type(Path.class)
                .description(
                        "The file of the new key, created if it does not exist (default: a new key takes the place of the old one)")
                .build());
        CommandSpec masterKey = plain("master-key", "Work with the master key");
        masterKey.addSubcommand("rotate", rotate);
        return masterKey;
    }

    private static CommandSpec backup() {
        CommandSpec check = plain("check", "Read a whole backup and compare its checksums");
        check.addPositional(argument("FILE", Path.class, "The backup").build());
        CommandSpec backup = withSettings(
                "backup",
                "Make a backup, even while the service is running",
                "It contains everything except the master key, and never overwrites a file.");
        // Optional here, because otherwise the subcommand would require it too.
        backup.addPositional(
                argument("FILE", Path.class, "The backup to create; its folder needs twice the space of the database")
                        .required(false)
                        .build());
        backup.addSubcommand("check", check);
        return backup;
    }

    private static CommandSpec restore() {
        CommandSpec restore = withSettings(
                "restore",
                "Restore a backup into an empty place while no node is running",
                "It needs the master key from the time of the backup.");
        restore.addPositional(argument("FILE", Path.class, "The backup").build());
        restore.addOption(OptionSpec.builder(WITNESS)
                .paramLabel("FOLDER")
                .type(Path.class)
                .description("A later witness, such as another node's; what its events ended is ended again")
                .build());
        return restore;
    }

    private static CommandSpec admin() {
        CommandSpec link = withSettings(
                "reset-link",
                "Print a one-time link for choosing a new password",
                "For example for the only administrator. With SQLite, stop the service first.");
        link.addPositional(
                argument("EMAIL", String.class, "The person's email address").build());
        CommandSpec admin = plain("admin", "Let people back in, from the machine itself");
        admin.addSubcommand("reset-link", link);
        return admin;
    }

    /** Commands for a running server, which do not take its settings. */
    private static CommandSpec api() {
        CommandSpec imports = plain(
                "import",
                "Import an OpenAPI document into a registered API of a running Latchkey",
                "It authenticates with the API token in CLIENT_ID and CLIENT_SECRET, whose role needs apis:manage, and shows"
                        + " what would change. Exits 1 when the server refuses.");
        imports.addPositional(
                argument("API", String.class, "The name of the API").build());
        imports.addPositional(argument(
                        "DOCUMENT",
                        Path.class,
                        "A file (YAML, JSON or zip), or a folder with the parts of the document")
                .index("1")
                .build());
        imports.addOption(OptionSpec.builder("--apply")
                .description("Change the API (default: only show the difference)")
                .build());
        imports.addOption(option("--create", "AUDIENCE", "Register the API with this audience if it does not exist"));
        imports.addOption(option("--main", "NAME", "The main document inside the folder or zip"));
        imports.addOption(OptionSpec.builder("--need")
                .paramLabel("\"OPERATION=PRIVILEGE\"")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .description(
                        "The privilege of an operation that the import leaves out, such as \"POST /parcels=parcels:write\"")
                .build());
        imports.addOption(server());
        CommandSpec api = plain("api", "Work with registered APIs");
        api.addSubcommand("import", imports);
        return api;
    }

    private static CommandSpec key() {
        CommandSpec imports = plain(
                "import",
                "Import API keys of another system into a running Latchkey, so that they continue to work",
                "It authenticates with the API token in CLIENT_ID and CLIENT_SECRET, whose role needs tokens:create, and sends"
                        + " hashes only. What the other system put before or after each key before it hashed it goes into HASH_PREFIX"
                        + " and HASH_SUFFIX. Run again after an interruption, it continues. Exits 1 when some keys were refused.");
        imports.addPositional(
                argument("FILE", Path.class, "CSV with a heading, or JSON lines: " + String.join(", ", KeyFile.COLUMNS))
                        .build());
        imports.addOption(OptionSpec.builder("--role")
                .paramLabel("ROLE")
                .type(String.class)
                .required(true)
                .description("The role of each key whose row names none")
                .build());
        imports.addOption(OptionSpec.builder("--dry-run")
                .description("Check everything and change nothing")
                .build());
        imports.addOption(option("--expires-by", "TIME", "The expiry of keys without one, or with a later one"));
        imports.addOption(option("--import-id", "NAME", "The name of the import (default: the name of the file)"));
        imports.addOption(server());
        CommandSpec key = plain("key", "Work with API keys of other systems");
        key.addSubcommand("import", imports);
        return key;
    }

    private static CommandSpec plan() {
        CommandSpec plan = plain(
                "plan",
                "Show what a blueprint (set-up as code) would change in a running Latchkey",
                "It authenticates with the API token in CLIENT_ID and CLIENT_SECRET, whose role needs roles:read and apis:read,"
                        + " for tokens also tokens:read. Exits 1 when something is wrong.");
        plan.addPositional(argument("FILE", Path.class, "The blueprint (YAML)").build());
        plan.addOption(prune());
        plan.addOption(OptionSpec.builder("--exit-code")
                .description("Exit 2 when something is different")
                .build());
        plan.addOption(OptionSpec.builder("--json").description("Print JSON").build());
        plan.addOption(server());
        return plan;
    }

    private static CommandSpec apply() {
        CommandSpec apply = plain(
                "apply",
                "Change a running Latchkey to what a blueprint says",
                "It shows the difference first, as plan does, and its API token also needs the privileges for the changes. Run"
                        + " again after an interruption, it does what is left. Exits 1 when something is wrong.");
        apply.addPositional(argument("FILE", Path.class, "The blueprint (YAML)").build());
        apply.addOption(prune());
        apply.addOption(option("--plan", "ID", "Apply the plan with this id and no other"));
        apply.addOption(OptionSpec.builder("--secrets-folder")
                .paramLabel("FOLDER")
                .type(Path.class)
                .description("Write the secret of each new API token to a file in this folder")
                .build());
        apply.addOption(option(
                "--secrets-command",
                "COMMAND",
                "Run this for the secret of each new API token, as its standard input"));
        apply.addOption(OptionSpec.builder("--discard-secrets")
                .description("Do not keep the secrets of new API tokens")
                .build());
        apply.addOption(server());
        return apply;
    }

    private static OptionSpec prune() {
        return OptionSpec.builder("--prune")
                .description("Remove what the blueprint made and no longer names; needs audit:read")
                .build();
    }

    private static CommandSpec export() {
        CommandSpec export = plain(
                "export",
                "Print the set-up of a running Latchkey as a blueprint",
                "It authenticates with the API token in CLIENT_ID and CLIENT_SECRET, whose role needs roles:read, apis:read and"
                        + " tokens:read. Exits 1 when something is wrong.");
        export.addOption(OptionSpec.builder("--name")
                .paramLabel("NAME")
                .type(String.class)
                .defaultValue("main")
                .description("The name of the blueprint (default: main)")
                .build());
        export.addOption(OptionSpec.builder("--without-tokens")
                .description("Leave API tokens out")
                .build());
        export.addOption(server());
        return export;
    }

    private static CommandSpec supportBundle() {
        CommandSpec bundle = withSettings(
                "support-bundle",
                "Collect in one file what someone who helps needs to know, without secrets",
                "With --server it asks a running node, with the API token in CLIENT_ID and CLIENT_SECRET, whose role needs"
                        + " account:manage. Without it, it reads the settings and the database, which works when no node starts.");
        bundle.addPositional(
                argument("FILE", Path.class, "The zip file to create").build());
        bundle.addOption(OptionSpec.builder(SERVER)
                .paramLabel("URL")
                .type(URI.class)
                .description("The running Latchkey to ask, such as http://localhost:8080")
                .build());
        bundle.addOption(OptionSpec.builder(LOG)
                .paramLabel("FILE")
                .type(Path.class)
                .description(
                        "A log whose last lines are included, without what looks like a secret, a person or an address")
                .build());
        return bundle;
    }

    private static OptionSpec server() {
        return OptionSpec.builder(SERVER)
                .paramLabel("URL")
                .type(URI.class)
                .defaultValue("http://localhost:8080")
                .description("Latchkey's URL (default: http://localhost:8080)")
                .build();
    }

    /** Needs no server and no settings. */
    private static CommandSpec secret() {
        CommandSpec check = plain(
                "check",
                "Search files and folders for Latchkey secrets, offline",
                "It recognises secrets by form and checksum, also in UTF-16, in base64 and escaped, and never prints one. It"
                        + " skips symbolic links in folders and what Git has compressed. Exits 0 when it finds none, 1 when it"
                        + " finds one, 2 when it finds none but could not read everything.");
        check.addPositional(PositionalParamSpec.builder()
                .paramLabel("FILE")
                .arity("0..*")
                .type(List.class)
                .auxiliaryTypes(Path.class)
                .description("Files and folders (default: standard input)")
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
                .description("For example: backup check")
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

    /** A command without settings. The list of commands shows the first description; its own help shows the others too. */
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
                .description("The settings file (default: latchkey.yaml if it exists)")
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
