package dev.latchkey;

import dev.latchkey.apitoken.HashRecipe;
import dev.latchkey.backup.UnusableBackupException;
import dev.latchkey.blueprint.Blueprints;
import dev.latchkey.client.ManagementClient;
import dev.latchkey.crypto.SigningProvider;
import dev.latchkey.crypto.UnusableKeyException;
import dev.latchkey.database.Database;
import dev.latchkey.database.DatabaseAddress;
import dev.latchkey.database.NativeCode;
import dev.latchkey.database.Reason;
import dev.latchkey.database.Schema;
import dev.latchkey.database.UnusableDatabaseException;
import dev.latchkey.http.StartException;
import dev.latchkey.problem.Problem;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
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
import picocli.CommandLine.ParseResult;

/** The program: reads the command line and the environment, and runs one command. */
public final class Latchkey {
    private final Map<String, String> environment;
    private final PrintStream out;
    private final PrintStream err;

    Latchkey(Map<String, String> environment, PrintStream out, PrintStream err) {
        this.environment = environment;
        this.out = out;
        this.err = err;
    }

    /**
     * Exits 0 on success, 1 when a check failed, 2 when the command could not do its work. Of {@code plan}, 1 is every failure
     * and 2 a difference.
     */
    public static void main(String[] arguments) {
        // Messages of other threads while the log starts are kept and written afterwards; SLF4J need not say so.
        System.setProperty("slf4j.internal.verbosity", "ERROR");
        int status = new Latchkey(System.getenv(), System.out, System.err).run(arguments);
        System.exit(status);
    }

    int run(String... arguments) {
        List<String> given = Arrays.asList(arguments);
        boolean help = given.contains("--help") || given.contains("-h") || given.indexOf("help") == 0;
        // With help, it asks for all settings, whatever it means to the command.
        boolean all = help && given.contains(Commands.ALL);
        CommandLine commandLine = new CommandLine(Commands.all());
        commandLine.setExpandAtFiles(false);
        commandLine.setExecutionStrategy(parsed -> executeOrAdvise(parsed, all));
        // An unexpected failure must not look like the answer of a check, such as whether the log is whole.
        commandLine.setExecutionExceptionHandler((exception, command, parsed) -> {
            log().error("The command failed", exception);
            err.println("The command failed: " + Reason.of(exception) + ".");
            return unusable(command.getCommandSpec());
        });
        commandLine.setParameterExceptionHandler((exception, wrong) -> {
            err.println(Advice.on(exception));
            return unusable(exception.getCommandLine().getCommandSpec());
        });
        return commandLine.execute(
                given.stream().filter(one -> !all || !one.equals(Commands.ALL)).toArray(String[]::new));
    }

    /** Of the commands for blueprints, 2 says that something is different. */
    private static int unusable(CommandSpec command) {
        return Commands.BLUEPRINTS.contains(command.name()) ? 1 : 2;
    }

    private int executeOrAdvise(ParseResult root, boolean all) {
        try {
            return execute(root, all);
        } catch (UnusableSettingsException
                | UnusableDatabaseException
                | UnusableKeyException
                | UnusableBackupException
                | StartException e) {
            err.println(e.getMessage());
            return 2;
        } catch (Problem problem) {
            if (problem.status() != 503) {
                throw problem;
            }
            err.println(problem.detail() + why(problem));
            return 2;
        } catch (JdbiException e) {
            // The statements are correct, so the cause is the database or a change that was made to it.
            log().debug("The database cannot answer", e);
            err.println("The database cannot answer: " + Reason.of(e) + ".");
            return 2;
        }
    }

    private static String why(Problem problem) {
        return problem.getCause() == null ? "" : " (" + Reason.of(problem.getCause()) + ")";
    }

    /** Created late, because the first logger reads the settings of the log. */
    private static Logger log() {
        return LoggerFactory.getLogger(Latchkey.class);
    }

