package dev.latchkey.openapi;

import static dev.latchkey.problem.Text.quote;

import dev.latchkey.openapi.Tree.Fields;
import dev.latchkey.openapi.Tree.Items;
import dev.latchkey.openapi.Tree.Text;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the operations of all paths; one that cannot be used hides neither the next one nor what is wrong with that.
 */
final class Operations {
    private static final int MAX_OPERATIONS = 5_000;

    /** The members of a path item that are operations, QUERY since OpenAPI 3.2. */
    private static final Set<String> METHODS =
            Set.of("get", "put", "post", "delete", "options", "head", "patch", "query");

    /** Its other members, which say nothing about endpoints. */
    private static final Set<String> OTHERS = Set.of("summary", "description", "servers", "parameters");

    private static final String ADDITIONAL = "additionalOperations";

    /** A gateway's extension for an operation with any method. */
    private static final String ANY_METHOD = "x-amazon-apigateway-any-method";

    private static final Pattern METHOD = Pattern.compile("[A-Z][A-Z-]{0,19}");

    private final References references;
    private final Fields root;
    private final List<Notice> notices;
    private final List<DescribedOperation> found = new ArrayList<>();
    private final List<LeftOut> leftOut = new ArrayList<>();

    Operations(References references, Fields root, List<Notice> notices) {
        this.references = references;
        this.root = root;
        this.notices = notices;
        read();
    }

    List<DescribedOperation> all() {
        return List.copyOf(found);
    }

    List<LeftOut> leftOut() {
        return List.copyOf(leftOut);
    }

    private void read() {
        Tree paths = root.fields().get("paths");
        Fields fields = paths == null ? null : references.object(paths);
        if (fields == null) {
            throw new UnusableDocumentException(root.place().toString(), "it has no paths");
        }
        fields.fields().forEach((path, item) -> {
            if (!path.startsWith("x-")) {
                orLeftOut("", path, false, () -> pathItem(path, item));
            }
        });
        if (found.isEmpty()) {
            throw leftOut.isEmpty()
                    ? new UnusableDocumentException(fields.place().toString(), "it has no operations")
                    : UnusableDocumentException.problem(leftOut.stream()
                            .map(one -> new UnusableDocumentException(one.where(), one.reason()))
                            .toList());
        }
    }

    private void pathItem(String path, Tree part) {
        Fields item = members(path, part);
        ForeignPath spelled = ForeignPath.read(path, part.place());
        if (item.fields().containsKey("servers") && !Servers.of(item).equals(Servers.of(root))) {
            notices.add(new Notice(item.place().toString(), "The path " + quote(path) + " has servers of its own."));
        }
        item.fields().forEach((name, operation) -> {
            if (METHODS.contains(name)) {
                orLeftOut(
                        name.toUpperCase(Locale.ROOT),
                        spelled.template(),
                        true,
                        () -> operation(name.toUpperCase(Locale.ROOT), spelled, operation));
            } else if (name.equals(ADDITIONAL)) {
                orLeftOut("", spelled.template(), false, () -> additional(spelled, operation));
            } else if (name.equals("trace")) {
                leaveOut(
                        "TRACE",
                        spelled.template(),
                        operation,
                        "TRACE echoes the request and does not belong in an API");
            } else if (name.equals(ANY_METHOD)) {
                leaveOut(
                        "ANY",
                        spelled.template(),
                        operation,
                        "an endpoint has one method. Add one endpoint for each method that you need");
            } else if (!OTHERS.contains(name) && !name.startsWith("x-")) {
                notices.add(new Notice(
                        operation.place().toString(),
                        quote(name) + " is not a member of a path and is left out of " + quote(path) + "."));
            }
        });
    }

    /** The members next to a reference that leads nowhere are still read. */
    private Fields members(String path, Tree part) {
        try {
            Fields item = references.object(part);
            if (item == null) {
                throw new UnusableDocumentException(
                        part.place().toString(), "the path " + quote(path) + " is not an object");
            }
            return item;
        } catch (UnusableDocumentException e) {
            if (e.isOfWhole()
                    || !(part instanceof Fields own)
                    || own.fields().keySet().stream().noneMatch(METHODS::contains)) {
                throw e;
            }
            leaveOut("", path, e, false);
            Map<String, Tree> rest = new LinkedHashMap<>(own.fields());
            rest.remove(References.REFERENCE);
            return new Fields(rest, own.place());
        }
    }

