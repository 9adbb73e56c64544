package dev.latchkey.openapi;

import dev.latchkey.openapi.Tree.Place;
import dev.latchkey.problem.Text;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/** Parses a JSON document into a tree. */
final class JsonTree {
    private static final StreamReadConstraints BOUNDS = StreamReadConstraints.builder()
            .maxStringLength(Budget.MAX_FILE_BYTES)
            .maxNestingDepth(1_000)
            .build();
    private static final JsonFactory JSON =
            JsonFactory.builder().streamReadConstraints(BOUNDS).build();

    /** What some tools accept as JSON; used only to say what is wrong. */
    private static final JsonFactory COMMENTED = JsonFactory.builder()
            .streamReadConstraints(BOUNDS)
            .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
            .build();

    private final String file;
    private final JsonParser parser;
    private final Budget budget;

    private JsonTree(String file, JsonParser parser, Budget budget) {
        this.file = file;
        this.parser = parser;
        this.budget = budget;
    }

    /** The text is not JSON; it may be YAML. */
    static final class NotJsonException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    static Tree parse(String file, String text, Budget budget) throws NotJsonException {
        try (JsonParser parser = JSON.createParser(text)) {
            JsonTree reader = new JsonTree(file, parser, budget);
            parser.nextToken();
            Tree tree = reader.part(0);
            if (parser.nextToken() != null) {
                throw new NotJsonException();
            }
            return tree;
        } catch (JacksonException e) {
            if (isJsonButForComments(text)) {
                TokenStreamLocation at = e.getLocation();
                throw new UnusableDocumentException(
                        new Place(file, at.getLineNr(), at.getColumnNr()).toString(),
                        "it is not JSON, because it contains a comment. Remove the comments, or use YAML");
            }
            throw new NotJsonException();
        }
    }

    private static boolean isJsonButForComments(String text) {
        try (JsonParser parser = COMMENTED.createParser(text)) {
            while (parser.nextToken() != null) {
                // Only whether all of it can be read matters.
            }
            return true;
        } catch (JacksonException e) {
            return false;
        }
    }

    private Tree part(int depth) {
        Place place = place();
        budget.spend(place, depth);
        return switch (parser.currentToken()) {
            case START_OBJECT -> fields(place, depth);
            case START_ARRAY -> items(place, depth);
            default -> new Tree.Text(String.valueOf(parser.getString()), place);
        };
    }

    private Tree items(Place place, int depth) {
        List<Tree> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(part(depth + 1));
        }
        return new Tree.Items(items, place);
    }

    private Tree fields(Place place, int depth) {
        Map<String, Tree> fields = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            Place where = place();
            parser.nextToken();
            if (fields.put(name, part(depth + 1)) != null) {
                throw new UnusableDocumentException(where.toString(), "the name " + Text.quote(name) + " occurs twice");
            }
        }
        return new Tree.Fields(fields, place);
    }

    private Place place() {
        TokenStreamLocation at = parser.currentTokenLocation();
        return new Place(file, at.getLineNr(), at.getColumnNr());
    }
}
