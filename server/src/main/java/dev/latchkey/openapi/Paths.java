package dev.latchkey.openapi;

import dev.latchkey.problem.Text;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Pattern;

/** The names of files inside an upload, and the files that references point to. */
final class Paths {
    private static final Pattern DOCUMENT = Pattern.compile("(?i).*\\.(ya?ml|json)");
    private static final Pattern ADDRESS = Pattern.compile("(?i)[a-z][a-z0-9+.-]*:.*|//.*");

    private Paths() {}

    static boolean mayBeDocument(String path) {
        return DOCUMENT.matcher(path).matches();
    }

    static boolean isAddress(String file) {
        return ADDRESS.matcher(file).matches();
    }

    /** The name of a zip's entry, which must stay inside the zip. */
    static String inZip(String zip, String name) {
        if (name.startsWith("/")
                || name.indexOf('\\') >= 0
                || name.chars().anyMatch(Character::isISOControl)
                || isAddress(name)) {
            throw new UnusableDocumentException(zip, "the zip has an entry with a forbidden name, " + Text.quote(name));
        }
        return normalised(name, "", zip);
    }

    /**
     * The file that a reference points to.
     *
     * @param file as the reference names it, before the {@code #}
     * @param base the file that contains the reference
     * @param where the reference is, for the error
     */
    static String resolved(String file, String base, String where) {
        if (isAddress(base) || isAddress(file)) {
            try {
                URI address = isAddress(base) ? URI.create(base).resolve(file) : URI.create(file);
                return address.normalize().toString();
            } catch (IllegalArgumentException e) {
                throw new UnusableDocumentException(where, "the reference " + Text.quote(file) + " leads nowhere");
            }
        }
        String decoded;
        try {
            decoded = URLDecoder.decode(file.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new UnusableDocumentException(where, "the reference " + Text.quote(file) + " leads nowhere");
        }
        if (decoded.startsWith("/") || decoded.indexOf('\\') >= 0 || isAddress(decoded)) {
            throw leaves(where, file);
        }
        int slash = base.lastIndexOf('/');
        return normalised(decoded, slash < 0 ? "" : base.substring(0, slash), where);
    }

    private static String normalised(String path, String folder, String where) {
        Deque<String> parts = new ArrayDeque<>();
        for (String part : (folder + "/" + path).split("/", -1)) {
            switch (part) {
                case "", "." -> {
                    // Adds nothing to the path.
                }
                case ".." -> {
                    if (parts.pollLast() == null) {
                        throw leaves(where, path);
                    }
                }
                default -> parts.addLast(part);
            }
        }
        return String.join("/", parts);
    }

    private static UnusableDocumentException leaves(String where, String file) {
        return new UnusableDocumentException(where, "the reference " + Text.quote(file) + " points outside the upload");
    }
}