    /** The operations of methods that have no member of their own (OpenAPI 3.2). */
    private void additional(ForeignPath path, Tree part) {
        Fields operations = references.object(part);
        if (operations == null) {
            throw new UnusableDocumentException(part.place().toString(), ADDITIONAL + " is not an object");
        }
        operations.fields().forEach((method, operation) -> {
            if (!METHOD.matcher(method).matches()) {
                leaveOut(
                        Words.line(method, 60),
                        path.template(),
                        operation,
                        "an endpoint's method has up to 20 letters, all of them capital");
            } else {
                orLeftOut(method, path.template(), true, () -> operation(method, path, operation));
            }
        });
    }

    private void operation(String method, ForeignPath path, Tree part) {
        Fields operation = references.object(part);
        if (operation == null) {
            throw new UnusableDocumentException(
                    part.place().toString(), method + " " + quote(path.template()) + " is not an object");
        }
        List<String> tags = new ArrayList<>();
        if (operation.fields().get("tags") instanceof Items items) {
            items.items().forEach(tag -> {
                if (tag instanceof Text text) {
                    tags.add(Words.line(text.value()));
                }
            });
        }
        requireRoom(part.place());
        found.add(new DescribedOperation(
                method,
                path.template(),
                Words.line(operation.text("operationId")),
                List.copyOf(tags),
                Words.line(operation.text("summary")),
                security(operation),
                part.place().toString(),
                path.note()));
    }

    /** What the operation says, or what the document says for operations that say nothing. */
    private Security security(Fields operation) {
        @Nullable Tree stated = operation.fields().get("security");
        Tree security = stated != null ? stated : root.fields().get("security");
        if (security == null) {
            return new Security.Unstated();
        }
        if (!(references.followed(security) instanceof Items requirements)) {
            throw new UnusableDocumentException(security.place().toString(), "security is not a list");
        }
        Set<List<String>> alternatives = new LinkedHashSet<>();
        boolean open = true;
        for (Tree requirement : requirements.items()) {
            if (!(requirement instanceof Fields schemes)) {
                throw new UnusableDocumentException(
                        requirement.place().toString(), "a security requirement is not an object");
            }
            open &= schemes.fields().isEmpty();
            Set<String> scopes = new LinkedHashSet<>();
            schemes.fields().values().forEach(list -> {
                if (list instanceof Items items) {
                    items.items().forEach(scope -> {
                        if (scope instanceof Text text) {
                            scopes.add(text.value());
                        }
                    });
                }
            });
            if (!scopes.isEmpty()) {
                alternatives.add(List.copyOf(scopes));
            }
        }
        if (!alternatives.isEmpty()) {
            return new Security.Scopes(List.copyOf(alternatives));
        }
        return open ? new Security.Open() : new Security.Unstated();
    }

    private void orLeftOut(String method, String path, boolean possible, Runnable reading) {
        try {
            reading.run();
        } catch (UnusableDocumentException e) {
            if (e.isOfWhole()) {
                throw e;
            }
            leaveOut(method, path, e, possible);
        }
    }

    private void leaveOut(String method, String path, Tree part, String reason) {
        leaveOut(method, path, new UnusableDocumentException(part.place().toString(), reason), false);
    }

    private void leaveOut(String method, String path, UnusableDocumentException why, boolean possible) {
        requireRoom(root.place());
        leftOut.add(new LeftOut(method, Words.line(path, 500), why.where(), why.why(), possible));
    }

    private void requireRoom(Tree.Place place) {
        if (found.size() + leftOut.size() == MAX_OPERATIONS) {
            throw UnusableDocumentException.ofWhole(
                    place.toString(), "it has more than " + MAX_OPERATIONS + " operations");
        }
    }
}
