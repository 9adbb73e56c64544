package dev.latchkey.database;

import dev.latchkey.database.DatabaseAddress.PostgresqlUrl;
import java.io.File;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/**
 * Copies by PostgreSQL's own {@code pg_dump} and {@code pg_restore}, which must be installed where the command runs.
 * The dump is of a snapshot that another connection holds, so that the facts about it match it exactly.
 */
final class PostgresqlCopy implements DatabaseCopy {
    /** Where Debian's packages install them, when they are not on the path. */
    private static final Path PACKAGES = Path.of("/usr/lib/postgresql");

    /** A note is a single row; the copy is made, and must not wait long for it. */
    private static final Duration NOTE_LIMIT = Duration.ofSeconds(5);

    private static final Pattern URL = Pattern.compile("jdbc:postgresql://([^?]*)(?:\\?(.*))?");

    /** The driver's parameters that matter to a copy, and what PostgreSQL's programs call them. */
    private static final Map<String, String> WORDS = Map.of(
            "user", "user",
            "sslmode", "sslmode",
            "sslrootcert", "sslrootcert",
            "sslcert", "sslcert",
            "sslkey", "sslkey",
            "connectTimeout", "connect_timeout",
            "targetServerType", "target_session_attrs");

    private final PostgresqlUrl address;

    PostgresqlCopy(PostgresqlUrl address) {
        this.address = address;
    }

    @Override
    public String engine() {
        return "postgresql";
    }

    @Override
    public String fileName() {
        return "latchkey.dump";
    }

    @Override
    public <T> T make(Path file, Function<Handle, T> facts) {
        return connected(handle -> handle.inTransaction(reading -> {
            reading.execute("set transaction isolation level repeatable read, read only");
            String snapshot = reading.createQuery("select pg_export_snapshot()")
                    .mapTo(String.class)
                    .one();
            T known = facts.apply(reading);
            DatabaseFile.makeForOwnerOnly(file);
            run(List.of(
                    tool("pg_dump"),
                    "--format=custom",
                    "--no-owner",
                    "--no-acl",
                    "--no-comments",
                    "--snapshot=" + snapshot,
                    "--file=" + file,
                    "--dbname=" + connection()));
            return known;
        }));
    }

    @Override
    public <T> T look(Function<Handle, T> work) {
        return connected(handle -> handle.inTransaction(reading -> {
            reading.execute("set transaction read only");
            return work.apply(reading);
        }));
    }

    @Override
    public void note(Consumer<Handle> work) {
        connected(handle -> handle.inTransaction(writing -> {
            writing.execute("set local statement_timeout = " + NOTE_LIMIT.toMillis());
            work.accept(writing);
            return writing;
        }));
    }

    @Override
    public boolean isEmpty() {
        return connected(handle -> handle.createQuery(
                                "select count(*) from information_schema.tables where table_schema = current_schema()")
                        .mapTo(Long.class)
                        .one()
                == 0);
    }

    @Override
    public void putBack(CopySource source, Consumer<DatabaseAddress> complete) {
        Path draft;
        try {
            draft = Files.createTempFile("latchkey", ".dump");
        } catch (IOException e) {
            throw new UnusableDatabaseException(
                    "The temporary folder cannot be written (" + Reason.ofFile(e)
                            + "). Choose another one: JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=FOLDER.",
                    e);
        }
        try {
            source.writeTo(draft);
            run(List.of(
                    tool("pg_restore"),
                    "--no-owner",
                    "--no-acl",
                    "--no-comments",
                    "--single-transaction",
                    "--exit-on-error",
                    "--dbname=" + connection(),
                    "--use-list=" + list(draft),
                    draft.toString()));
            complete.accept(address);
        } catch (IOException e) {
            throw new UnusableDatabaseException("The backup cannot be unpacked (" + Reason.ofFile(e) + ").", e);
        } finally {
            deleteQuietly(draft);
            deleteQuietly(Path.of(draft + ".list"));
        }
    }

