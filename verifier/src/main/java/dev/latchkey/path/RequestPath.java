package dev.latchkey.path;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decodes a request's path, and refuses every spelling that another program on its way could read as a different path.
 * Nothing is normalised: the path that is decided on must be the one that is served, and only a path that every
 * normalisation leaves unchanged is certain to be. RFC 3986 sections 3.3 and 6.2.2 define the plain spelling.
 */
public final class RequestPath {
    /** In bytes as sent; longer ones are refused. */
    public static final int MAX_LENGTH = 8 * 1024;

    private static final int MAX_SEGMENTS = 256;

    private static final char UNIT_SEPARATOR = '\u001F';

    /** The characters of RFC 3986's {@code pchar} that need no encoding, without the semicolon of path parameters. */
    private static final boolean[] PLAIN = new boolean[128];

    static {
        for (char c = 'a'; c <= 'z'; c++) {
            PLAIN[c] = true;
            PLAIN[c - 'a' + 'A'] = true;
        }
        for (char c = '0'; c <= '9'; c++) {
            PLAIN[c] = true;
        }
        for (char c : "-._~!$&'()*+,=:@".toCharArray()) {
            PLAIN[c] = true;
        }
    }

    private RequestPath() {}

    /** The path of a request target in origin form (RFC 9112 section 3.2.1): the part before the query. */
    public static String ofTarget(String target) {
        int question = target.indexOf('?');
        return question < 0 ? target : target.substring(0, question);
    }

    /**
     * The decoded path.
     *
     * @param raw the path as sent, without the query
     * @throws DoubtfulPathException when the path has two readings
     */
    public static String decode(String raw) {
        return decode(raw, Set.of());
    }

    /**
     * The decoded path, for an API that allows more characters.
     *
     * @param raw the path as sent, without the query
     * @throws DoubtfulPathException when the path has two readings
     */
    public static String decode(String raw, Set<PathCharacter> more) {
        int length = raw.length();
        if (length == 0 || raw.charAt(0) != '/') {
            throw new DoubtfulPathException("it does not begin with a slash");
        }
        if (length > MAX_LENGTH) {
            throw new DoubtfulPathException("it is longer than " + MAX_LENGTH + " bytes");
        }
        boolean encoded = false;
        int segments = 0;
        int start = 1;
        for (int i = 1; i <= length; i++) {
            char c = i == length ? '/' : raw.charAt(i);
            if (c == '/') {
                requireOneReading(raw, start, i, i == length);
                if (++segments > MAX_SEGMENTS) {
                    throw new DoubtfulPathException("it has more than " + MAX_SEGMENTS + " segments");
                }
                start = i + 1;
            } else if (c == '%') {
                encoded = true;
            } else if ((c >= 128 || !PLAIN[c]) && !mayStand(c, more)) {
                throw new DoubtfulPathException(
                        c == ';'
                                ? "it has path parameters (;)"
                                : c == '\\' ? "it has a backslash" : "it has a character that must be percent-encoded");
            }
        }
        return encoded ? percentDecoded(raw, more) : raw;
    }

    private static boolean mayStand(char c, Set<PathCharacter> more) {
        @Nullable PathCharacter character = PathCharacter.sentAs(c);
        return character != null && more.contains(character);
    }

    private static void requireOneReading(String raw, int start, int end, boolean last) {
        if (start == end) {
            if (!last) {
                throw new DoubtfulPathException("it has an empty segment (//)");
            }
            return;
        }
        // Dot segments, and names that some file systems and servers read without their last dot. There are no
        // encoded dots here, but there may be an encoded space.
        if (raw.charAt(end - 1) == '.') {
            throw new DoubtfulPathException("a segment is or ends with a dot");
        }
        if (raw.startsWith("%20", end - 3) && end - 3 >= start) {
            throw new DoubtfulPathException("a segment ends with a space");
        }
    }

    private static String percentDecoded(String raw, Set<PathCharacter> more) {
        byte[] bytes = new byte[raw.length()];
        int length = 0;
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c != '%') {
                bytes[length++] = (byte) c;
                continue;
            }
            int high = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 1), 16) : -1;
            int low = high < 0 ? -1 : Character.digit(raw.charAt(i + 2), 16);
            if (low < 0) {
                throw new DoubtfulPathException("it has a broken percent sequence");
            }
            bytes[length++] = (byte) requireNeeded(high * 16 + low);
            i += 2;
        }
        try {
            String decoded = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString();
            boolean nested = more.contains(PathCharacter.UNIT_SEPARATOR);
            for (int i = 0; i < decoded.length(); i++) {
                char c = decoded.charAt(i);
                if (c == UNIT_SEPARATOR && nested) {
                    requireBetweenLevels(decoded, i);
                } else if (Character.isISOControl(c)) {
                    throw new DoubtfulPathException("it has an encoded control character");
                }
            }
            return decoded;
        } catch (CharacterCodingException e) {
            throw new DoubtfulPathException("it is not UTF-8");
        }
    }

    /**
     * Each level of a nested name must obey the rules of a segment. Many programs trim this character as they trim a
     * space, so at either end of a segment it would be a second spelling of the segment without it.
     */
    private static void requireBetweenLevels(String decoded, int at) {
        char before = decoded.charAt(at - 1);
        char after = at + 1 < decoded.length() ? decoded.charAt(at + 1) : '/';
        if (before == '/' || before == UNIT_SEPARATOR || after == '/' || after == UNIT_SEPARATOR) {
            throw new DoubtfulPathException("an encoded unit separator (%1F) does not separate two levels");
        }
        if (before == '.' || before == ' ') {
            throw new DoubtfulPathException(
                    "a level before an encoded unit separator (%1F) ends with a dot or a space");
        }
    }

    /**
     * An octet may be encoded only if it has another meaning unencoded or is not allowed unencoded; an encoded letter
     * or dot is a second spelling of the same path (RFC 3986 section 6.2.2.2).
     */
    private static int requireNeeded(int octet) {
        switch (octet) {
            case '/':
                throw new DoubtfulPathException("it has an encoded slash");
            case '\\':
                throw new DoubtfulPathException("it has an encoded backslash");
            case ';':
                throw new DoubtfulPathException("it has an encoded semicolon");
            case '?', '#':
                throw new DoubtfulPathException("it has an encoded question mark or number sign");
            case '%':
                throw new DoubtfulPathException("it has an encoded percent sign, which may be decoded twice");
            default:
                if (octet < 128 && (Character.isLetterOrDigit(octet) || "-._~".indexOf(octet) >= 0)) {
                    throw new DoubtfulPathException("it has a needlessly encoded character");
                }
                return octet;
        }
    }
}
