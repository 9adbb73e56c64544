package dev.latchkey.database;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which database to open. */
public sealed interface DatabaseAddress {

    /** The address as it may appear in a log or an error: without credentials. */
    String shown();

    /** One SQLite file, created on first use. */
    record SqliteFile(Path file) implements DatabaseAddress {
        @Override
        public String shown() {
            return file.toString();
        }
    }

    /**
     * A PostgreSQL database.
     *
     * @param url {@code jdbc:postgresql://host:port/database}, with the credentials in its query or apart from it
     */
    record PostgresqlUrl(
            String url, @Nullable String user, @Nullable String password) implements DatabaseAddress {
        private static final Pattern ADDRESS =
                Pattern.compile("(?:jdbc:)?postgres(?:ql)?://(?:([^@/?:]*)(?::([^@/?]*))?@)?([^@/?]*/[^@/?]*)(\\?.*)?");

        /** Hosts with their ports, and the database. */
        private static final Pattern PLACE = Pattern.compile(
                "HOST(?:,HOST)*/[^;=&\\s]*".replace("HOST", "(?:\\[[0-9A-Fa-f:.%]+]|[A-Za-z0-9._-]*)(?::[0-9]{1,5})?"));

        private static final Pattern PASSWORD = Pattern.compile("(?i)(?:ssl)?password\\s*=");

        /**
         * Parses an address as people write it: {@code jdbc:postgresql://} or {@code postgresql://}, with the
         * credentials in front of the host, in the query, or absent.
         *
         * @param user the user when the address names none; may be null
         * @param password the password when the address has none; may be null
         * @throws UnusableDatabaseException when it cannot be parsed; the message does not repeat it
         */
        public static PostgresqlUrl parse(String text, @Nullable String user, @Nullable String password) {
            Matcher address = ADDRESS.matcher(text.strip());
            if (!address.matches()) {
                throw unreadable();
            }
            if (!PLACE.matcher(address.group(3)).matches()) {
                throw unreadable();
            }
            String ofUser = address.group(1) == null ? user : decoded(address.group(1));
            String ofPassword = address.group(2) == null ? password : decoded(address.group(2));
            // The driver logs a URL that it cannot parse, so ours contains no password and can be parsed.
            List<String> kept = new ArrayList<>();
            String query = address.group(4) == null ? "?" : address.group(4);
            for (String parameter : query.substring(1).split("&", -1)) {
                String[] parts = parameter.split("=", 2);
                String value = parts.length == 1 ? "" : readable(parts[1]);
                switch (readable(parts[0])) {
                    case "user" -> ofUser = value;
                    case "password" -> ofPassword = value;
                    default -> kept.add(parameter);
                }
            }
            String rest = String.join("&", kept);
            return new PostgresqlUrl(
                    "jdbc:postgresql://" + address.group(3) + (rest.isEmpty() ? "" : "?" + rest), ofUser, ofPassword);
        }

        /** Whether the text contains a password, even if it is not a valid address. */
        public static boolean holdsPassword(String text) {
            Matcher address = ADDRESS.matcher(text.strip());
            boolean beforeHost = address.matches() ? address.group(2) != null : text.contains("@");
            return beforeHost || PASSWORD.matcher(text).find();
        }

        /** A name or a value of the query, as the driver decodes it. */
        private static String readable(String part) {
            if (part.contains(";")) {
                throw unreadable();
            }
            try {
                return URLDecoder.decode(part, StandardCharsets.UTF_8);
            } catch (IllegalArgumentException e) {
                throw unreadable();
            }
        }

        private static String decoded(String part) {
            try {
                // Percent-decoding only: in front of a host a plus is a plus (RFC 3986).
                return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
            } catch (IllegalArgumentException e) {
                throw unreadable();
            }
        }

        private static UnusableDatabaseException unreadable() {
            return new UnusableDatabaseException(
                    "The database URL is invalid. Write it as jdbc:postgresql://user:password@host:5432/database;"
                            + " percent-encode special characters in a password (@ as %40).",
                    null);
        }

        @Override
        public String shown() {
            Matcher address = ADDRESS.matcher(url);
            return address.matches() ? "jdbc:postgresql://" + address.group(3) : "at the given URL";
        }

        @Override
        public String toString() {
            return shown();
        }
    }
}
