package dev.latchkey;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text for people from a file: a comment, a message, a page, a document. It is flattened to one line, so that a phrase that is
 * broken over two lines of the file is found as well, and knows on which line of the file each of its characters was.
 */
final class Prose {
    private static final String LITERAL = "\"[^\"\\\\\\n]*+(?:\\\\.[^\"\\\\\\n]*+)*+\"";

    /** Text blocks, literals (joined ones as one), character literals, and comments (adjacent line comments as one). */
    private static final Pattern JAVA = Pattern.compile(
            "\"\"\".*?\"\"\"|" + LITERAL + "(?:\\s*+\\+\\s*+" + LITERAL + ")*+|'(?:\\\\.|[^'\\\\])++'|/\\*.*?\\*/"
                    + "|//[^\\n]*+(?:\\n\\s*+//[^\\n]*+)*+",
            Pattern.DOTALL);

    private static final Pattern CSS = Pattern.compile("/\\*.*?\\*/", Pattern.DOTALL);

    /** The join between two literals, line breaks with the marks that begin a line of a comment, and white space. */
    private static final Pattern BETWEEN_WORDS = Pattern.compile(
            "\"\\s*+\\+\\s*+\"|\\\\[nrt]|(?:[ \\t]*+\\n[ \\t]*+(?:(?:\\*|//|#|--)(?=\\s))?)++\\s*+|\\s++");

    private final StringBuilder text = new StringBuilder();
    private final List<Integer> lines = new ArrayList<>();

    private Prose(String source, int line) {
        int current = line;
        int end = 0;
        Matcher between = BETWEEN_WORDS.matcher(source);
        while (between.find()) {
            add(source.substring(end, between.start()), current);
            String found = between.group();
            // An empty line ends a paragraph, and with it any phrase.
            long breaks = found.chars().filter(c -> c == '\n').count();
            boolean joined = found.startsWith("\"");
            add(joined ? "" : breaks > 1 ? " ¶ " : " ", current);
            current += (int) breaks;
            end = between.end();
        }
        add(source.substring(end), current);
    }

    private void add(String part, int line) {
        text.append(part);
        for (int i = 0; i < part.length(); i++) {
            lines.add(line);
        }
    }

    /** The whole file: a document, a page, a script. */
    static List<Prose> ofAll(String source) {
        return List.of(new Prose(source, 1));
    }

    /** The comments, literals and text blocks of a Java file. */
    static List<Prose> ofJava(String source) {
        return parts(source, JAVA);
    }

    /** The comments of a style sheet. */
    static List<Prose> ofCss(String source) {
        return parts(source, CSS);
    }

    private static List<Prose> parts(String source, Pattern pattern) {
        List<Prose> parts = new ArrayList<>();
        Matcher part = pattern.matcher(source);
        int line = 1;
        int counted = 0;
        while (part.find()) {
            for (; counted < part.start(); counted++) {
                if (source.charAt(counted) == '\n') {
                    line++;
                }
            }
            parts.add(new Prose(part.group(), line));
        }
        return parts;
    }

    /** Reports each place where the phrase is: its line, and the words around it. */
    void find(Pattern phrase, Consumer<String> found) {
        Matcher place = phrase.matcher(text);
        while (place.find()) {
            String around = text.substring(Math.max(0, place.start() - 40), Math.min(text.length(), place.end() + 40));
            found.accept(lines.get(place.start()) + ": ..." + around.strip() + "...");
        }
    }
}
