package dev.latchkey;

import dev.latchkey.backup.UnusableBackupException;
import dev.latchkey.crypto.SigningProvider;
import dev.latchkey.crypto.UnusableKeyException;
import dev.latchkey.database.Database;
import dev.latchkey.database.DatabaseAddress;
import dev.latchkey.database.NativeCode;
import dev.latchkey.database.UnusableDatabaseException;
import dev.latchkey.http.HttpServer;
import dev.latchkey.http.Problem;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** The program: reads the command line and the environment, and runs one command. */
public final class Latchkey {
    private static final String CONFIG = "--config";
    private static final String ALL = "--all";
    private static final String WITNESS = "--witness";
    private static final String NEW_KEY_FILE = "--new-key-file";

    private final Map<String, String> environment;
    private final PrintStream out;
    private final PrintStream err;

    Latchkey(Map<String, String> environment, PrintStream out, PrintStream err) {
        this.environment = environment;
        this.out = out;
        this.err = err;
    }

    /** Exits 0 when all went well, 1 when a check failed, 2 when the command could not do its work. */
    public static void main(String[] arguments) {
        // What several threads log while the log begins is kept and written then; nobody needs to be told so.
        System.setProperty("slf4j.internal.verbosity", "ERROR");
        int status = new Latchkey(System.getenv(), System.out, System.err).run(arguments);
        System.exit(status);
    }

    int run(String... arguments) {
        CommandLine commandLine = new CommandLine(specification());
        commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        commandLine.setExecutionStrategy(this::executeOrAdvise);
        // A failure that nobody thought of is no answer to what was asked, such as whether the log is whole.
        commandLine.setExecutionExceptionHandler((exception, command, given) -> {
            log().error("The command failed", exception);
            err.println("The command failed: " + Database.rootMessage(exception) + ".");
            return 2;
        });
        commandLine.setParameterExceptionHandler((exception, given) -> {
            err.println(advice(exception));
            return 2;
        });
        return commandLine.execute(arguments);
    }

    private static String advice(CommandLine.ParameterException exception) {
        if (exception instanceof CommandLine.UnmatchedArgumentException unmatched) {
            String argument = unmatched.getUnmatched().getFirst();
            String name = argument.split("=", 2)[0];
            return name.startsWith("-")
                    ? "There is no setting " + name + ". Did you mean "
                            + Setting.nearest(name).flag() + "?"
                    : "There is no command " + argument + ". Try: latchkey --help";
        }
        return exception.getMessage() + ". Try: latchkey --help";
    }

    private static CommandSpec specification() {
        CommandSpec serve = command("serve", "Start the service (the default command)");
        CommandSpec verify = command("verify", "Check that no event of the audit log is missing or altered");
        CommandSpec audit = command("audit", "Work with the audit log");
        audit.addSubcommand("verify", verify);
        CommandSpec lost =
                command("lost", "List answered changes that the database has lost. Exits 1 when some are open");
        lost.addOption(OptionSpec.builder(ALL)
                .description("Also those that are settled")
                .build());
        audit.addSubcommand("lost", lost);
        CommandSpec rotate =
                command("rotate", "Replace the master key, while the service is stopped; everything stays as it is");
        rotate.addOption(OptionSpec.builder(NEW_KEY_FILE)
                .paramLabel("FILE")
                .type(Path.class)
                .description(
                        "Where the new key is, or is to be made (default: made, and put in the place of the old one)")
                .build());
        CommandSpec masterKey = plain("master-key", "Work with the master key");
        masterKey.addSubcommand("rotate", rotate);
        CommandSpec version = command("version", "Print the version");
        CommandSpec root = command("latchkey", "Self-hosted API authentication tokens");
        root.version("Latchkey " + Version.current());
        root.addOption(OptionSpec.builder("-V", "--version")
                .versionHelp(true)
                .description("Print the version")
                .build());
        root.addSubcommand("serve", serve);
        root.addSubcommand(
                "demo", command("demo", "Show what Latchkey does, with data of its own that goes at the end"));
        root.addSubcommand("audit", audit);
        root.addSubcommand("master-key", masterKey);
        root.addSubcommand("backup", backup());
        root.addSubcommand("restore", restore());
        root.addSubcommand(
                "repair",
                command(
                        "repair",
                        "Mend what is kept beside the tokens: their numbers and the index of searches. Exits 1"
                                + " when something was wrong"));
        root.addSubcommand("admin", admin());
        root.addSubcommand("api", api());
        root.addSubcommand("secret", secret());
        root.addSubcommand("version", version);
        return root;
    }

