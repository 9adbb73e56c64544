package dev.latchkey;

import dev.latchkey.database.DatabaseAddress.PostgresqlUrl;
import dev.latchkey.database.UnusableDatabaseException;
import dev.latchkey.http.AddressRange;
import dev.latchkey.http.BasePath;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A kind of value that settings take.
 *
 * @param label the placeholder of the value in the help
 * @param isSecret whether it must not be a flag
 * @param isVerbatim whether white space around it is part of it
 * @param isHarmless whether anyone may see it, because it cannot contain a secret, a name or an address
 */
record ValueKind<T>(String label, boolean isSecret, boolean isVerbatim, boolean isHarmless, Reading<T> reading) {
    /** Reads a value from its text. */
    @FunctionalInterface
    interface Reading<T> {
        /**
         * @param problem receives what is wrong: the rest of a sentence that begins with the setting's name
         * @return empty when the text is empty or invalid
         */
        Optional<T> read(String text, Consumer<String> problem);
    }

    private static final Pattern FIELD_NAME_PATTERN = Pattern.compile("[A-Za-z0-9-]{1,100}");

    private static final Pattern MAILBOX_PATTERN = Pattern.compile("mailto:[^@\\s]+@[^@\\s]+");

    static final ValueKind<String> TEXT = text("VALUE");
    static final ValueKind<String> EMAIL = text("EMAIL");

    /** A key in base64. */
    static final ValueKind<String> KEY = new ValueKind<>("VALUE", true, false, false, ValueKind::ifAny);

    static final ValueKind<String> PASSWORD = new ValueKind<>("VALUE", true, true, false, ValueKind::ifAny);
    static final ValueKind<Path> FOLDER = path("FOLDER", "Set it to a folder.");
    static final ValueKind<Path> FILE = path("FILE", "Set it to a file.");
    static final ValueKind<Integer> PORT = number("PORT", 0, 65_535);

    /** A public base URL, without a slash at its end. */
    static final ValueKind<String> BASE_URL = of("URL", ValueKind::baseUrl);

    /** The address of a file. */
    static final ValueKind<URI> ADDRESS = of("URL", ValueKind::address);

    /** How to reach people: an email address or a page. */
    static final ValueKind<URI> CONTACT = of("URL", ValueKind::contact);

    static final ValueKind<String> POSTGRESQL = of("URL", ValueKind::postgresql);
    static final ValueKind<Set<String>> HOSTS = of("VALUE", ValueKind::hosts);
    static final ValueKind<List<AddressRange>> NETWORKS = of("VALUE", ValueKind::networks);
    static final ValueKind<String> FIELD_NAME = of("VALUE", ValueKind::fieldName);

    static final ValueKind<Double> PERCENT = of("NUMBER", ValueKind::percent);

    static ValueKind<Integer> number(int least, int most) {
        return number("NUMBER", least, most);
    }

    static ValueKind<Duration> seconds(int least, int most) {
        ValueKind<Integer> number = number(least, most);
        return harmless(
                "NUMBER",
                (text, problem) -> number.reading().read(text, problem).map(Duration::ofSeconds));
    }

    static ValueKind<String> choice(String... choices) {
        return harmless("VALUE", (text, problem) -> {
            Optional<String> value = ifAny(text.toLowerCase(Locale.ROOT), problem);
            if (value.isPresent() && !List.of(choices).contains(value.get())) {
                problem.accept(wrong(value.get(), "Set it to one of: " + String.join(", ", choices) + "."));
                return Optional.empty();
            }
            return value;
        });
    }

    /**
     * @param problem receives what is wrong: the rest of a sentence that begins with the setting's name
     * @return empty when the text is empty or invalid
     */
    Optional<T> read(String text, Consumer<String> problem) {
        return reading.read(isVerbatim ? text : text.strip(), problem);
    }

    private static <T> ValueKind<T> of(String label, Reading<T> reading) {
        return new ValueKind<>(label, false, false, false, reading);
    }

    /** Numbers, and one of a few words. */
    private static <T> ValueKind<T> harmless(String label, Reading<T> reading) {
        return new ValueKind<>(label, false, false, true, reading);
    }

    private static ValueKind<String> text(String label) {
        return of(label, ValueKind::ifAny);
    }

    private static ValueKind<Path> path(String label, String advice) {
        return of(label, (text, problem) -> {
            try {
                return ifAny(text, problem).map(Path::of);
            } catch (InvalidPathException e) {
                problem.accept(wrong(text, advice));
                return Optional.empty();
            }
        });
    }

