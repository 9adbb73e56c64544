package dev.latchkey.blueprint;

import dev.latchkey.blueprint.Shape.Member;
import dev.latchkey.blueprint.UnusableBlueprintException.Fault;
import dev.latchkey.client.FailedCallException;
import dev.latchkey.database.Reason;
import dev.latchkey.problem.Nearest;
import dev.latchkey.problem.Text;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
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

/** Reads a blueprint, and finds everything that is not of the format, with lines and columns. */
final class BlueprintReader {
    private static final int MAX_BYTES = 16 * 1024 * 1024;
    private static final int MAX_DEPTH = 50;

    /** Aliases can make a small file a large one. */
    private static final int MAX_PARTS = 1_000_000;

    private static final int MAX_FAULTS = 50;

    private final List<Fault> faults = new ArrayList<>();
    private final Map<List<Object>, Place> places = new HashMap<>();
    private int parts;

    private BlueprintReader() {}

    /**
     * The blueprint in the file.
     *
     * @throws UnusableBlueprintException with everything that is wrong with it
     * @throws FailedCallException when the file cannot be read
     */
    static Blueprint read(Path path) {
        return of(path.toString(), content(path));
    }

    /** The blueprint in this text. */
    static Blueprint of(String file, String content) {
        BlueprintReader reader = new BlueprintReader();
        try {
            LoadSettings settings = LoadSettings.builder()
                    .setLabel(file)
                    .setCodePointLimit(MAX_BYTES)
                    .setSchema(new CoreSchema())
                    .build();
            Optional<Node> root = new Compose(settings).composeString(content);
            if (root.isEmpty()) {
                throw unusable(file, Place.START, "The file is empty. A blueprint begins with version and name.");
            }
            Object value = reader.checked(root.get(), Format.BLUEPRINT, List.of());
            if (!reader.faults.isEmpty()) {
                throw new UnusableBlueprintException(
                        file, reader.faults.subList(0, Math.min(MAX_FAULTS, reader.faults.size())));
            }
            return new Blueprint(file, Blueprint.members(value), Map.copyOf(reader.places));
        } catch (MarkedYamlEngineException e) {
            throw unusable(file, place(e.getProblemMark()), "This is not valid YAML: " + e.getProblem() + ".");
        } catch (YamlEngineException e) {
            throw unusable(file, Place.START, "This is not valid YAML.");
        }
    }

    private static String content(Path path) {
        try {
            if (Files.size(path) > MAX_BYTES) {
                throw FailedCallException.impossible("The file " + path + " is larger than 16 MiB.");
            }
            return Files.readString(path);
        } catch (CharacterCodingException e) {
            throw FailedCallException.impossible("The file " + path + " is not in UTF-8. Save it in that encoding.");
        } catch (IOException e) {
            throw FailedCallException.impossible("The file " + path + " cannot be read (" + Reason.ofFile(e) + ").");
        }
    }

    private static UnusableBlueprintException unusable(String file, Place place, String message) {
        return new UnusableBlueprintException(file, List.of(new Fault(place, message)));
    }

    private void wrong(Node node, String message) {
        faults.add(new Fault(place(node.getStartMark()), message));
    }

    private @Nullable Object checked(Node node, Shape shape, List<Object> path) {
        places.putIfAbsent(path, place(node.getStartMark()));
        if (++parts > MAX_PARTS || path.size() > MAX_DEPTH) {
            throw new YamlEngineException("too many parts");
        }
        return switch (shape) {
            case Shape.Text text -> text(node, text, path);
            case Shape.Whole number -> number(node, number, path);
            case Shape.Flag flag -> flag(node, path);
            case Shape.OneOf one -> oneOf(node, one, path);
            case Shape.Items items -> items(node, items, path);
            case Shape.Named named -> named(node, named, path);
            case Shape.Members members -> members(node, members, path);
            case Shape.Either either ->
                checked(node, node instanceof MappingNode ? either.full() : either.brief(), path);
            case Shape.Anything anything -> anything(node, path);
        };
    }

    private @Nullable String text(Node node, Shape.Text shape, List<Object> path) {
        String text = scalar(node).orElse(null);
        if (text == null || !text.matches(shape.pattern())) {
            expected(node, shape, path);
            return null;
        }
        return text;
    }

    private @Nullable Number number(Node node, Shape.Whole shape, List<Object> path) {
        if (node instanceof ScalarNode scalar
                && scalar.getTag().equals(Tag.INT)
                && scalar.getValue().matches("[0-9]{1,15}")) {
            long number = Long.parseLong(scalar.getValue());
            if (number >= shape.least() && number <= shape.most()) {
                // As in JSON that is read.
                return number <= Integer.MAX_VALUE ? (Number) (int) number : (Number) number;
            }
        }
        if (path.equals(List.of(Format.VERSION_FIELD))) {
            wrong(node, "This Latchkey reads version " + Format.VERSION + " of the format.");
        } else {
            expected(node, shape, path);
        }
        return null;
    }

