package dev.latchkey.openapi;

import dev.latchkey.openapi.Tree.Fields;
import dev.latchkey.problem.Text;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The files of one document, read when first referred to, and the references among them (RFC 6901 pointers). */
final class References {
    static final String REFERENCE = "$ref";

    private static final int MAX_REFERENCES = 20_000;
    private static final int MAX_REMOTE_FILES = 200;

    private final Source source;
    private final Source remote;
    private final Map<String, Tree> parsed = new HashMap<>();

    /** Files that turned out to be broken: each is read once, however many refer to it. */
    private final Map<String, UnusableDocumentException> broken = new HashMap<>();

    private final Budget budget = new Budget();
    private int references;
    private int remoteFiles;

    /** @param remote where files at addresses come from */
    References(Source source, Source remote) {
        this.source = source;
        this.remote = remote;
    }

    Tree file(String file, String referredFrom) {
        Tree known = parsed.get(file);
        if (known != null) {
            return known;
        }
        UnusableDocumentException before = broken.get(file);
        if (before != null) {
            throw before;
        }
        boolean address = Paths.isAddress(file);
        if (address && ++remoteFiles > MAX_REMOTE_FILES) {
            throw UnusableDocumentException.ofWhole(
                    referredFrom, "the document has more than " + MAX_REMOTE_FILES + " files at other addresses");
        }
        byte[] content = (address ? remote : source).content(file, referredFrom);
        try {
            Tree tree = TreeParser.parse(file, content, budget);
            parsed.put(file, tree);
            return tree;
        } catch (UnusableDocumentException e) {
            broken.put(file, e);
            throw e;
        }
    }

    /**
     * The part itself, or the one that its references finally lead to.
     *
     * @throws UnusableDocumentException for a reference that leads nowhere, out of the upload, or in a circle
     */
    Tree followed(Tree part) {
        return followed(part, onTheWay -> {});
    }

    /**
     * The members of an object and of the objects that it refers to. Members next to a reference take precedence over
     * those of its target.
     *
     * @return null when the part that it leads to is not an object
     */
    @Nullable Fields object(Tree part) {
        Map<String, Tree> members = new LinkedHashMap<>();
        Tree last = followed(part, onTheWay -> onTheWay.fields().forEach(members::putIfAbsent));
        if (!(last instanceof Fields target)) {
            return null;
        }
        members.remove(REFERENCE);
        if (members.isEmpty()) {
            return target;
        }
        target.fields().forEach(members::putIfAbsent);
        return new Fields(members, part.place());
    }

    private Tree followed(Tree part, Consumer<Fields> onTheWay) {
        Set<String> seen = new LinkedHashSet<>();
        Tree at = part;
        while (reference(at) instanceof Tree.Text(String reference, Tree.Place place)) {
            if (++references > MAX_REFERENCES) {
                throw UnusableDocumentException.ofWhole(
                        place.toString(), "the document has more than " + MAX_REFERENCES + " references");
            }
            int hash = reference.indexOf('#');
            String file = hash < 0 ? reference : reference.substring(0, hash);
            String target = file.isEmpty() ? place.file() : Paths.resolved(file, place.file(), place.toString());
            String pointer = hash < 0 ? "" : reference.substring(hash + 1);
            if (!seen.add(target + "#" + pointer)) {
                throw new UnusableDocumentException(
                        place.toString(), "references go in a circle: " + Words.line(String.join(" -> ", seen), 300));
            }
            onTheWay.accept((Fields) at);
            at = at(file(target, place.toString()), pointer, place.toString(), reference);
        }
        return at;
    }

    private static @Nullable Tree reference(Tree part) {
        return part instanceof Fields fields ? fields.fields().get(REFERENCE) : null;
    }

    private static Tree at(Tree document, String pointer, String where, String reference) {
        if (pointer.isEmpty() || pointer.equals("/")) {
            return document;
        }
        Tree at = document;
        if (!pointer.startsWith("/")) {
            throw nowhere(where, reference);
        }
        for (String step : pointer.substring(1).split("/", -1)) {
            String name;
            try {
                name = URLDecoder.decode(step.replace("+", "%2B"), StandardCharsets.UTF_8)
                        .replace("~1", "/")
                        .replace("~0", "~");
            } catch (IllegalArgumentException e) {
                throw nowhere(where, reference);
            }
            @Nullable Tree next = switch (at) {
                case Fields fields -> fields.fields().get(name);
                case Tree.Items items -> item(items, name);
                case Tree.Text text -> null;
            };
            if (next == null) {
                throw nowhere(where, reference);
            }
            at = next;
        }
        return at;
    }

    private static @Nullable Tree item(Tree.Items items, String name) {
        if (!name.matches("0|[1-9][0-9]{0,6}")) {
            return null;
        }
        int index = Integer.parseInt(name);
        return index < items.items().size() ? items.items().get(index) : null;
    }

    private static UnusableDocumentException nowhere(String where, String reference) {
        return new UnusableDocumentException(where, "the reference " + Text.quote(reference) + " leads nowhere");
    }
}
