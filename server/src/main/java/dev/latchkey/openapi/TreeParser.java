package dev.latchkey.openapi;

import dev.latchkey.openapi.Tree.Place;
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
 * Makes a tree of a YAML 1.2 document, and so of a JSON one. An alias stands for the same part, never for a copy, so that
 * a small document cannot become a large one; no tag makes an object.
 */
final class TreeParser {
    static final int MAX_BYTES = 8 * 1024 * 1024;

    private static final int MAX_DEPTH = 200;
    private static final int MAX_NODES = 2_000_000;

    private final String file;
    private final Iterator<Event> events;
    private final Map<String, Tree> anchors = new HashMap<>();
    private int nodes;

    private TreeParser(String file, Iterator<Event> events) {
        this.file = file;
        this.events = events;
    }

    /**
     * The document's tree.
     *
     * @throws UnusableDocumentException saying where it is broken
     */
    static Tree parse(String file, byte[] content) {
        if (content.length > MAX_BYTES) {
            throw new UnusableDocumentException(file, "it is larger than " + MAX_BYTES / 1024 / 1024 + " MiB");
        }
        LoadSettings settings = LoadSettings.builder()
                .setLabel(file)
                .setCodePointLimit(MAX_BYTES)
                .build();
        try {
            Iterator<Event> events =
                    new Parse(settings).parseString(text(file, content)).iterator();
            return new TreeParser(file, events).document();
        } catch (MarkedYamlEngineException e) {
            throw new UnusableDocumentException(
                    place(file, e.getProblemMark()).toString(), "it is not valid YAML or JSON: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw new UnusableDocumentException(file, "it is not valid YAML or JSON");
        }
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
        if (depth > MAX_DEPTH) {
            throw new UnusableDocumentException(place.toString(), "it is nested too deeply");
        }
        if (++nodes > MAX_NODES) {
            throw new UnusableDocumentException(place.toString(), "it has too many parts");
        }
        if (event instanceof AliasEvent alias) {
            @Nullable Tree known = anchors.get(alias.getAlias().getValue());
            if (known == null) {
                throw new UnusableDocumentException(place.toString(), "the alias stands for nothing before it");
            }
            return known;
        }
        Tree tree = switch (event) {
            case ScalarEvent scalar -> new Tree.Text(scalar.getValue(), place);
            case SequenceStartEvent start -> items(place, depth);
            case MappingStartEvent start -> fields(place, depth);
            default -> throw new UnusableDocumentException(place.toString(), "it breaks off");
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
        for (Event event = events.next(); event.getEventId() != Event.ID.MappingEnd; event = events.next()) {
            if (!(node(event, depth + 1) instanceof Tree.Text(String key, Place where))) {
                throw new UnusableDocumentException(
                        place(file, event.getStartMark()).toString(), "a name is not a text");
            }
            Tree value = node(events.next(), depth + 1);
            if (fields.put(key, value) != null) {
                throw new UnusableDocumentException(where.toString(), "the name " + Words.shown(key) + " occurs twice");
            }
        }
        return new Tree.Fields(fields, place);
    }

    private static Place place(String file, Optional<Mark> mark) {
        return mark.map(at -> new Place(file, at.getLine() + 1, at.getColumn() + 1))
                .orElseGet(() -> new Place(file, 1, 1));
    }
}