    private static ValueKind<Integer> number(String label, int least, int most) {
        return harmless(label, (text, problem) -> {
            try {
                Optional<Integer> number = ifAny(text, problem).map(Integer::valueOf);
                if (number.isEmpty() || (number.get() >= least && number.get() <= most)) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // Answered like a number that is out of range.
            }
            problem.accept(wrong(text, "Set it to a number from " + least + " to " + most + "."));
            return Optional.empty();
        });
    }

    private static Optional<String> ifAny(String text, Consumer<String> problem) {
        return Optional.of(text).filter(one -> !one.isEmpty());
    }

    private static Optional<String> baseUrl(String text, Consumer<String> problem) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            String url = text.replaceFirst("/$", "");
            URI uri = URI.create(url);
            boolean web = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
            if (web
                    && uri.getHost() != null
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null
                    && uri.getRawUserInfo() == null) {
                BasePath.of(url);
                return Optional.of(url);
            }
        } catch (IllegalArgumentException e) {
            // Answered like a URL of another form.
        }
        problem.accept(wrong(
                text, "Set it to the public base URL, such as https://auth.example.com or https://example.com/auth."));
        return Optional.empty();
    }

    private static Optional<Double> percent(String text, Consumer<String> problem) {
        try {
            Optional<Double> percent = ifAny(text, problem).map(Double::valueOf);
            // NaN is not in the range either.
            if (percent.isEmpty() || (percent.get() >= 0 && percent.get() <= 100)) {
                return percent;
            }
        } catch (NumberFormatException e) {
            // Answered like a number that is out of range.
        }
        problem.accept(wrong(text, "Set it to a number from 0 to 100, such as 0.5."));
        return Optional.empty();
    }

    private static Optional<URI> address(String text, Consumer<String> problem) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            URI uri = URI.create(text);
            boolean web = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
            if (web && uri.getHost() != null && uri.getRawFragment() == null && uri.getRawUserInfo() == null) {
                return Optional.of(uri);
            }
        } catch (IllegalArgumentException e) {
            // Answered like an address of another form.
        }
        problem.accept(wrong(text, "Set it to an address that begins with https://."));
        return Optional.empty();
    }

    private static Optional<URI> contact(String text, Consumer<String> problem) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            URI uri = URI.create(text);
            if (MAILBOX_PATTERN.matcher(text).matches() || ("https".equals(uri.getScheme()) && uri.getHost() != null)) {
                return Optional.of(uri);
            }
        } catch (IllegalArgumentException e) {
            // Answered like an address of another form.
        }
        problem.accept(
                wrong(text, "Set it to mailto: and an email address, or to an address that begins with https://."));
        return Optional.empty();
    }

    private static Optional<String> postgresql(String text, Consumer<String> problem) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            PostgresqlUrl.parse(text, null, null);
        } catch (UnusableDatabaseException e) {
            problem.accept(": " + e.getMessage() + " For SQLite, leave it out and set the data folder.");
        }
        return Optional.of(text);
    }

    private static Optional<Set<String>> hosts(String text, Consumer<String> problem) {
        Set<String> hosts = new TreeSet<>();
        parts(text).forEach(host -> {
            if (host.contains("/")) {
                problem.accept(
                        " contains \"" + host + "\", which is not a host name. Leave out https:// and the path.");
            } else {
                hosts.add(host.toLowerCase(Locale.ROOT));
            }
        });
        return Optional.of(hosts);
    }

    private static Optional<List<AddressRange>> networks(String text, Consumer<String> problem) {
        List<AddressRange> ranges = new ArrayList<>();
        parts(text).forEach(part -> {
            try {
                ranges.add(AddressRange.parse(part));
            } catch (IllegalArgumentException e) {
                problem.accept(" contains \"" + part + "\". Use addresses or networks such as 10.0.0.0/8 or ::1.");
            }
        });
        return Optional.of(List.copyOf(ranges));
    }

    private static Optional<String> fieldName(String text, Consumer<String> problem) {
        if (!text.isEmpty() && !FIELD_NAME_PATTERN.matcher(text).matches()) {
            problem.accept(wrong(text, "Set it to the name of a header field, such as Client-Cert."));
        }
        return ifAny(text, problem);
    }

    /** An empty list means none. */
    private static Stream<String> parts(String text) {
        return Stream.of(text.split("[,\\s]+", -1)).filter(part -> !part.isEmpty());
    }

    private static String wrong(String text, String advice) {
        return " is \"" + text + "\". " + advice;
    }
}