    /** Lists the dump's contents, except the schema that every database has already. */
    private Path list(Path draft) throws IOException {
        Path list = Path.of(draft + ".list");
        run(List.of(tool("pg_restore"), "--list", "--file=" + list, draft.toString()));
        List<String> wanted = Files.readAllLines(list).stream()
                .filter(line -> !line.matches("[0-9]+; [0-9]+ [0-9]+ SCHEMA - public .*"))
                .toList();
        Files.write(list, wanted);
        return list;
    }

    private <T> T connected(Function<Handle, T> work) {
        try {
            return Jdbi.create(() -> new PostgresqlConnections().alone(address)).withHandle(work::apply);
        } catch (JdbiException e) {
            throw new UnusableDatabaseException(
                    "The database " + address.shown() + " cannot be read: " + Reason.of(e) + ".", e);
        }
    }

    private void run(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        // Not on the command line, where everyone on the machine could read it.
        password().ifPresent(password -> builder.environment().put("PGPASSWORD", password));
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new UnusableDatabaseException(
                        Path.of(command.getFirst()).getFileName() + " failed: "
                                + said.lines().findFirst().orElse("it gave no reason") + ".",
                        null);
            }
        } catch (IOException e) {
            throw new UnusableDatabaseException(command.getFirst() + " cannot be run: " + e.getMessage() + ".", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnusableDatabaseException("The command was interrupted.", e);
        }
    }

    /** The address as PostgreSQL's own programs (libpq) read it, without the password. */
    String connection() {
        Matcher url = URL.matcher(address.url());
        if (!url.matches()) {
            throw new UnusableDatabaseException("The database URL is invalid.", null);
        }
        List<String> query = new ArrayList<>();
        if (address.user() != null) {
            query.add("user=" + encoded(address.user()));
        }
        parameters().forEach((name, value) -> {
            String known = WORDS.get(name);
            if (known != null) {
                query.add(known + "=" + encoded(name.equals("targetServerType") ? servers(value) : value));
            }
        });
        return "postgresql://" + url.group(1) + (query.isEmpty() ? "" : "?" + String.join("&", query));
    }

    private Optional<String> password() {
        return Optional.ofNullable(address.password() == null ? parameters().get("password") : address.password());
    }

    private Map<String, String> parameters() {
        Matcher url = URL.matcher(address.url());
        Map<String, String> parameters = new LinkedHashMap<>();
        if (url.matches() && url.group(2) != null) {
            for (String pair : url.group(2).split("&")) {
                int equals = pair.indexOf('=');
                if (equals > 0) {
                    parameters.put(
                            pair.substring(0, equals),
                            URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
                }
            }
        }
        return parameters;
    }

    private static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String servers(String targetServerType) {
        return targetServerType.equals("primary") || targetServerType.equals("master") ? "read-write" : "any";
    }

    private static String tool(String name) {
        // As a child process would find it.
        String path = new ProcessBuilder().environment().getOrDefault("PATH", "");
        return Stream.concat(
                        Stream.of(path.split(File.pathSeparator))
                                .filter(folder -> !folder.isEmpty())
                                .map(Path::of),
                        folders(PACKAGES))
                .map(folder -> folder.resolve(name))
                .filter(Files::isExecutable)
                .findFirst()
                .map(Path::toString)
                .orElseThrow(() -> new UnusableDatabaseException(
                        "This needs PostgreSQL's own " + name + ", which is not on this machine. Install the"
                                + " package postgresql-client (the server's version or a newer one), or run the"
                                + " command where it is installed.",
                        null));
    }

    private static Stream<Path> folders(Path root) {
        try (Stream<Path> versions = Files.list(root)) {
            return versions.sorted(Comparator.reverseOrder()).map(version -> version.resolve("bin")).toList().stream();
        } catch (IOException e) {
            return Stream.empty();
        }
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // It is in the temporary folder.
        }
    }
}