    private int execute(ParseResult root, boolean all) {
        ParseResult chosen = root;
        boolean help = root.isUsageHelpRequested();
        while (chosen.hasSubcommand()) {
            chosen = chosen.subcommand();
            help |= chosen.isUsageHelpRequested();
        }
        CommandSpec command = chosen.commandSpec();
        if (help) {
            new Help(out).of(command, all);
            return 0;
        }
        if (root.isVersionHelpRequested()) {
            return version();
        }
        String name = command.qualifiedName(" ");
        return switch (name) {
            case "latchkey", "latchkey serve" -> {
                SettingsSource source = source(root);
                Settings settings = settings(source);
                NativeCode.unpackIn(settings.get(Setting.DATA));
                // After the settings, because this code logs, and the log would start without its format and level.
                Thread.ofPlatform().daemon().name("database-code").start(Database::preload);
                Thread.ofPlatform().daemon().name("signing-code").start(SigningProvider::preload);
                yield new Serve(source, settings, out).run();
            }
            case "latchkey demo" -> {
                Demo.requireUse(flags(root).keySet());
                yield new Demo(settings(root), out).run();
            }
            case "latchkey audit verify" -> new AuditVerify(settings(root), out).run();
            case "latchkey audit lost" ->
                new AuditLost(settings(root), chosen.hasMatchedOption(Commands.ALL), out).run();
            case "latchkey backup" -> {
                Path file = chosen.<@Nullable Path>matchedPositionalValue(0, null);
                if (file == null) {
                    err.println(Advice.lacks(command, "FILE"));
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
                                chosen.<@Nullable Path>matchedOptionValue(Commands.WITNESS, null));
            case "latchkey master-key rotate" ->
                new MasterKeyRotate(settings(root), chosen.matchedOptionValue(Commands.NEW_KEY_FILE, null), out).run();
            case "latchkey admin reset-link" ->
                new AdminResetLink(settings(root), chosen.matchedPositionalValue(0, ""), out, err).run();
            case "latchkey health" -> new HealthCheck(settings(root), out, err).run();
            case "latchkey repair" -> new Repair(settings(root), out).run();
            case "latchkey support-bundle" -> supportBundle(root, chosen);
            case "latchkey version" -> version();
            case "latchkey help" -> help(root.commandSpec(), chosen.matchedPositionalValue(0, List.of()), all);
            case "latchkey api import" -> apiImport(chosen);
            case "latchkey key import" -> keyImport(chosen);
            case "latchkey plan" -> plan(chosen);
            case "latchkey apply" -> applyBlueprint(chosen);
            case "latchkey export" ->
                new Blueprints(client(chosen), out, err)
                        .export(
                                chosen.matchedOptionValue("--name", "main"),
                                !chosen.hasMatchedOption("--without-tokens"));
            case "latchkey secret check" -> secretCheck(chosen.matchedPositionalValue(0, List.of()));
            case "latchkey audit",
                    "latchkey admin",
                    "latchkey api",
                    "latchkey key",
                    "latchkey secret",
                    "latchkey master-key" -> {
                err.println(Advice.incomplete(command));
                yield 2;
            }
            default -> throw new IllegalStateException(name);
        };
    }

    private int version() {
        Schema schema = Database.knownSchema();
        out.println("Latchkey " + Version.current());
        out.println("Schema " + schema.version() + "; runs alongside versions with schema " + schema.nodesSince()
                + " or later");
        return 0;
    }

    /** {@code latchkey help}, {@code latchkey help backup check}, {@code latchkey help settings}. */
    private int help(CommandSpec root, List<String> names, boolean all) {
        if (names.equals(List.of("settings"))) {
            new Help(out).settings();
            return 0;
        }
        CommandSpec command = root;
        for (String name : names) {
            @Nullable CommandLine below = command.subcommands().get(name);
            if (below == null) {
                err.println(Advice.unknownCommand(command, name));
                return 2;
            }
            command = below.getCommandSpec();
        }
        new Help(out).of(command, all);
        return 0;
    }

    private int secretCheck(List<Path> paths) {
        if (paths.isEmpty() && System.console() != null && System.console().isTerminal()) {
            err.println("Type or paste the text to search, and end it with Ctrl-D.");
        }
        return new SecretCheck(out, err).run(paths, System.in);
    }

    private ManagementClient client(ParseResult given) {
        return new ManagementClient(
                given.matchedOptionValue(Commands.SERVER, URI.create("http://localhost:8080")),
                environment.get("CLIENT_ID"),
                environment.get("CLIENT_SECRET"));
    }

    private int supportBundle(ParseResult root, ParseResult given) {
        SupportBundle bundle = new SupportBundle(out, err);
        SupportBundle.Request request = new SupportBundle.Request(
                given.matchedPositionalValue(0, Path.of("")),
                given.<@Nullable Path>matchedOptionValue(Commands.LOG, null));
        Settings settings = settings(root);
        return given.hasMatchedOption(Commands.SERVER)
                ? bundle.ofNode(request, client(given), new ShownSettings(settings).redaction())
                : bundle.ofData(request, settings);
    }

    private int keyImport(ParseResult given) {
        return new KeyImport(client(given), out, err)
                .run(new KeyImport.Request(
                        given.matchedPositionalValue(0, Path.of("")),
                        given.matchedOptionValue("--role", ""),
                        given.<@Nullable String>matchedOptionValue("--import-id", null),
                        given.<@Nullable String>matchedOptionValue("--expires-by", null),
                        given.hasMatchedOption("--dry-run"),
                        new HashRecipe(
                                environment.getOrDefault("HASH_PREFIX", ""),
                                environment.getOrDefault("HASH_SUFFIX", ""))));
    }

    private int apiImport(ParseResult given) {
        return new ApiImport(client(given), out, err)
                .run(new ApiImport.Request(
                        given.matchedPositionalValue(0, ""),
                        given.matchedPositionalValue(1, Path.of("")),
                        given.<@Nullable String>matchedOptionValue("--main", null),
                        given.<@Nullable String>matchedOptionValue("--create", null),
                        given.<List<String>>matchedOptionValue("--need", List.of()),
                        given.hasMatchedOption("--apply")));
    }

    private int plan(ParseResult given) {
        return new Blueprints(client(given), out, err)
                .plan(new Blueprints.PlanRequest(
                        given.matchedPositionalValue(0, Path.of("")),
                        given.hasMatchedOption("--prune"),
                        given.hasMatchedOption("--json"),
                        given.hasMatchedOption("--exit-code")));
    }

    private int applyBlueprint(ParseResult given) {
        return new Blueprints(client(given), out, err)
                .apply(new Blueprints.ApplyRequest(
                        given.matchedPositionalValue(0, Path.of("")),
                        given.hasMatchedOption("--prune"),
                        given.<@Nullable String>matchedOptionValue("--plan", null),
                        given.<@Nullable Path>matchedOptionValue("--secrets-folder", null),
                        given.<@Nullable String>matchedOptionValue("--secrets-command", null),
                        given.hasMatchedOption("--discard-secrets")));
    }

    /** Everyone who can list the processes of the machine can read their flags. */
    private static void requireNoSecret(Map<Setting<?>, String> flags) {
        List<String> problems = new ArrayList<>();
        flags.forEach((setting, value) -> {
            if (setting.isSecret()) {
                problems.add(setting.flag()
                        + " would show the secret to everyone who can list processes. Put it into a file"
                        + " and name the file with " + setting.flag() + "-file, or set " + setting.environmentVariable()
                        + ".");
            } else if (setting == Setting.DATABASE_URL && DatabaseAddress.PostgresqlUrl.holdsPassword(value)) {
                problems.add(setting.flag()
                        + " contains a password, which everyone who can list processes could read. Leave it out of the URL"
                        + " and name its file with " + Setting.DATABASE_PASSWORD_FILE.flag() + ", or set "
                        + setting.environmentVariable() + ".");
            }
        });
        if (!problems.isEmpty()) {
            throw new UnusableSettingsException(problems);
        }
    }

    /** Flags may come before or after the command. */
    private static List<OptionSpec> options(ParseResult root) {
        List<OptionSpec> options = new ArrayList<>(root.matchedOptions());
        for (ParseResult level = root; level.hasSubcommand(); level = level.subcommand()) {
            options.addAll(level.subcommand().matchedOptions());
        }
        return options;
    }

    private static Map<Setting<?>, String> flags(ParseResult root) {
        Map<Setting<?>, String> flags = new LinkedHashMap<>();
        for (OptionSpec option : options(root)) {
            Setting.withKey(option.longestName().substring(2))
                    .ifPresent(setting -> flags.put(setting, option.getValue()));
        }
        return flags;
    }

    private Settings settings(ParseResult root) {
        return settings(source(root));
    }

    private SettingsSource source(ParseResult root) {
        Map<Setting<?>, String> flags = flags(root);
        requireNoSecret(flags);
        Optional<Path> file = options(root).stream()
                .filter(option -> option.longestName().equals(Commands.CONFIG))
                .map(OptionSpec::<Path>getValue)
                .reduce((first, second) -> second);
        return new SettingsSource(flags, environment, file);
    }

    private static Settings settings(SettingsSource source) {
        Settings settings = source.read();
        // logback.xml reads these when the first logger is created, which is after this.
        System.setProperty("latchkey.log.level", settings.get(Setting.LOG_LEVEL));
        System.setProperty("latchkey.log.format", settings.get(Setting.LOG_FORMAT));
        return settings;
    }
}