    private @Nullable Boolean flag(Node node, List<Object> path) {
        if (node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.BOOL)) {
            return Boolean.valueOf(scalar.getValue());
        }
        expected(node, new Shape.Flag(), path);
        return null;
    }

    private @Nullable String oneOf(Node node, Shape.OneOf shape, List<Object> path) {
        String text = scalar(node).orElse("");
        if (shape.texts().contains(text)) {
            return text;
        }
        expected(node, shape, path);
        return null;
    }

    private List<@Nullable Object> items(Node node, Shape.Items shape, List<Object> path) {
        List<@Nullable Object> items = new ArrayList<>();
        if (node instanceof SequenceNode sequence) {
            for (Node item : sequence.getValue()) {
                items.add(checked(item, shape.each(), with(path, items.size())));
            }
        } else {
            expected(node, shape, path);
        }
        return items;
    }

    private Map<String, @Nullable Object> named(Node node, Shape.Named shape, List<Object> path) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        entries(node, shape, path).forEach((name, entry) -> {
            if (name.matches(shape.names().pattern())) {
                places.put(with(path, name), place(entry.getKeyNode().getStartMark()));
                values.put(name, checked(entry.getValueNode(), shape.each(), with(path, name)));
            } else {
                wrong(
                        entry.getKeyNode(),
                        Text.quote(name) + " is not " + shape.names().expected() + ".");
            }
        });
        return values;
    }

    private Map<String, @Nullable Object> members(Node node, Shape.Members shape, List<Object> path) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        Map<String, NodeTuple> entries = entries(node, shape, path);
        entries.forEach((name, entry) -> {
            Member member = shape.members().get(name);
            places.put(with(path, name), place(entry.getKeyNode().getStartMark()));
            if (member == null) {
                List<String> known = List.copyOf(shape.members().keySet());
                wrong(
                        entry.getKeyNode(),
                        "There is no " + Text.quote(name) + where(path) + "."
                                + Nearest.to(name, known)
                                        .map(nearest -> " Did you mean " + nearest + "?")
                                        .orElse(" Known are " + String.join(", ", known) + "."));
            } else if (member.clearable() && isNull(entry.getValueNode())) {
                values.put(name, null);
            } else {
                values.put(name, checked(entry.getValueNode(), member.shape(), with(path, name)));
            }
        });
        if (node instanceof MappingNode) {
            shape.members().values().stream()
                    .filter(member -> member.required() && !entries.containsKey(member.name()))
                    .forEach(member ->
                            wrong(node, "Add " + member.name() + where(path) + ": " + decapitalized(member) + "."));
        }
        return values;
    }

    private static String decapitalized(Member member) {
        return member.meaning().substring(0, 1).toLowerCase(Locale.ROOT)
                + member.meaning().substring(1);
    }

    private Map<String, NodeTuple> entries(Node node, Shape shape, List<Object> path) {
        Map<String, NodeTuple> entries = new LinkedHashMap<>();
        if (!(node instanceof MappingNode mapping)) {
            expected(node, shape, path);
            return entries;
        }
        for (NodeTuple entry : mapping.getValue()) {
            String name = scalar(entry.getKeyNode()).orElse(null);
            if (name == null) {
                wrong(entry.getKeyNode(), "A name must be text.");
            } else if (entries.putIfAbsent(name, entry) != null) {
                wrong(entry.getKeyNode(), Text.quote(name) + " occurs twice" + where(path) + ".");
            }
        }
        return entries;
    }

    private @Nullable Object anything(Node node, List<Object> path) {
        return switch (node) {
            case MappingNode mapping -> {
                Map<String, @Nullable Object> values = new LinkedHashMap<>();
                entries(mapping, new Shape.Anything(), path)
                        .forEach((name, entry) -> values.put(
                                name, checked(entry.getValueNode(), new Shape.Anything(), with(path, name))));
                yield values;
            }
            case SequenceNode sequence -> items(sequence, new Shape.Items(new Shape.Anything()), path);
            case ScalarNode scalar when scalar.getTag().equals(Tag.NULL) -> null;
            case ScalarNode scalar when scalar.getTag().equals(Tag.BOOL) -> Boolean.valueOf(scalar.getValue());
            case ScalarNode scalar
            when scalar.getTag().equals(Tag.INT) && scalar.getValue().matches("-?[0-9]{1,18}") ->
                Long.valueOf(scalar.getValue());
            case ScalarNode scalar
            when scalar.getTag().equals(Tag.FLOAT) && scalar.getValue().matches("[-+0-9.eE]+") ->
                Double.valueOf(scalar.getValue());
            case ScalarNode scalar -> scalar.getValue();
            default -> throw new YamlEngineException("an unknown kind of value");
        };
    }

    private void expected(Node node, Shape shape, List<Object> path) {
        wrong(node, (path.isEmpty() ? "A blueprint" : name(path)) + " must be " + shape.expected() + ".");
    }

    private static String where(List<Object> path) {
        return path.isEmpty() ? "" : " in " + name(path);
    }

    /** The value as people name it, such as {@code roles.reader.allow}. */
    private static String name(List<Object> path) {
        StringBuilder name = new StringBuilder();
        for (Object step : path) {
            if (step instanceof Integer index) {
                name.append('[').append(index + 1).append(']');
            } else {
                name.append(name.isEmpty() ? "" : ".").append(Text.shortened(String.valueOf(step), 60));
            }
        }
        return name.toString();
    }

    private static boolean isNull(Node node) {
        return node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.NULL);
    }

    /** Taken as it is written: a description may look like a number. */
    private static Optional<String> scalar(Node node) {
        return node instanceof ScalarNode scalar && !isNull(node) ? Optional.of(scalar.getValue()) : Optional.empty();
    }

    private static List<Object> with(List<Object> path, Object step) {
        List<Object> longer = new ArrayList<>(path);
        longer.add(step);
        return List.copyOf(longer);
    }

    private static Place place(Optional<Mark> mark) {
        return mark.map(at -> new Place(at.getLine() + 1, at.getColumn() + 1)).orElse(Place.START);
    }
}
