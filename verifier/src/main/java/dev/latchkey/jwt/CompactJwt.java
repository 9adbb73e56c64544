package dev.latchkey.jwt;

import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;

/**
 * Signed JWTs in their one exact spelling (RFC 7515 section 3.1, RFC 4648 sections 3.3 and 3.5). Parsers skip
 * characters that are not base64url, accept padding and the other alphabet, and drop bits beyond the last byte: one JWT
 * would have endless spellings, and each would have to be remembered and revoked separately.
 */
public final class CompactJwt {
    private CompactJwt() {}

    /**
     * Parses a signed JWT; nothing in it is verified yet.
     *
     * @throws ParseException even where Nimbus throws other exceptions, such as for a header that is null
     */
    public static SignedJWT parse(String compact) throws ParseException {
        if (!isExact(compact)) {
            throw new ParseException("Not three parts in exact base64url.", 0);
        }
        try {
            return SignedJWT.parse(compact);
        } catch (RuntimeException e) {
            throw new ParseException("Not a signed JWT.", 0);
        }
    }

    /** Whether the text could be one, and is not an API key: three parts, of which the first is a JSON object in base64url. */
    public static boolean looksLikeOne(String text) {
        int first = text.indexOf('.');
        return text.startsWith("eyJ") && first > 0 && text.indexOf('.', first + 1) > first;
    }

    /** Whether the text has three parts, none empty, each the one exact spelling of its bytes. */
    public static boolean isExact(String compact) {
        int first = compact.indexOf('.');
        int second = compact.indexOf('.', first + 1);
        return first > 0
                && second > first
                && isExact(compact, 0, first)
                && isExact(compact, first + 1, second)
                && isExact(compact, second + 1, compact.length());
    }

    /** Whether the text is the one exact base64url spelling of its bytes. */
    public static boolean isExactBase64(String text) {
        return isExact(text, 0, text.length());
    }

    private static boolean isExact(String text, int start, int end) {
        if (start >= end) {
            return false;
        }
        for (int i = start; i < end; i++) {
            if (value(text.charAt(i)) < 0) {
                return false;
            }
        }
        int last = value(text.charAt(end - 1));
        return switch ((end - start) % 4) {
            case 0 -> true;
            case 2 -> (last & 0b1111) == 0;
            case 3 -> (last & 0b11) == 0;
            default -> false;
        };
    }

    /** The six bits that a character encodes; -1 when it is not base64url. */
    private static int value(char c) {
        if (c >= 'A' && c <= 'Z') {
            return c - 'A';
        }
        if (c >= 'a' && c <= 'z') {
            return c - 'a' + 26;
        }
        if (c >= '0' && c <= '9') {
            return c - '0' + 52;
        }
        return c == '-' ? 62 : c == '_' ? 63 : -1;
    }
}
