package dev.latchkey.database;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which database to open. */
public sealed interface DatabaseAddress {

    /** The dialect that this address speaks. */
    Dialect dialect();

    /** The address as it may appear in a log or an error: without credentials. */
    String shown();

    /** One SQLite file, made on first use. */
    record SqliteFile(Path file) implements DatabaseAddress {
        @Override
        public Dialect dialect() {
            return new Sqlite();
        }

        @Override
        public String shown() {
            return file.toString();
        }
    }

    /**
     * A PostgreSQL database.
     *
     * @param url {@code jdbc:postgresql://host:port/database}, credentials inside its query or beside it
     */
    record PostgresqlUrl(
            String url, @Nullable String user, @Nullable String password) implements DatabaseAddress {
        private static final Pattern ADDRESS =
                Pattern.compile("(?:jdbc:)?postgres(?:ql)?://(?:([^@/?:]*)(?::([^@/?]*))?@)?([^@/?]*/[^@/?]*)(\\?.*)?");

        /**
         * Reads an address as people write it: {@code jdbc:postgresql://} or {@code postgresql://}, with the credentials
         * in front of the host, in the query, or absent.
         *
         * @param user who to connect as when the address does not say; may be null
         * @param password with what, when the address does not say; may be null
         * @throws UnusableDatabaseException when it is none; the message does not repeat it
         */
        public static PostgresqlUrl parse(String text, @Nullable String user, @Nullable String password) {
            Matcher address = ADDRESS.matcher(text.strip());
            if (!address.matches()) {
                throw unreadable();
            }
            String query = address.group(4) == null ? "" : address.group(4);
            return new PostgresqlUrl(
                    "jdbc:postgresql://" + address.group(3) + query,
                    address.group(1) == null ? user : decoded(address.group(1)),
                    address.group(2) == null ? password : decoded(address.group(2)));
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
                    "The database URL cannot be read. Write it as jdbc:postgresql://user:password@host:5432/database; in a"
                            + " password, write special characters percent-encoded (@ as %40).",
                    null);
        }

        @Override
        public Dialect dialect() {
            return new Postgresql();
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
