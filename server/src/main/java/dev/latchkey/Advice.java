package dev.latchkey;

import dev.latchkey.problem.Nearest;
import dev.latchkey.problem.Text;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in a sentence what is wrong with a command line, and what was probably meant. */
final class Advice {
    private Advice() {}

    static String on(ParameterException exception) {
        CommandSpec command = exception.getCommandLine().getCommandSpec();
        return switch (exception) {
            case UnmatchedArgumentException unmatched ->
                unknown(command, unmatched.getUnmatched().getFirst());
            case MissingParameterException missing -> missing(command, missing);
            case OverwrittenOptionException twice -> name(twice.getOverwritten()) + " was passed twice. Pass it once.";
            default -> unreadable(command, exception);
        };
    }

    /** For a command that needs a subcommand and has none. */
    static String incomplete(CommandSpec command) {
        return named(command) + " needs a subcommand: "
                + String.join(", ", command.subcommands().keySet()) + "." + see(command);
    }

    static String lacks(CommandSpec command, String argument) {
        return named(command) + " needs " + argument + "." + see(command);
    }

    /** For {@code latchkey help} with an unknown command. */
    static String unknownCommand(CommandSpec among, String name) {
        return "There is no command " + shown(name) + "."
                + nearestCommand(among, name)
                        .map(nearest -> " Did you mean " + nearest + "?")
                        .orElse(see(among));
    }

    private static String unknown(CommandSpec command, String argument) {
        if (argument.startsWith("-") && argument.length() > 1) {
            String flag = argument.split("=", 2)[0];
            return "There is no flag " + shown(flag) + (isRoot(command) ? "." : " of " + named(command) + ".")
                    + nearestFlag(command, flag)
                            .map(nearest -> " Did you mean " + nearest + "?")
                            .orElse(see(command));
        }
        if (!command.subcommands().isEmpty() && command.positionalParameters().isEmpty()) {
            return unknownCommand(command, argument);
        }
        String takes =
                command.positionalParameters().stream().map(ArgSpec::paramLabel).collect(Collectors.joining(" and "));
        return named(command) + (takes.isEmpty() ? " takes no arguments" : " takes only " + takes) + ", but got "
                + shown(argument) + "." + see(command);
    }

    private static String missing(CommandSpec command, MissingParameterException missing) {
        if (missing.getMissing().getFirst() instanceof OptionSpec option) {
            return name(option) + " needs a value: " + name(option) + " " + option.paramLabel() + ".";
        }
        // Of several missing arguments, the exception names only the first.
        return lacks(
                command,
                command.positionalParameters().stream()
                        .dropWhile(argument -> !missing.getMissing().contains(argument))
                        .map(ArgSpec::paramLabel)
                        .collect(Collectors.joining(" and ")));
    }

    private static String unreadable(CommandSpec command, ParameterException exception) {
        ArgSpec argument = exception.getArgSpec();
        if (argument == null) {
            return Objects.requireNonNullElse(exception.getMessage(), "The command line cannot be read") + "."
                    + see(command);
        }
        if (argument.isOption() && argument.type() == boolean.class) {
            return name(argument) + " takes no value." + see(command);
        }
        return name(argument) + " is \"" + shown(String.valueOf(exception.getValue())) + "\". "
                + (argument.type() == URI.class ? "Pass a URL such as http://localhost:8080." : "Pass another value.");
    }

    private static String name(ArgSpec argument) {
        return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    }

    private static boolean isRoot(CommandSpec command) {
        return command.parent() == null;
    }

    private static String named(CommandSpec command) {
        return command.qualifiedName(" ");
    }

    private static String see(CommandSpec command) {
        return " See: latchkey help" + named(command).replaceFirst("^latchkey", "");
    }

    /** What was typed may be long, or contain control characters that a terminal would obey. */
    private static String shown(String typed) {
        return Text.shortened(typed, 60);
    }

    /** Flags may come before or after the command. */
    private static Optional<String> nearestFlag(CommandSpec command, String flag) {
        List<String> known = new ArrayList<>();
        for (CommandSpec level = command; level != null; level = level.parent()) {
            for (OptionSpec option : level.options()) {
                boolean secret = Setting.withKey(option.longestName().substring(2))
                        .filter(Setting::isSecret)
                        .isPresent();
                if (!secret && option.longestName().startsWith("--")) {
                    known.add(option.longestName());
                }
            }
            if (!Commands.takesSettings(command)) {
                break;
            }
        }
        return Nearest.to("--" + flag.replaceFirst("^-+", "").replace('_', '-'), known);
    }

    /** A subcommand by its name, or a deeper one by its last word. */
    private static Optional<String> nearestCommand(CommandSpec among, String name) {
        Map<String, String> known = new LinkedHashMap<>();
        collect(among, known);
        return Nearest.to(name, List.copyOf(known.keySet())).map(known::get);
    }

    private static void collect(CommandSpec command, Map<String, String> known) {
        command.subcommands().forEach((name, below) -> known.putIfAbsent(name, named(below.getCommandSpec())));
        for (CommandLine below : command.subcommands().values()) {
            collect(below.getCommandSpec(), known);
        }
    }
}
