package dev.latchkey;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * A settings file: a YAML map. Values are taken as they are written, because a password may look like a number.
 *
 * @param values by name; empty for a name without a value, and separated by commas for a list
 * @param problems what is wrong with the file
 */
record SettingsFile(Map<String, String> values, List<String> problems) {
    static SettingsFile read(Path file) {
        try {
            LoadSettings settings = LoadSettings.builder()
                    .setLabel(file.toString())
                    .setSchema(new CoreSchema())
                    .build();
            Optional<Node> root = new Compose(settings).composeString(Files.readString(file));
            return root.isEmpty() ? new SettingsFile(Map.of(), List.of()) : read(file, root.get());
        } catch (CharacterCodingException e) {
            return unusable("The settings file " + file + " is not in UTF-8. Save it in that encoding.");
        } catch (IOException e) {
            return unusable("The settings file " + file + " cannot be read. Check that it exists and its permissions.");
        } catch (MarkedYamlEngineException e) {
            return unusable("The settings file " + file + " is not a YAML map of settings" + line(e.getProblemMark()));
        } catch (YamlEngineException e) {
            return unusable("The settings file " + file + " is not a YAML map of settings.");
        }
    }

    private static SettingsFile read(Path file, Node root) {
        if (!(root instanceof MappingNode map)) {
            return unusable("The settings file " + file + " is not a YAML map of settings" + line(root.getStartMark()));
        }
        Map<String, String> values = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        for (NodeTuple entry : map.getValue()) {
            Optional<String> name = text(entry.getKeyNode());
            if (name.isEmpty()) {
                return unusable("The settings file " + file + " is not a YAML map of settings"
                        + line(entry.getKeyNode().getStartMark()));
            }
            if (values.containsKey(name.get())) {
                return unusable("The settings file " + file + " names a setting twice"
                        + line(entry.getKeyNode().getStartMark()));
            }
            Optional<String> value = value(entry.getValueNode());
            if (value.isEmpty()) {
                problems.add(name.get() + " in " + file + " must be a single value or a list of values.");
            }
            values.put(name.get(), value.orElse(""));
        }
        return new SettingsFile(values, problems);
    }

    private static Optional<String> value(Node node) {
        if (!(node instanceof SequenceNode sequence)) {
            return text(node);
        }
        List<String> items = sequence.getValue().stream()
                .flatMap(item -> text(item).stream())
                .toList();
        return items.size() == sequence.getValue().size() ? Optional.of(String.join(",", items)) : Optional.empty();
    }

    private static Optional<String> text(Node node) {
        if (!(node instanceof ScalarNode scalar)) {
            return Optional.empty();
        }
        return Optional.of(scalar.getTag().equals(Tag.NULL) ? "" : scalar.getValue());
    }

    private static String line(Optional<Mark> mark) {
        return mark.map(at -> " (line " + (at.getLine() + 1) + ").").orElse(".");
    }

    private static SettingsFile unusable(String problem) {
        return new SettingsFile(Map.of(), List.of(problem));
    }
}
