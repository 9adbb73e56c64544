package dev.latchkey.openapi;

import dev.latchkey.openapi.Tree.Place;
import dev.latchkey.problem.Text;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Parses a YAML 1.2 document, and so a JSON one, into a tree. An alias refers to the same part, never to a copy, so
 * that a small document cannot become a large one; tags never create objects.
 */
final class TreeParser {
    private static final String MERGE = "<<";

    /** The parser searches its buffer again for each piece of a long line. */
    private static final int BUFFER = 1 << 20;

    private final String file;
    private final Iterator<Event> events;
    private final Budget budget;
    private final Map<String, Tree> anchors = new HashMap<>();

    private TreeParser(String file, Iterator<Event> events, Budget budget) {
        this.file = file;
        this.events = events;
        this.budget = budget;
    }

    /**
     * The document's tree.
     *
     * @param budget how many parts all files of the document may have together
     * @throws UnusableDocumentException that says where it is broken
     */
    static Tree parse(String file, byte[] content, Budget budget) {
        if (content.length > Budget.MAX_FILE_BYTES) {
            throw new UnusableDocumentException(
                    file, "it is larger than " + Budget.MAX_FILE_BYTES / 1024 / 1024 + " MiB");
        }
        String text = text(file, content);
        // The YAML parser refuses some JSON (tabs before a list, long names), although YAML's specification allows it.
        String begun = beginning(text);
        if (begun.startsWith("{") || begun.startsWith("//") || begun.startsWith("/*")) {
            try {
                return JsonTree.parse(file, text, budget);
            } catch (JsonTree.NotJsonException e) {
                // A YAML document may begin like that too; its parser has the better message.
            }
        }
        LoadSettings settings = LoadSettings.builder()
                .setLabel(file)
                .setCodePointLimit(Budget.MAX_FILE_BYTES)
                .setBufferSize(Math.clamp(text.length(), 1024, BUFFER))
                .build();
        try {
            Iterator<Event> events = new Parse(settings).parseString(text).iterator();
            return new TreeParser(file, events, budget).document();
        } catch (MarkedYamlEngineException e) {
            throw new UnusableDocumentException(
                    place(file, e.getProblemMark()).toString(), "it is not valid YAML or JSON: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw new UnusableDocumentException(file, "it is not valid YAML or JSON");
        }
    }

    /** The first two characters after white space, without a copy of the rest, which may be megabytes. */
    private static String beginning(String text) {
        int at = 0;
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return text.substring(at, Math.min(text.length(), at + 2));
    }

    private static String text(String file, byte[] content) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new UnusableDocumentException(file, "it is not UTF-8 text");
        }
    }

    private Tree document() {
        events.next(); // the stream's start
        Event first = events.next();
        if (first.getEventId() == Event.ID.StreamEnd) {
            throw new UnusableDocumentException(file, "it is empty");
        }
        Tree tree = node(events.next(), 0);
        events.next(); // the document's end
        if (events.next().getEventId() != Event.ID.StreamEnd) {
            throw new UnusableDocumentException(file, "it holds more than one document");
        }
        return tree;
    }

    private Tree node(Event event, int depth) {
        Place place = place(file, event.getStartMark());
        budget.spend(place, depth);
        if (event instanceof AliasEvent alias) {
            @Nullable Tree known = anchors.get(alias.getAlias().getValue());
            if (known == null) {
                throw new UnusableDocumentException(place.toString(), "the alias refers to nothing before it");
            }
            return known;
        }
        Tree tree = switch (event) {
            case ScalarEvent scalar -> new Tree.Text(scalar.getValue(), place);
            case SequenceStartEvent start -> items(place, depth);
            case MappingStartEvent start -> fields(place, depth);
            default -> throw new UnusableDocumentException(place.toString(), "it ends too early");
        };
        ((NodeEvent) event).getAnchor().ifPresent(anchor -> anchors.put(anchor.getValue(), tree));
        return tree;
    }

    private Tree items(Place place, int depth) {
        List<Tree> items = new ArrayList<>();
        for (Event event = events.next(); event.getEventId() != Event.ID.SequenceEnd; event = events.next()) {
            items.add(node(event, depth + 1));
        }
        return new Tree.Items(items, place);
    }

    private Tree fields(Place place, int depth) {
        Map<String, Tree> fields = new LinkedHashMap<>();
        List<Tree> merged = new ArrayList<>();
        for (Event event = events.next(); event.getEventId() != Event.ID.MappingEnd; event = events.next()) {
            if (!(node(event, depth + 1) instanceof Tree.Text(String key, Place where))) {
                throw new UnusableDocumentException(
                        place(file, event.getStartMark()).toString(), "a name is not text");
            }
            Tree value = node(events.next(), depth + 1);
            if (key.equals(MERGE)) {
                merged.add(value);
            } else if (fields.put(key, value) != null) {
                throw new UnusableDocumentException(where.toString(), "the name " + Text.quote(key) + " occurs twice");
            }
        }
        merged.forEach(value -> merge(value, fields));
        return new Tree.Fields(fields, place);
    }

    /** YAML 1.1's merge key, which many documents use: an object's own members take precedence over merged ones. */
    private static void merge(Tree value, Map<String, Tree> into) {
        switch (value) {
            case Tree.Fields fields -> fields.fields().forEach(into::putIfAbsent);
            case Tree.Items items -> items.items().forEach(item -> merge(item, into));
            case Tree.Text text ->
                throw new UnusableDocumentException(text.place().toString(), "<< is not followed by an object");
        }
    }

    private static Place place(String file, Optional<Mark> mark) {
        return mark.map(at -> new Place(file, at.getLine() + 1, at.getColumn() + 1))
                .orElseGet(() -> new Place(file, 1, 1));
    }
}
