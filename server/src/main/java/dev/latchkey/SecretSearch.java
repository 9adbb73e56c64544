package dev.latchkey;

import dev.latchkey.crypto.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Finds Latchkey secrets in bytes of any kind, in the spellings in which they end up in files: as they are, also attached to
 * other text, in UTF-16, with an escaped underscore, or in base64. The checksum confirms them. Memory is bounded, however
 * long a file and its lines are.
 */
final class SecretSearch {
    private static final int WINDOW = 256 * 1024;

    /** More than the longest spelling takes. Windows overlap by it, so that no secret is cut in two. */
    private static final int OVERLAP = 1024;

    private static final String ESCAPED_UNDERSCORE =
            "(_|\\\\{1,4}_|%(?:25){0,2}5[Ff]|&#0*95;|&#[xX]0*5[fF];|&lowbar;" + "|\\\\{1,4}(?:u00|x)5[fF])";

    private static final List<Wanted> WANTED =
            Arrays.stream(Secret.Form.values()).map(Wanted::of).toList();

    /**
     * One form of secrets, and how to find one.
     *
     * @param start the prefix without its underscore
     * @param spelled with the underscore as it is or escaped
     * @param inBase64 which depends on how many bytes before it share its group
     */
    private record Wanted(Secret.Form form, String start, Pattern spelled, List<InBase64> inBase64) {
        static Wanted of(Secret.Form form) {
            String prefix = form.prefix();
            String start = prefix.substring(0, prefix.length() - 1);
            return new Wanted(
                    form,
                    start,
                    Pattern.compile(
                            start + ESCAPED_UNDERSCORE + "([0-9A-Za-z]{" + (form.length() - prefix.length()) + "})"),
                    IntStream.range(0, 3)
                            .mapToObj(earlier -> InBase64.of(prefix, earlier))
                            .toList());
        }
    }

    /**
     * What a prefix is in base64.
     *
     * @param from the place of the next whole group
     * @param before the characters of the secret before that
     */
    private record InBase64(String marker, int from, String before) {
        /** @param earlier how many bytes before the prefix are in its group, 0 to 2 */
        static InBase64 of(String prefix, int earlier) {
            String encoded = Base64.getEncoder()
                    .encodeToString((" ".repeat(earlier) + prefix).getBytes(StandardCharsets.ISO_8859_1));
            // Only the characters whose bits are all the prefix's own.
            int first = (earlier * 8 + 5) / 6;
            int end = (earlier + prefix.length()) * 8 / 6;
            return new InBase64(
                    encoded.substring(first, end),
                    earlier == 0 ? 0 : 4 - first,
                    prefix.substring(0, (3 - earlier) % 3));
        }
    }

    /** Where a secret begins, line and column counted from 1, and how it is spelled. */
    record Find(long line, long column, Spelling spelling) {}

    /** How a secret is written. */
    enum Spelling {
        PLAIN,
        ESCAPED,
        BASE64
    }

    private record Candidate(int at, Spelling spelling) {}

    private final byte[] window = new byte[WINDOW];
    private final byte[] dense = new byte[WINDOW];
    private final int[] places = new int[WINDOW];
    private int length;
    /** The window's place in the file. */
    private long offset;

    private Units units = Units.BYTES;
    private long line;
    private long lineStart;
    private long counted;

    /** Searches a file. May be called for several, one after another. */
    void look(InputStream in, Consumer<Find> found) throws IOException {
        length = 0;
        offset = 0;
        line = 1;
        counted = 0;
        while (true) {
            length += in.readNBytes(window, length, WINDOW - length);
            boolean last = length < WINDOW;
            if (offset == 0) {
                begin();
            }
            int end = last ? length : length - OVERLAP;
            search(end, found);
            count(end);
            if (last) {
                return;
            }
            System.arraycopy(window, end, window, 0, OVERLAP);
            offset += end;
            length = OVERLAP;
        }
    }

    /** Detects the encoding, which matters for lines and columns only. */
    private void begin() {
        units = Units.of(window, length);
        lineStart = units.markLength(window, length);
    }

    /** Reports the secrets that begin before this place in the window. */
    private void search(int end, Consumer<Find> found) {
        // Every byte is taken for a character, so that files of any kind can be searched. Without its zeros, UTF-16
        // reads
        // like any other text, even when it was appended to a file in another encoding.
        int size = 0;
        for (int i = 0; i < length; i++) {
            if (window[i] != 0) {
                dense[size] = window[i];
                places[size++] = i;
            }
        }
        String text = new String(dense, 0, size, StandardCharsets.ISO_8859_1);
        List<Candidate> candidates = new ArrayList<>();
        for (Wanted wanted : WANTED) {
            spelledOut(text, wanted, candidates);
            wanted.inBase64().forEach(form -> inBase64(text, wanted.form(), form, candidates));
        }
        candidates.sort(Comparator.comparingInt(Candidate::at));
        for (Candidate candidate : candidates) {
            int place = places[candidate.at()];
            if (place < end) {
                count(place);
                found.accept(new Find(line, (offset + place - lineStart) / units.width + 1, candidate.spelling()));
            }
        }
    }

