package dev.latchkey.account;

import java.net.IDN;
import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The canonical form of an email address, by which a person is known. It is the same person however the address is typed:
 * in capital letters, with an ü of one code point or two, with its domain in Unicode or in the ASCII of the DNS ({@code
 * xn--}), into which some browsers convert it.
 */
final class Email {
    private static final String ACE = "xn--";
    private static final int LONGEST_LABEL = 63;

    /** A longer text is not an email address in any form. */
    private static final int LONGEST = 1_000;

    private Email() {}

    /** The address in lower case, as today's mail systems compare it, with its domain in Unicode. */
    static String normalized(String email) {
        String stripped = email.strip();
        int at = stripped.lastIndexOf('@');
        if (at < 0 || stripped.length() > LONGEST) {
            return stripped.toLowerCase(Locale.ROOT);
        }
        return lower(stripped.substring(0, at), Form.NFC) + "@" + domain(stripped.substring(at + 1));
    }

    /** The same address with its domain in ASCII, which is how older versions may have stored it. */
    static String asInDns(String normalized) {
        int at = normalized.lastIndexOf('@');
        String domain = normalized.substring(at + 1);
        if (domain.chars().allMatch(c -> c < 0x80)) {
            return normalized;
        }
        try {
            String ascii = normalized.substring(0, at + 1) + IDN.toASCII(domain, IDN.ALLOW_UNASSIGNED);
            // Java maps some letters to others, such as ß to ss, which is a different domain today.
            return normalized(ascii).equals(normalized) ? ascii : normalized;
        } catch (IllegalArgumentException e) {
            return normalized;
        }
    }

    private static String domain(String typed) {
        String domain = lower(typed, Form.NFKC).replace('\u3002', '.');
        return Arrays.stream(domain.split("\\.", -1))
                .map(label -> label.startsWith(ACE) && label.length() <= LONGEST_LABEL
                        ? IDN.toUnicode(label, IDN.ALLOW_UNASSIGNED)
                        : label)
                .collect(Collectors.joining("."));
    }

    private static String lower(String typed, Form form) {
        return Normalizer.normalize(Normalizer.normalize(typed, form).toLowerCase(Locale.ROOT), form);
    }
}
