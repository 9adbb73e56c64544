package dev.latchkey.openapi;

import static dev.latchkey.problem.Text.quote;

import dev.latchkey.http.RemoteFiles;
import dev.latchkey.lane.Lane;
import dev.latchkey.openapi.Tree.Fields;
import dev.latchkey.problem.Problem;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Reads OpenAPI 3.0, 3.1 and 3.2 documents as far as they are about endpoints: paths, methods, tags, security. Schemas
 * and everything else are ignored, and so are errors in them.
 */
public final class OpenApiReader {
    /** The longest upload, in bytes; callers refuse longer ones before they read them. */
    public static final int MAX_UPLOAD_BYTES = 32 * 1024 * 1024;

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final RemoteFiles remote;

    /** One at a time: a document may take several hundred megabytes while it is read. */
    private final Lane lane = new Lane(
            "documents",
            Lane.Pace.GIVING_WAY,
            new Lane.Bounds(1, 2, PATIENCE),
            () -> Problem.unavailable("Other documents are being read. Try again in a moment.", null));

    /** @param remote fetches what a document refers to */
    public OpenApiReader(RemoteFiles remote) {
        this.remote = remote;
    }

    /** The lane in which documents are read, for monitoring. */
    public Lane.Figures lane() {
        return lane.figures();
    }

    /** Fetches OpenAPI documents from these hosts. */
    public static RemoteFiles remote(Set<String> allowedHosts) {
        return new RemoteFiles(
                allowedHosts,
                "LATCHKEY_IMPORT_HOSTS",
                "application/yaml, application/json, */*;q=0.1",
                Budget.MAX_FILE_BYTES,
                false);
    }

    /**
     * Reads an uploaded document: YAML or JSON, or a zip of the folder that it is split over.
     *
     * @throws Problem 422 {@code invalid_openapi}, which says where the document is wrong
     */
    public Description read(byte[] upload, String fileName) {
        return read(upload, fileName, "");
    }

    /** @param mainDocument its path inside the zip; empty to look for it */
    public Description read(byte[] upload, String fileName, String mainDocument) {
        return inTurn(() -> {
            if (!Source.Folder.isZip(upload)) {
                return description(
                        new References(new Source.OneFile(fileName, upload), new Source.Remote(remote)), fileName);
            }
            Source.Folder folder = Source.Folder.unzip(fileName, upload);
            References references = new References(folder, new Source.Remote(remote));
            return description(references, mainDocument.isEmpty() ? main(folder, references, fileName) : mainDocument);
        });
    }

    /**
     * Fetches a document from an allowed host.
     *
     * @throws Problem 422 when this is not an address, or not an allowed one
     */
    public Description readFrom(String address) {
        if (!Paths.isAddress(address) || !isWellFormed(address)) {
            throw Problem.invalid("address", "This is not an address.");
        }
        return inTurn(() -> {
            Source source = new Source.Remote(remote);
            return description(new References(source, source), address);
        });
    }

    private static boolean isWellFormed(String address) {
        try {
            new URI(address);
            return true;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private Description inTurn(Supplier<Description> reading) {
        try {
            return lane.run(reading);
        } catch (UnusableDocumentException e) {
            throw UnusableDocumentException.problem(List.of(e));
        }
    }

    /** The one file with a field {@code openapi} in the topmost folder that has any. */
    private static String main(Source.Folder folder, References references, String zip) {
        List<String> candidates = new ArrayList<>();
        int height = Integer.MAX_VALUE;
        for (String file : folder.files().keySet().stream().sorted().toList()) {
            int depth = (int) file.chars().filter(c -> c == '/').count();
            // Searching the text first avoids parsing thousands of parts.
            if (depth <= height && mentionsOpenApi(folder.content(file, zip)) && isMain(references, file)) {
                if (depth < height) {
                    candidates.clear();
                }
                height = depth;
                candidates.add(file);
            }
        }
        if (candidates.size() != 1) {
            throw new UnusableDocumentException(
                    zip,
                    candidates.isEmpty()
                            ? "the zip holds no file with a top-level field openapi"
                            : "several files could be the main document: "
                                    + Words.line(String.join(", ", candidates), 300) + ". Name the one");
        }
        return candidates.getFirst();
    }

    private static boolean mentionsOpenApi(byte[] content) {
        byte[] word = {'o', 'p', 'e', 'n', 'a', 'p', 'i'};
        for (int i = 0; i + word.length <= Math.min(content.length, 64 * 1024); i++) {
            int at = 0;
            while (at < word.length && content[i + at] == word[at]) {
                at++;
            }
            if (at == word.length) {
                return true;
            }
        }
        return false;
    }

    private static boolean isMain(References references, String file) {
        try {
            return references.file(file, file) instanceof Fields fields
                    && fields.fields().containsKey("openapi");
        } catch (UnusableDocumentException e) {
            return false;
        }
    }

    private static Description description(References references, String file) {
        if (!(references.file(file, file) instanceof Fields root)) {
            throw new UnusableDocumentException(file, "it is not an OpenAPI document: its top level is not an object");
        }
        if (root.fields().containsKey("swagger")) {
            throw new UnusableDocumentException(
                    root.fields().get("swagger").place().toString(),
                    "this is Swagger 2. Convert it to OpenAPI 3 first");
        }
        String version = root.text("openapi");
        if (!version.matches("3\\.[012](\\..*)?")) {
            throw new UnusableDocumentException(
                    root.place().toString(),
                    version.isEmpty()
                            ? "it has no field openapi"
                            : "OpenAPI " + quote(version) + " is not supported; 3.0, 3.1 and 3.2 are");
        }
        List<Notice> notices = new ArrayList<>();
        Fields info = root.fields().get("info") instanceof Fields fields ? fields : new Fields(Map.of(), root.place());
        if (root.fields().containsKey("$self")) {
            notices.add(new Notice(
                    root.fields().get("$self").place().toString(),
                    "References are resolved against the file's own address, not against $self."));
        }
        Operations operations = new Operations(references, root, notices);
        return new Description(
                Words.line(info.text("title")),
                Words.line(info.text("version")),
                Servers.of(root),
                operations.all(),
                operations.leftOut(),
                List.copyOf(notices));
    }
}