    private static void spelledOut(String text, Wanted wanted, List<Candidate> candidates) {
        Matcher spelled = wanted.spelled().matcher(text);
        String start = wanted.start();
        for (int at = text.indexOf(start); at >= 0; at = text.indexOf(start, at + 1)) {
            if (spelled.region(at, text.length()).lookingAt()
                    && isSecret(wanted.form().prefix() + spelled.group(2))) {
                candidates.add(new Candidate(at, spelled.group(1).equals("_") ? Spelling.PLAIN : Spelling.ESCAPED));
            }
        }
    }

    private static void inBase64(String text, Secret.Form form, InBase64 spelling, List<Candidate> candidates) {
        int bytes = form.length() - spelling.before().length();
        String marker = spelling.marker();
        for (int at = text.indexOf(marker); at >= 0; at = text.indexOf(marker, at + 1)) {
            String digits = base64Digits(text, at + spelling.from(), (bytes * 8 + 5) / 6);
            if (!digits.isEmpty()) {
                String decoded = new String(Base64.getDecoder().decode(digits), StandardCharsets.ISO_8859_1);
                if (isSecret((spelling.before() + decoded).substring(0, form.length()))) {
                    candidates.add(new Candidate(at, Spelling.BASE64));
                }
            }
        }
    }

    /** This many digits from here, across ends of lines; empty when there are fewer. */
    private static String base64Digits(String text, int from, int number) {
        StringBuilder digits = new StringBuilder(number);
        for (int i = from; i < text.length() && i < from + OVERLAP / 4 && digits.length() < number; i++) {
            char c = text.charAt(i);
            if (c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '+' || c == '/') {
                digits.append(c);
            } else if (c == '-' || c == '_') {
                digits.append(c == '-' ? '+' : '/');
            } else if (c != '\r' && c != '\n' && c != ' ' && c != '\t') {
                return "";
            }
        }
        return digits.length() == number ? digits.toString() : "";
    }

    private static boolean isSecret(String text) {
        return Secret.parse(text).isPresent();
    }

    /** Counts the lines that end before this place in the window. */
    private void count(int place) {
        for (long at = counted; at < offset + place; at += units.width) {
            int i = (int) (at - offset);
            if (units.isLineEnd(window, i, length)) {
                line++;
                lineStart = at + units.width;
            }
            counted = at + units.width;
        }
    }

    /** What a line consists of. */
    private enum Units {
        BYTES(1),
        LITTLE_ENDIAN(2),
        BIG_ENDIAN(2);

        private static final int SAMPLE = 4096;

        final int width;

        Units(int width) {
            this.width = width;
        }

        /** Detects them by the byte order mark, or by where the zeros are. */
        static Units of(byte[] bytes, int length) {
            if (length >= 2 && bytes[0] == (byte) 0xff && bytes[1] == (byte) 0xfe) {
                return LITTLE_ENDIAN;
            }
            if (length >= 2 && bytes[0] == (byte) 0xfe && bytes[1] == (byte) 0xff) {
                return BIG_ENDIAN;
            }
            int[] zeros = new int[2];
            int looked = Math.min(length, SAMPLE);
            for (int i = 0; i < looked; i++) {
                zeros[i % 2] += bytes[i] == 0 ? 1 : 0;
            }
            boolean one = Math.max(zeros[0], zeros[1]) > looked / 5 && Math.min(zeros[0], zeros[1]) < looked / 50 + 1;
            return !one ? BYTES : zeros[1] > zeros[0] ? LITTLE_ENDIAN : BIG_ENDIAN;
        }

        /** The length of the byte order mark, which editors do not show. */
        int markLength(byte[] bytes, int length) {
            if (this != BYTES) {
                int first = length < 2 ? 0 : (bytes[0] & 0xff) << 8 | bytes[1] & 0xff;
                return first == 0xfeff || first == 0xfffe ? 2 : 0;
            }
            boolean utf8 = length >= 3 && bytes[0] == (byte) 0xef && bytes[1] == (byte) 0xbb && bytes[2] == (byte) 0xbf;
            return utf8 ? 3 : 0;
        }

        boolean isLineEnd(byte[] bytes, int i, int length) {
            return switch (this) {
                case BYTES -> bytes[i] == '\n';
                case LITTLE_ENDIAN -> bytes[i] == '\n' && i + 1 < length && bytes[i + 1] == 0;
                case BIG_ENDIAN -> bytes[i] == 0 && i + 1 < length && bytes[i + 1] == '\n';
            };
        }
    }
}
