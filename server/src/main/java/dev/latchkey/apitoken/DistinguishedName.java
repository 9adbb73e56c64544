package dev.latchkey.apitoken;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import javax.naming.InvalidNameException;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.security.auth.x500.X500Principal;

/**
 * The subject of a certificate, in a form that can be compared regardless of its spelling (RFC 4514, RFC 5280 section 7.1): types
 * are numbers, and values are texts without regard to case and repeated spaces. The JDK alone knows too few types, and compares
 * the values of others by their encoding.
 *
 * @param parts from the last to the first, in LDAP's order; each has one value or several of different types
 */
public record DistinguishedName(List<Map<String, String>> parts) {
    private static final Pattern NUMBERS = Pattern.compile("[0-2](\\.(0|[1-9][0-9]{0,18}))+");

    /** Names of attribute types (RFC 4519, RFC 2985, X.520, and the CA/Browser Forum's for EV certificates). */
    private static final Map<String, String> TYPES = types(
            "CN",
            "2.5.4.3",
            "commonName",
            "2.5.4.3",
            "SN",
            "2.5.4.4",
            "surname",
            "2.5.4.4",
            "serialNumber",
            "2.5.4.5",
            "C",
            "2.5.4.6",
            "countryName",
            "2.5.4.6",
            "L",
            "2.5.4.7",
            "localityName",
            "2.5.4.7",
            "ST",
            "2.5.4.8",
            "S",
            "2.5.4.8",
            "stateOrProvinceName",
            "2.5.4.8",
            "STREET",
            "2.5.4.9",
            "streetAddress",
            "2.5.4.9",
            "O",
            "2.5.4.10",
            "organizationName",
            "2.5.4.10",
            "OU",
            "2.5.4.11",
            "organizationalUnitName",
            "2.5.4.11",
            "T",
            "2.5.4.12",
            "title",
            "2.5.4.12",
            "description",
            "2.5.4.13",
            "businessCategory",
            "2.5.4.15",
            "postalCode",
            "2.5.4.17",
            "postOfficeBox",
            "2.5.4.18",
            "telephoneNumber",
            "2.5.4.20",
            "name",
            "2.5.4.41",
            "GN",
            "2.5.4.42",
            "givenName",
            "2.5.4.42",
            "initials",
            "2.5.4.43",
            "generationQualifier",
            "2.5.4.44",
            "x500UniqueIdentifier",
            "2.5.4.45",
            "dnQualifier",
            "2.5.4.46",
            "DNQ",
            "2.5.4.46",
            "pseudonym",
            "2.5.4.65",
            "organizationIdentifier",
            "2.5.4.97",
            "E",
            "1.2.840.113549.1.9.1",
            "emailAddress",
            "1.2.840.113549.1.9.1",
            "unstructuredName",
            "1.2.840.113549.1.9.2",
            "UID",
            "0.9.2342.19200300.100.1.1",
            "userId",
            "0.9.2342.19200300.100.1.1",
            "DC",
            "0.9.2342.19200300.100.1.25",
            "domainComponent",
            "0.9.2342.19200300.100.1.25",
            "jurisdictionLocalityName",
            "1.3.6.1.4.1.311.60.2.1.1",
            "jurisdictionStateOrProvinceName",
            "1.3.6.1.4.1.311.60.2.1.2",
            "jurisdictionCountryName",
            "1.3.6.1.4.1.311.60.2.1.3");

    private static Map<String, String> types(String... namesAndNumbers) {
        Map<String, String> types = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (int i = 0; i < namesAndNumbers.length; i += 2) {
            types.put(namesAndNumbers[i], namesAndNumbers[i + 1]);
        }
        return types;
    }

    /**
     * Parses a name as people write it.
     *
     * @throws IllegalArgumentException with the reason, when it is not a name or contains what cannot be compared
     */
    public static DistinguishedName parse(String text) {
        try {
            List<Map<String, String>> parts = new ArrayList<>();
            for (Rdn rdn : new LdapName(text).getRdns()) {
                Map<String, String> values = new TreeMap<>();
                NamingEnumeration<? extends Attribute> attributes =
                        rdn.toAttributes().getAll();
                while (attributes.hasMore()) {
                    Attribute attribute = attributes.next();
                    if (attribute.size() != 1) {
                        throw new IllegalArgumentException(
                                attribute.getID() + " occurs twice in one part of the name.");
                    }
                    values.put(type(attribute.getID()), value(attribute.get()));
                }
                parts.add(values);
            }
            if (parts.isEmpty()) {
                throw new IllegalArgumentException("Enter a subject such as CN=billing,O=Example (RFC 4514).");
            }
            return new DistinguishedName(List.copyOf(parts));
        } catch (InvalidNameException e) {
            throw new IllegalArgumentException("Enter a subject such as CN=billing,O=Example (RFC 4514).", e);
        } catch (NamingException e) {
            throw new IllegalArgumentException("This is not a valid subject (RFC 4514).", e);
        }
    }

    /**
     * The name in a certificate.
     *
     * @throws IllegalArgumentException when it contains what cannot be compared
     */
    public static DistinguishedName of(X500Principal subject) {
        // Without keywords for types, so that all values come in their encoding, which loses nothing.
        return parse(subject.getName(X500Principal.RFC2253, Map.of()));
    }

    private static String type(String name) {
        String number = name.regionMatches(true, 0, "OID.", 0, 4) ? name.substring(4) : name;
        if (NUMBERS.matcher(number).matches()) {
            return number;
        }
        String known = TYPES.get(name);
        if (known == null) {
            throw new IllegalArgumentException("The attribute type " + (name.length() <= 40 ? name : "of this subject")
                    + " is unknown. Use its number, such as 2.5.4.97.");
        }
        return known;
    }

    private static String value(Object value) {
        String text = value instanceof byte[] encoded ? decoded(encoded) : String.valueOf(value);
        return text.strip().replaceAll("\\s+", " ").toLowerCase(Locale.ROOT);
    }

    /** A text in one of the encodings of X.520; anything else stays as it is. */
    private static String decoded(byte[] encoded) {
        if (encoded.length < 2) {
            throw new IllegalArgumentException("A value after # must be the DER encoding of a text.");
        }
        int length = encoded[1] & 0xff;
        int start = 2;
        if (length == 0x81 && encoded.length > 2) {
            length = encoded[2] & 0xff;
            start = 3;
        } else if (length == 0x82 && encoded.length > 3) {
            length = ((encoded[2] & 0xff) << 8) | (encoded[3] & 0xff);
            start = 4;
        }
        if (start + length != encoded.length) {
            throw new IllegalArgumentException(
                    "A value after # must be the DER encoding of a text, with the right length.");
        }
        Charset charset = switch (encoded[0]) {
            case 0x0c, 0x13, 0x16 -> StandardCharsets.UTF_8;
            case 0x14 -> StandardCharsets.ISO_8859_1;
            case 0x1e -> StandardCharsets.UTF_16BE;
            default -> null;
        };
        // No text can begin with this.
        return charset == null ? "\0" + HexFormat.of().formatHex(encoded) : new String(encoded, start, length, charset);
    }
}
