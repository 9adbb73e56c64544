package dev.latchkey.account;

import java.net.IDN;
import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The one form of an email by which a person is known. However it is typed and whatever it came through, it is the same
 * person: in capital letters, with an ü of one character or of two, with its domain in people's letters or in those of the
 * DNS ({@code xn--}), into which some browsers turn it.
 */
final class Email {
    private static final String ACE = "xn--";
    private static final int LONGEST_LABEL = 63;

    /** Whatever is longer is no email in any form. */
    private static final int LONGEST = 1_000;

    private Email() {}

    /** In lower case, as all mail systems of today compare it, and with the domain in people's letters. */
    static String normalized(String email) {
        String stripped = email.strip();
        int at = stripped.lastIndexOf('@');
        if (at < 0 || stripped.length() > LONGEST) {
            return stripped.toLowerCase(Locale.ROOT);
        }
        return lower(stripped.substring(0, at), Form.NFC) + "@" + domain(stripped.substring(at + 1));
    }

    /** The same with its domain as the DNS has it, which is how older versions may have kept it. */
    static String asInDns(String normalized) {
        int at = normalized.lastIndexOf('@');
        String domain = normalized.substring(at + 1);
        if (domain.chars().allMatch(c -> c < 0x80)) {
            return normalized;
        }
        try {
            String ascii = normalized.substring(0, at + 1) + IDN.toASCII(domain, IDN.ALLOW_UNASSIGNED);
            // Java takes some letters for others, such as ß for ss, which is another domain by now.
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