    private static CommandSpec backup() {
        CommandSpec check = plain("check", "Read a backup whole and compare its checksums");
        check.addPositional(file("The backup", true));
        CommandSpec backup = command(
                "backup", "Make a backup of a service, which may be running. It holds everything but the master key");
        // Not required, because the subcommand would ask for it, too.
        backup.addPositional(file("The backup to be made; its folder needs room for the database twice", false));
        backup.addSubcommand("check", check);
        return backup;
    }

    private static CommandSpec restore() {
        CommandSpec restore = command(
                "restore", "Restore a backup into an empty place, with the master key of its time, while no node runs");
        restore.addPositional(file("The backup", true));
        restore.addOption(OptionSpec.builder(WITNESS)
                .paramLabel("FOLDER")
                .type(Path.class)
                .description("A later witness, such as another node's: what it knows to be ended is ended again")
                .build());
        return restore;
    }

    private static PositionalParamSpec file(String description, boolean required) {
        return PositionalParamSpec.builder()
                .index("0")
                .paramLabel("FILE")
                .type(Path.class)
                .required(required)
                .description(description)
                .build();
    }

    private static CommandSpec admin() {
        CommandSpec link = command(
                "reset-link",
                "Print a one-time link with which somebody chooses a new password, such as the only administrator. With"
                        + " SQLite, stop the service for it");
        link.addPositional(PositionalParamSpec.builder()
                .index("0")
                .paramLabel("EMAIL")
                .type(String.class)
                .required(true)
                .description("Whose link it is to be")
                .build());
        CommandSpec admin = plain("admin", "Help people back in, from the machine itself");
        admin.addSubcommand("reset-link", link);
        return admin;
    }

    /** Commands for a running server, which have none of its settings. */
    private static CommandSpec api() {
        CommandSpec imports = plain(
                "import",
                "Import an OpenAPI document into a registered API of a running Latchkey, with the API token in CLIENT_ID"
                        + " and CLIENT_SECRET");
        imports.addPositional(PositionalParamSpec.builder()
                .index("0")
                .paramLabel("API")
                .type(String.class)
                .required(true)
                .description("The API's name")
                .build());
        imports.addPositional(PositionalParamSpec.builder()
                .index("1")
                .paramLabel("DOCUMENT")
                .type(Path.class)
                .required(true)
                .description("A file (YAML, JSON or zip), or the folder that the document is split over")
                .build());
        imports.addOption(option("--server", URI.class, "Where Latchkey is")
                .defaultValue("http://localhost:8080")
                .build());
        imports.addOption(option("--main", String.class, "The main document inside the folder or zip")
                .build());
        imports.addOption(option("--create", String.class, "Register the API with this audience if there is none")
                .paramLabel("AUDIENCE")
                .build());
        imports.addOption(OptionSpec.builder("--need")
                .paramLabel("OPERATION=PRIVILEGE")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .description(
                        "What an operation needs that the import leaves out, such as \"POST /parcels=parcels:write\"")
                .build());
        imports.addOption(OptionSpec.builder("--apply")
                .description("Change the API; without it only the difference is shown")
                .build());
        CommandSpec api = plain("api", "Work with registered APIs");
        api.addSubcommand("import", imports);
        return api;
    }

