package dev.latchkey.openapi;

import static dev.latchkey.http.Text.quote;

import dev.latchkey.openapi.Tree.Fields;
import dev.latchkey.openapi.Tree.Items;
import dev.latchkey.openapi.Tree.Text;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Walks the paths; an operation that cannot be used does not hide what is wrong with the next one. */
final class Operations {
    private static final int MAX_OPERATIONS = 5_000;
    private static final int MAX_ERRORS = 100;
    private static final Set<String> METHODS =
            Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");

    private final References references;
    private final Fields root;
    private final List<Notice> notices;
    private final List<DescribedOperation> found = new ArrayList<>();
    private final List<UnusableDocumentException> errors = new ArrayList<>();

    Operations(References references, Fields root, List<Notice> notices) {
        this.references = references;
        this.root = root;
        this.notices = notices;
    }

    List<DescribedOperation> all() {
        Tree paths = root.fields().get("paths");
        if (paths == null || !(references.followed(paths) instanceof Fields fields)) {
            throw new UnusableDocumentException(root.place().toString(), "it has no paths");
        }
        fields.fields().forEach((path, item) -> {
            if (!path.startsWith("x-")) {
                orError(() -> pathItem(path, item));
            }
        });
        if (!errors.isEmpty()) {
            throw UnusableDocumentException.problem(errors);
        }
        if (found.isEmpty()) {
            throw new UnusableDocumentException(fields.place().toString(), "it has no operation");
        }
        return List.copyOf(found);
    }

    private void pathItem(String path, Tree part) {
        if (!(references.followed(part) instanceof Fields item)) {
            throw new UnusableDocumentException(
                    part.place().toString(), "the path " + quote(path) + " is not an object");
        }
        if (path.indexOf('?') >= 0 || path.indexOf('#') >= 0) {
            notices.add(new Notice(
                    part.place().toString(),
                    "The path " + quote(path) + " has a query or a fragment and is left out."));
            return;
        }
        if (item.fields().containsKey("servers") && !OpenApiReader.servers(item).equals(OpenApiReader.servers(root))) {
            notices.add(new Notice(item.place().toString(), "The path " + quote(path) + " has servers of its own."));
        }
        item.fields().forEach((name, operation) -> {
            if (name.equals("trace")) {
                notices.add(new Notice(operation.place().toString(), "TRACE " + quote(path) + " is left out."));
            } else if (METHODS.contains(name)) {
                orError(() -> operation(name.toUpperCase(Locale.ROOT), path, operation));
            }
        });
    }

    private void operation(String method, String path, Tree part) {
        if (!(references.followed(part) instanceof Fields operation)) {
            throw new UnusableDocumentException(
                    part.place().toString(), method + " " + quote(path) + " is not an object");
        }
        if (found.size() == MAX_OPERATIONS) {
            throw UnusableDocumentException.problem(List.of(new UnusableDocumentException(
                    part.place().toString(), "it has more than " + MAX_OPERATIONS + " operations")));
        }
        List<String> tags = new ArrayList<>();
        if (operation.fields().get("tags") instanceof Items items) {
            items.items().forEach(tag -> {
                if (tag instanceof Text text) {
                    tags.add(Words.line(text.value(), OpenApiReader.MAX_LINE));
                }
            });
        }
        found.add(new DescribedOperation(
                method,
                path,
                Words.line(OpenApiReader.text(operation, "operationId"), OpenApiReader.MAX_LINE),
                List.copyOf(tags),
                Words.line(OpenApiReader.text(operation, "summary"), OpenApiReader.MAX_LINE),
                security(operation)));
    }

    /** What the operation says, and what the document says for those that say nothing. */
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

    private void orError(Runnable reading) {
        try {
            reading.run();
        } catch (UnusableDocumentException e) {
            errors.add(e);
            if (errors.size() == MAX_ERRORS) {
                throw UnusableDocumentException.problem(errors);
            }
        }
    }
}
