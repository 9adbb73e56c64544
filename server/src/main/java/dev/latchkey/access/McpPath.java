package dev.latchkey.access;

import dev.latchkey.path.PathTemplate;
import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * How the paths of MCP's calls are written and matched: each name is one segment, whatever characters it has. No server reads
 * such a path, so it needs none of the caution that the path of a request needs. While it is matched, a character that no
 * template can have is replaced by one of an area that Unicode keeps for private use.
 */
final class McpPath {
    private static final char STAND_INS = '\ue000';
    private static final char LAST_STAND_IN = '\ue0ff';

    private McpPath() {}

    /** Whether the text has characters that stand for others here. */
    static boolean isReserved(String text) {
        return text.chars().anyMatch(c -> c >= STAND_INS && c <= LAST_STAND_IN);
    }

    /** A name as it is written in a path. */
    static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** A name as it is matched. */
    static String segment(String name) {
        return atEnd(replaced(name));
    }

    /**
     * The template of an endpoint.
     *
     * @throws IllegalArgumentException when it is not a template
     */
    static PathTemplate template(String basePath, String path) {
        if (isReserved(path)) {
            throw new IllegalArgumentException("The path " + path + " has characters that are for private use.");
        }
        String template;
        try {
            template = Arrays.stream(path.split("/", -1))
                    .map(part -> part.isEmpty() ? part : atEnd(decodedTemplate(part)))
                    .collect(Collectors.joining("/"));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("In " + path + " something is not percent-encoded UTF-8.", e);
        }
        try {
            return PathTemplate.parse(basePath + template);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(readable(String.valueOf(e.getMessage())), e);
        }
    }

    /** With percent-encoding again in place of what stands for a character. */
    private static String readable(String message) {
        StringBuilder readable = new StringBuilder(message.length());
        for (char c : message.toCharArray()) {
            if (c >= STAND_INS && c <= LAST_STAND_IN) {
                readable.append(encoded(Character.toString(c - STAND_INS)));
            } else {
                readable.append(c);
            }
        }
        return readable.toString();
    }

    /** Only what is encoded is replaced: the braces of parameters are not. */
    private static String decodedTemplate(String part) {
        StringBuilder decoded = new StringBuilder(part.length());
        int at = 0;
        while (at < part.length()) {
            int end = at;
            while (end < part.length() && part.charAt(end) == '%') {
                end = Math.min(end + 3, part.length());
            }
            String encoded = decoded(part.substring(at, end));
            if (isReserved(encoded)) {
                throw new IllegalArgumentException("it has characters that are for private use");
            }
            int next = part.indexOf('%', end);
            at = next < 0 ? part.length() : next;
            decoded.append(replaced(encoded)).append(part, end, at);
        }
        return decoded.toString();
    }

    private static String replaced(String text) {
        StringBuilder replaced = new StringBuilder(text);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c) || "/?#%;\\{}".indexOf(c) >= 0) {
                replaced.setCharAt(i, (char) (STAND_INS + c));
            }
        }
        return replaced.toString();
    }

    /** No template ends with a dot or a space, but a name may. */
    private static String atEnd(String segment) {
        char last = segment.charAt(segment.length() - 1);
        return last == '.' || last == ' '
                ? segment.substring(0, segment.length() - 1) + (char) (STAND_INS + last)
                : segment;
    }

    /**
     * What is percent-encoded in a text.
     *
     * @throws IllegalArgumentException when it is not UTF-8
     */
    static String decoded(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        int length;
        for (int i = 0; i < text.length(); i += length) {
            int c = text.codePointAt(i);
            if (c == '%') {
                int high = i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
                int low = high < 0 ? -1 : Character.digit(text.charAt(i + 2), 16);
                if (low < 0) {
                    throw new IllegalArgumentException("a percent sign is not followed by two hexadecimal digits");
                }
                bytes.write(high * 16 + low);
                length = 3;
            } else {
                String character = Character.toString(c);
                bytes.writeBytes(character.getBytes(StandardCharsets.UTF_8));
                length = character.length();
            }
        }
        return utf8(bytes.toByteArray());
    }

    /** @throws IllegalArgumentException when it is not UTF-8 */
    static String utf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("it is not UTF-8", e);
        }
    }
}
