package dev.latchkey;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Prints {@code --help} and {@code latchkey help}: a command's own arguments first, then the settings that matter for it.
 */
final class Help {
    private static final int WIDTH = 100;
    private static final int MAX_NAME_WIDTH = 26;

    private static final List<Setting<?>> FOR_THE_SERVICE =
            List.of(Setting.PORT, Setting.HOST, Setting.DATA, Setting.ISSUER, Setting.DATABASE_URL);
    private static final List<Setting<?>> FOR_THE_DATABASE =
            List.of(Setting.DATA, Setting.DATABASE_URL, Setting.MASTER_KEY_FILE);

    private final PrintStream out;

    Help(PrintStream out) {
        this.out = out;
    }

    /** Prints all settings, and how to set them. */
    void settings() {
        wrapped(
                "Each setting has three spellings: --port as a flag, LATCHKEY_PORT in the environment, and port in the settings"
                        + " file (latchkey.yaml, or --config FILE). A flag takes precedence over the environment, and the"
                        + " environment over the file.",
                "");
        for (SettingGroup group : SettingGroup.values()) {
            table(
                    group.heading(),
                    Setting.all().stream()
                            .filter(setting -> setting.group() == group)
                            .map(Help::row)
                            .toList());
        }
    }

    /** @param all whether to print every setting */
    void of(CommandSpec command, boolean all) {
        boolean isRoot = command.parent() == null;
        String[] descriptions = command.usageMessage().description();
        out.println("Usage: " + synopsis(command));
        out.println();
        wrapped(String.join(". ", descriptions) + (descriptions.length == 1 ? "." : ""), "");
        table(
                "Arguments",
                command.positionalParameters().stream()
                        .map(one -> new String[] {one.paramLabel(), one.description()[0]})
                        .toList());
        table(
                "Commands",
                leaves(command)
                        .map(one -> new String[] {
                            synopsisOf(one), one.usageMessage().description()[0]
                        })
                        .toList());
        table("Flags", flags(command).map(Help::row).toList());
        if (!Commands.takesSettings(command)) {
            return;
        }
        if (all) {
            out.println();
            settings();
            return;
        }
        List<String[]> rows =
                new ArrayList<>(settingsFor(command).stream().map(Help::row).toList());
        rows.add(row(command.findOption(Commands.CONFIG)));
        table("Settings", rows);
        if (command.name().equals("demo")) {
            return;
        }
        out.println();
        out.println("All settings: latchkey help settings, or --help --all");
        if (isRoot) {
            out.println("A command:    latchkey help COMMAND");
        }
    }

    private static List<Setting<?>> settingsFor(CommandSpec command) {
        return switch (command.name()) {
            case "demo" -> List.of(Setting.PORT);
            case "latchkey", "serve" -> FOR_THE_SERVICE;
            case "health" -> List.of(Setting.PORT, Setting.HOST);
            default -> FOR_THE_DATABASE;
        };
    }

    /** The command's own flags. */
    private static Stream<OptionSpec> flags(CommandSpec command) {
        return command.options().stream()
                .filter(option -> !option.longestName().equals(Commands.CONFIG)
                        && Setting.withKey(option.longestName().substring(2)).isEmpty());
    }

    /** The command as people type it. */
    private static String synopsis(CommandSpec command) {
        Map<String, CommandLine> below = command.subcommands();
        boolean alone = below.isEmpty() || Commands.takesSettings(command);
        List<String> lines = new ArrayList<>();
        if (command.parent() == null) {
            lines.add("latchkey [COMMAND] [SETTINGS]");
        } else if (alone) {
            lines.add("latchkey " + synopsisOf(command) + (flags(command).count() > 1 ? " [FLAGS]" : "")
                    + (Commands.takesSettings(command) ? " [SETTINGS]" : ""));
        }
        if (command.parent() != null) {
            below.values().forEach(one -> lines.add("latchkey " + synopsisOf(one.getCommandSpec())));
        }
        return String.join("\n       ", lines);
    }

    /** The command and its arguments, without the program's own name. */
    private static String synopsisOf(CommandSpec command) {
        return Stream.concat(
                        Stream.of(command.qualifiedName(" ").replaceFirst("^latchkey ", "")),
                        command.positionalParameters().stream().map(Help::label))
                .collect(Collectors.joining(" "));
    }

    private static String label(PositionalParamSpec argument) {
        return argument.arity().isVariable() ? "[" + argument.paramLabel() + "...]" : argument.paramLabel();
    }

    /** All subcommands that do something themselves. */
    private static Stream<CommandSpec> leaves(CommandSpec command) {
        return command.subcommands().values().stream()
                .map(CommandLine::getCommandSpec)
                .flatMap(one -> Stream.concat(
                        one.subcommands().isEmpty() || Commands.takesSettings(one) ? Stream.of(one) : Stream.empty(),
                        leaves(one)));
    }

    private static String[] row(OptionSpec option) {
        String names = String.join(", ", option.names());
        return new String[] {
            option.arity().max() == 0 ? names : names + " " + option.paramLabel(), option.description()[0]
        };
    }

    /** A secret is never a flag. */
    private static String[] row(Setting<?> setting) {
        return new String[] {
            setting.isSecret() ? setting.environmentVariable() : setting.flag() + " " + setting.label(),
            setting.description()
                    + setting.defaultValue()
                            .map(value -> " (default: " + value + ")")
                            .orElse("")
        };
    }

    private void table(String heading, List<String[]> rows) {
        if (rows.isEmpty()) {
            return;
        }
        out.println();
        out.println(heading + ":");
        int width = Math.min(
                MAX_NAME_WIDTH,
                rows.stream().mapToInt(row -> row[0].length()).max().orElse(0));
        for (String[] row : rows) {
            String name = "  " + row[0] + " ".repeat(Math.max(0, width - row[0].length())) + "  ";
            if (row[0].length() > width) {
                out.println(name.stripTrailing());
                name = " ".repeat(width + 4);
            }
            wrapped(row[1], name);
        }
    }

    /** Prints the text after the beginning of its first line, and indents the other lines to match. */
    private void wrapped(String text, String before) {
        StringBuilder line = new StringBuilder(before);
        for (String word : Arrays.asList(text.split(" ", -1))) {
            if (line.length() + word.length() > WIDTH && line.length() > before.length()) {
                out.println(line.toString().stripTrailing());
                line = new StringBuilder(" ".repeat(before.length()));
            }
            line.append(word).append(' ');
        }
        out.println(line.toString().stripTrailing());
    }
}
