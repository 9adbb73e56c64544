package dev.latchkey.registry;

import static dev.latchkey.problem.Text.quote;

import dev.latchkey.openapi.DescribedOperation;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Names of privileges for operations that a document groups without naming a scope: after the tag, or after the first word
 * of the path. Privileges are plain ASCII and tags are not; two tags that cannot be spelled must not share a privilege.
 */
final class PrivilegeNames {
    private static final int MAX_LENGTH = 100;
    private static final String NAMELESS = "api";

    /** Letters that do not decompose into a letter and a mark, as people spell them in ASCII. */
    private static final Map<String, String> LETTERS = Map.ofEntries(
            Map.entry("ß", "ss"),
            Map.entry("æ", "ae"),
            Map.entry("œ", "oe"),
            Map.entry("ø", "o"),
            Map.entry("ł", "l"),
            Map.entry("đ", "d"),
            Map.entry("ð", "d"),
            Map.entry("þ", "th"),
            Map.entry("ı", "i"));

    private final Map<String, String> names = new HashMap<>();
    private final Set<String> taken = new HashSet<>();
    private final List<String> hints = new ArrayList<>();

    PrivilegeNames(List<DescribedOperation> operations) {
        Map<String, DescribedOperation> unspelled = new LinkedHashMap<>();
        for (DescribedOperation operation : operations) {
            String subject = subject(operation);
            if (!names.containsKey(key(subject)) && !unspelled.containsKey(key(subject))) {
                String name = spelled(subject);
                if (name.isEmpty() && !subject.isEmpty()) {
                    unspelled.put(key(subject), operation);
                } else {
                    take(subject, name.isEmpty() ? NAMELESS : name);
                }
            }
        }
        // Last, so that the names in the document come before these.
        unspelled.values().forEach(this::nameAfterPath);
    }

    /** The name without what the method adds to it, such as {@code invoices}. */
    String of(DescribedOperation operation) {
        return names.getOrDefault(key(subject(operation)), NAMELESS);
    }

    /** What people should know about how the names were chosen. */
    List<String> hints() {
        return hints;
    }

    private void take(String subject, String wanted) {
        String name = unique(wanted);
        if (!name.equals(wanted)) {
            hints.add(quote(subject) + " and another tag are both spelled " + wanted + "; the privileges for "
                    + quote(subject) + " begin with " + name + ".");
        } else if (subject.codePoints().anyMatch(c -> c > 0x7f && Character.isLetterOrDigit(c))) {
            hints.add(quote(subject) + " is spelled " + name + " in the names of privileges, which are plain ASCII.");
        }
        names.put(key(subject), name);
    }

    private void nameAfterPath(DescribedOperation operation) {
        String subject = subject(operation);
        List<String> words = words(operation.path()).stream()
                .map(PrivilegeNames::spelled)
                .filter(word -> !word.isEmpty())
                .toList();
        String first = words.isEmpty() ? NAMELESS : words.getFirst();
        String all = words.isEmpty() ? NAMELESS : cut(String.join("-", words));
        String name = taken.contains(first) ? unique(all) : unique(first);
        names.put(key(subject), name);
        hints.add(quote(subject)
                + " cannot be spelled in the name of a privilege, which is plain ASCII; the privileges for"
                + " it begin with " + name + (words.isEmpty() ? "." : ", after the path " + operation.path() + "."));
    }

    private String unique(String wanted) {
        String name = wanted;
        for (int i = 2; !taken.add(name); i++) {
            name = wanted + "-" + i;
        }
        return name;
    }

    private static String subject(DescribedOperation operation) {
        if (!operation.tags().isEmpty()) {
            return operation.tags().getFirst();
        }
        List<String> words = words(operation.path());
        return words.isEmpty() ? "" : words.getFirst();
    }

    /** The segments that say what a path is about: neither parameters nor versions. */
    private static List<String> words(String path) {
        return Arrays.stream(path.split("/", -1))
                .filter(word -> !word.isEmpty() && word.indexOf('{') < 0 && !word.matches("v\\d+(\\.\\d+)*"))
                .toList();
    }

    /** The same for tags that differ only in letter case, spaces, hyphens and underscores. */
    private static String key(String subject) {
        return subject.toLowerCase(Locale.ROOT).strip().replaceAll("[\\s_-]+", "-");
    }

    /** The text in a-z, 0-9 and hyphens; empty when a letter has no spelling there, since dropping it makes another word. */
    private static String spelled(String text) {
        String folded = Normalizer.normalize(text, Normalizer.Form.NFKD)
                .replaceAll("\\p{M}", "")
                .toLowerCase(Locale.ROOT);
        for (Map.Entry<String, String> letter : LETTERS.entrySet()) {
            folded = folded.replace(letter.getKey(), letter.getValue());
        }
        if (folded.codePoints().anyMatch(c -> c > 0x7f && Character.isLetterOrDigit(c))) {
            return "";
        }
        return cut(folded.replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", ""));
    }

    private static String cut(String name) {
        return name.length() > MAX_LENGTH ? name.substring(0, MAX_LENGTH) : name;
    }
}