    /** Needs no server and no settings. */
    private static CommandSpec secret() {
        CommandSpec check = plain(
                "check",
                "Say where in files, or in standard input, Latchkey secrets are; offline, by form and checksum. Exits 1 when"
                        + " there is one");
        check.addPositional(PositionalParamSpec.builder()
                .paramLabel("FILE")
                .arity("0..*")
                .type(List.class)
                .auxiliaryTypes(Path.class)
                .description("Files to look into; standard input when none is named")
                .build());
        CommandSpec secret = plain("secret", "Work with secrets");
        secret.addSubcommand("check", check);
        return secret;
    }

    private static OptionSpec.Builder option(String name, Class<?> type, String description) {
        return OptionSpec.builder(name).paramLabel("VALUE").type(type).description(description);
    }

    private static CommandSpec plain(String name, String description) {
        CommandSpec command = CommandSpec.create().name(name);
        command.usageMessage().description(description);
        command.addOption(OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Show this help")
                .build());
        return command;
    }

    private static CommandSpec command(String name, String description) {
        CommandSpec command = plain(name, description);
        command.addOption(OptionSpec.builder(CONFIG)
                .paramLabel("FILE")
                .type(Path.class)
                .description("The settings file (default: latchkey.yaml when there is one)")
                .build());
        for (Setting setting : Setting.values()) {
            command.addOption(OptionSpec.builder(setting.flag())
                    .hidden(setting.isSecret())
                    .paramLabel("VALUE")
                    .type(String.class)
                    .description(setting.description()
                            + (setting.defaultValue() == null ? "" : " (default: " + setting.defaultValue() + ")"))
                    .build());
        }
        return command;
    }

    private int executeOrAdvise(ParseResult root) {
        try {
            return execute(root);
        } catch (UnusableSettingsException
                | UnusableDatabaseException
                | UnusableKeyException
                | UnusableBackupException
                | HttpServer.StartException e) {
            err.println(e.getMessage());
            return 2;
        } catch (Problem problem) {
            if (problem.status() != 503) {
                throw problem;
            }
            err.println(problem.detail() + why(problem));
            return 2;
        } catch (JdbiException e) {
            // The statements are right: it is the database, or what somebody did to it.
            log().debug("The database cannot answer", e);
            err.println("The database cannot answer: " + Database.rootMessage(e) + ".");
            return 2;
        }
    }

    private static String why(Problem problem) {
        return problem.getCause() == null ? "" : " (" + Database.rootMessage(problem.getCause()) + ")";
    }

    /** Asked for late: the first logger that is made reads what the settings say of the log. */
    private static Logger log() {
        return LoggerFactory.getLogger(Latchkey.class);
    }

    private int execute(ParseResult root) {
        Integer help = CommandLine.executeHelpRequest(root);
        if (help != null) {
            return help;
        }
        ParseResult chosen = root;
        while (chosen.hasSubcommand()) {
            chosen = chosen.subcommand();
        }
        String name = chosen.commandSpec().qualifiedName(" ");
        return switch (name) {
            case "latchkey", "latchkey serve" -> {
                Settings settings = settings(root);
                NativeCode.unpackIn(settings.data());
                // Not before the settings: this code logs, and the log would begin without knowing its format and
                // level.
                Thread.ofPlatform().daemon().name("database-code").start(Database::preload);
                Thread.ofPlatform().daemon().name("signing-code").start(SigningProvider::preload);
                yield new Serve(settings, out).run();
            }
            case "latchkey demo" -> new Demo(settings(root), out).run();
            case "latchkey audit verify" -> new AuditVerify(settings(root), out).run();
            case "latchkey audit lost" -> new AuditLost(settings(root), chosen.hasMatchedOption(ALL), out).run();
            case "latchkey backup" -> {
                Path file = chosen.<@Nullable Path>matchedPositionalValue(0, null);
                if (file == null) {
                    CommandLine.usage(chosen.commandSpec(), out);
                    yield 2;
                }
                yield new Backup(out).make(settings(root), file);
            }
            case "latchkey backup check" -> new Backup(out).check(chosen.matchedPositionalValue(0, Path.of("")));
            case "latchkey restore" ->
                new Backup(out)
                        .restore(
                                settings(root),
                                chosen.matchedPositionalValue(0, Path.of("")),
                                chosen.<@Nullable Path>matchedOptionValue(WITNESS, null));
            case "latchkey master-key rotate" ->
                new MasterKeyRotate(settings(root), chosen.matchedOptionValue(NEW_KEY_FILE, null), out).run();
            case "latchkey admin reset-link" ->
                new AdminResetLink(settings(root), chosen.matchedPositionalValue(0, ""), out, err).run();
            case "latchkey repair" -> new Repair(settings(root), out).run();
            case "latchkey version" -> {
                out.println("Latchkey " + Version.current());
                yield 0;
            }
            case "latchkey api import" -> new ApiImport(out, err).run(importRequest(chosen));
            case "latchkey secret check" ->
                new SecretCheck(out, err).run(chosen.matchedPositionalValue(0, List.<Path>of()), System.in);
            case "latchkey audit", "latchkey admin", "latchkey api", "latchkey secret", "latchkey master-key" -> {
                CommandLine.usage(chosen.commandSpec(), out);
                yield 2;
            }
            default -> throw new IllegalStateException(name);
        };
    }

    private ApiImport.Request importRequest(ParseResult given) {
        return new ApiImport.Request(
                given.matchedOptionValue("--server", URI.create("http://localhost:8080")),
                environment.get("CLIENT_ID"),
                environment.get("CLIENT_SECRET"),
                given.matchedPositionalValue(0, ""),
                given.matchedPositionalValue(1, Path.of("")),
                given.<@Nullable String>matchedOptionValue("--main", null),
                given.<@Nullable String>matchedOptionValue("--create", null),
                given.<List<String>>matchedOptionValue("--need", List.of()),
                given.hasMatchedOption("--apply"));
    }

    /** Whoever can list the processes of the machine reads their flags. */
    private static void requireNoSecret(Map<Setting, String> flags) {
        List<String> problems = new ArrayList<>();
        flags.forEach((setting, value) -> {
            if (setting.isSecret()) {
                problems.add(setting.flag()
                        + " would show the secret to everybody who can list processes. Put it into a file"
                        + " and name that with " + setting.flag() + "-file, or set " + setting.environmentVariable()
                        + ".");
            } else if (setting == Setting.DATABASE_URL && DatabaseAddress.PostgresqlUrl.holdsPassword(value)) {
                problems.add(setting.flag()
                        + " holds a password, which would show to everybody who can list processes. Leave it out of the URL"
                        + " and name its file with " + Setting.DATABASE_PASSWORD_FILE.flag() + ", or set "
                        + setting.environmentVariable() + ".");
            }
        });
        if (!problems.isEmpty()) {
            throw new UnusableSettingsException(problems);
        }
    }

    /** Flags may stand before or after the command. */
    private Settings settings(ParseResult root) {
        Map<Setting, String> flags = new EnumMap<>(Setting.class);
        Optional<Path> file = Optional.empty();
        for (ParseResult level = root; level != null; level = level.hasSubcommand() ? level.subcommand() : null) {
            for (OptionSpec option : level.matchedOptions()) {
                if (option.longestName().equals(CONFIG)) {
                    file = Optional.of(option.<Path>getValue());
                } else {
                    Setting.withKey(option.longestName().substring(2))
                            .ifPresent(setting -> flags.put(setting, option.getValue()));
                }
            }
        }
        requireNoSecret(flags);
        Settings settings = Settings.read(flags, environment, file);
        // logback.xml asks for these when the first logger is made, which is after this.
        System.setProperty("latchkey.log.level", settings.logLevel());
        System.setProperty("latchkey.log.format", settings.logJson() ? "json" : "text");
        return settings;
    }
}
