package dev.latchkey;

import dev.latchkey.database.Database;
import dev.latchkey.database.DatabaseAddress;
import dev.latchkey.database.TestEngine;
import dev.latchkey.http.StartException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationVersion;
import org.jdbi.v3.core.Jdbi;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole service on a free port with a database of its own, and a client that speaks HTTP to it. */
public final class RunningServer implements AutoCloseable {
    public static final String ADMIN_EMAIL = "ada@example.com";
    public static final String ADMIN_PASSWORD = "correct-horse-battery";

    private static final JsonMapper JSON = new JsonMapper();

    private final Path folder;
    private final Clock clock;
    private final Map<Setting<?>, String> flags = new LinkedHashMap<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private Server server;
    private LiveSettings live;
    private String reached;

    /** Another program can take the free port before the server does. */
    private Server started() {
        for (int attempt = 1; ; attempt++) {
            try {
                live = new LiveSettings(settings());
                return Server.start(live, clock);
            } catch (StartException e) {
                if (attempt == 3) {
                    throw e;
                }
            }
        }
    }

    private RunningServer(TestEngine engine, boolean setUp, Map<String, String> settings, Clock clock) {
        this.clock = clock;
        folder = TestRun.newFolder("server");
        flags.put(Setting.PORT, "0");
        flags.put(Setting.GRPC_PORT, "0");
        flags.put(Setting.DATA, folder.resolve("data").toString());
        settings.forEach((key, value) -> flags.put(Setting.withKey(key).orElseThrow(), value));
        if (engine == TestEngine.POSTGRESQL) {
            DatabaseAddress address = setUp ? engine.newAddressWithTables() : engine.newAddress();
            flags.put(Setting.DATABASE_URL, ((DatabaseAddress.PostgresqlUrl) address).url());
        }
        if (setUp) {
            if (!flags.containsKey(Setting.DATABASE_URL)) {
                TestEngine.writeSqliteWithTables(
                        Path.of(flags.get(Setting.DATA)).resolve("latchkey.db"));
            }
            flags.put(Setting.ADMIN_EMAIL, ADMIN_EMAIL);
            flags.put(Setting.ADMIN_PASSWORD, ADMIN_PASSWORD);
            flags.put(Setting.ACCOUNT_NAME, "Example");
            flags.put(Setting.BOOTSTRAP_TOKEN_FILE, bootstrapFile().toString());
        }
        server = started();
    }

    /** On what an older version left. */
    private RunningServer(TestEngine engine, String version, String masterKey, String... rows) {
        clock = Clock.systemUTC();
        try {
            folder = TestRun.newFolder("server");
            Files.createDirectory(folder.resolve("data"));
            Files.writeString(folder.resolve("data/master.key"), masterKey);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        flags.put(Setting.PORT, "0");
        flags.put(Setting.DATA, folder.resolve("data").toString());
        String url = engine == TestEngine.POSTGRESQL
                ? ((DatabaseAddress.PostgresqlUrl) engine.newAddress()).url()
                : "jdbc:sqlite:" + folder.resolve("data/latchkey.db");
        if (engine == TestEngine.POSTGRESQL) {
            flags.put(Setting.DATABASE_URL, url);
        }
        Flyway.configure()
                .dataSource(url, null, null)
                .locations("classpath:db/migration")
                .table("schema_history")
                .target(MigrationVersion.fromVersion(version))
                .load()
                .migrate();
        Jdbi.create(url).useTransaction(handle -> {
            for (String row : rows) {
                handle.execute(row);
            }
        });
        server = started();
    }

    private RunningServer(RunningServer first, List<String> more) {
        folder = first.folder;
        clock = first.clock;
        flags.putAll(first.flags);
        for (int i = 0; i < more.size(); i += 2) {
            flags.put(Setting.withKey(more.get(i).substring(2)).orElseThrow(), more.get(i + 1));
        }
        // The first node's own, if it named one.
        flags.remove(Setting.MASTER_KEY_FILE);
        server = started();
    }

    /** The same settings except for these, each a flag and its value; this one is closed. */
    public RunningServer on(List<String> flags) {
        return new RunningServer(this, flags);
    }

    private RunningServer(RunningServer first, Clock clock) {
        folder = first.folder;
        this.clock = clock;
        flags.putAll(first.flags);
        flags.put(Setting.DATA, folder.resolve("data-" + System.nanoTime()).toString());
        flags.put(Setting.MASTER_KEY_FILE, folder.resolve("data/master.key").toString());
        flags.put(Setting.ISSUER, first.server.issuer());
        server = started();
    }

    /** With an account, its administrator and an accountadmin token. */
    public static RunningServer start(TestEngine engine) {
        return new RunningServer(engine, true, Map.of(), Clock.systemUTC());
    }

    /** The same with some settings, by their names in the settings file. */
    public static RunningServer start(TestEngine engine, Map<String, String> settings) {
        return new RunningServer(engine, true, settings, Clock.systemUTC());
    }

    /** The same, with a time of its own. */
    public static RunningServer start(TestEngine engine, Clock clock) {
        return new RunningServer(engine, true, Map.of(), clock);
    }

    /** The same, with settings and a time of its own. */
    public static RunningServer start(TestEngine engine, Map<String, String> settings, Clock clock) {
        return new RunningServer(engine, true, settings, clock);
    }

    /** Another node over the same PostgreSQL database. */
    public RunningServer secondNode() {
        return secondNode(clock);
    }

    /** The same with another time. */
    public RunningServer secondNode(Clock otherClock) {
        return new RunningServer(this, otherClock);
    }

    /**
     * On a database as an older version left it.
     *
     * @param version the last migration that it knew
     * @param rows the statements that fill it
     */
    public static RunningServer startOn(TestEngine engine, String version, String masterKey, String... rows) {
        return new RunningServer(engine, version, masterKey, rows);
    }

    /** As on the very first start. */
    public static RunningServer startEmpty(TestEngine engine) {
        return new RunningServer(engine, false, Map.of(), Clock.systemUTC());
    }

    private Settings settings() {
        return Settings.read(flags, Map.of(), Optional.empty());
    }

    /** Stops in order and starts again on the same port and data. */
    public void restart() {
        restartAfter(() -> {});
    }

    /** The same with something done between. */
    public void restartAfter(Runnable work) {
        flags.put(Setting.PORT, Integer.toString(server.port()));
        server.close();
        work.run();
        server = started();
    }

    /** The port for Envoy's questions over gRPC. */
    public int grpcPort() {
        return server.grpcPort().orElseThrow();
    }

    /** The port for metrics. */
    public int metricsPort() {
        return server.metricsPort().orElseThrow();
    }

    /** From now on at this base URL, such as a proxy's. */
    public RunningServer reachedAt(String url) {
        reached = url;
        return this;
    }

    /** Changes a setting while the service runs, as reading the settings again does. */
    public void reload(String key, String value) {
        flags.put(Setting.withKey(key).orElseThrow(), value);
        live.replace(settings());
    }

    /** What it is made of, for tests in its own process. */
    Parts parts() {
        return server.parts();
    }

    public int port() {
        return server.port();
    }

    public String url() {
        if (reached != null) {
            return reached;
        }
        // Not the issuer, which several nodes share.
        return URI.create(server.issuer()).getScheme() + "://localhost:" + server.port();
    }

    /** Does now what is done every minute anyway. */
    public void keepHouse() {
        server.keepHouse();
    }

    public String setupUrl() {
        return server.setupUrl().orElseThrow();
    }

    public Path folder() {
        return folder;
    }

    /** The settings that a command needs for the same data. */
    public List<String> commandFlags() {
        List<String> arguments = new ArrayList<>();
        flags.forEach((setting, value) -> {
            if (setting == Setting.DATA || setting == Setting.DATABASE_URL) {
                arguments.add(setting.flag());
                arguments.add(value);
            }
        });
        return arguments;
    }

    /** A process of its own with the arguments, without any settings of this one. */
    public static ProcessBuilder command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                // For the native code that a process which is killed leaves.
                "-Djava.io.tmpdir=" + TestRun.newFolder("process"),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.latchkey.Latchkey"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("LATCHKEY_"));
        return builder;
    }

    /** How a command ended, and what it said. */
    public record Ended(int status, String said) {}

    /**
     * Runs a command that ends on its own, in a separate process: one that should be refused, and is not, must not keep running.
     */
    public static Ended run(String... arguments) throws IOException, InterruptedException {
        Path said = TestRun.newFolder("command").resolve("said");
        Process process = command(arguments).redirectOutput(said.toFile()).start();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new AssertionError("it goes on: " + Files.readString(said));
            }
            return new Ended(process.exitValue(), Files.readString(said).strip());
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    /** Changes the database behind the service's back. */
    public void change(String statement) {
        try (Database database = Database.open(new Storage(settings()).existing())) {
            database.change(transaction -> transaction.update(statement).execute());
        }
    }

    /** Where the PostgreSQL database is. */
    public String databaseUrl() {
        return flags.get(Setting.DATABASE_URL);
    }

    private Path bootstrapFile() {
        return folder.resolve("bootstrap.env");
    }

    /** The two halves of an API token. */
    public record Credentials(String clientId, String clientSecret) {
        /** What comes after {@code Basic} in the Authorization field. */
        public String basic() {
            return Base64.getEncoder().encodeToString((clientId + ":" + clientSecret).getBytes(StandardCharsets.UTF_8));
        }
    }

    /** The accountadmin token that the first start left. */
    public Credentials bootstrap() {
        try {
            String[] lines = Files.readString(bootstrapFile()).split("\n");
            return new Credentials(
                    lines[0].substring("CLIENT_ID=".length()), lines[1].substring("CLIENT_SECRET=".length()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the server answered. */
    public record Answer(int status, HttpResponse<String> response) {
        public String body() {
            return response.body();
        }

        public JsonNode json() {
            return JSON.readTree(response.body());
        }

        /** Itself, when something was created. */
        public Answer created() {
            if (status != 201) {
                throw new AssertionError(status + " " + body());
            }
            return this;
        }

        public String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }
    }

    public Answer send(HttpRequest request) {
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url() + path));
    }

    public Answer get(String path) {
        return send(request(path).build());
    }

    /** Sends a form. */
    public Answer postForm(String path, String form, String... headers) {
        HttpRequest.Builder request = request(path)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return send(request.build());
    }

    /** Asks the token endpoint, with HTTP Basic. */
    public Answer requestAccessToken(Credentials credentials, String more) {
        return send(request("/oauth/v2/token")
                .header("Authorization", "Basic " + credentials.basic())
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("grant_type=client_credentials" + more))
                .build());
    }

    public String accessToken(Credentials credentials) {
        Answer answer = requestAccessToken(credentials, "");
        if (answer.status() != 200) {
            throw new AssertionError(answer.status() + " " + answer.body());
        }
        return answer.json().get("access_token").asString();
    }

    /** A caller of the management API. */
    public Api api(Credentials credentials) {
        return new Api(accessToken(credentials));
    }

    public Api admin() {
        return api(bootstrap());
    }

    /** A person with one role, which allows these privileges of the management API, signed in. */
    public Browser person(String role, String... privileges) {
        Api admin = admin();
        admin.createRole(role, privileges);
        String link = admin.post(
                        "/users",
                        "{\"email\": \"%s@example.com\", \"name\": \"%s\", \"roles\": [\"%s\"]}"
                                .formatted(role, role, role))
                .created()
                .json()
                .get("invitationUrl")
                .asString()
                .replaceFirst("^https?://[^/]+", "");
        Browser browser = browser();
        Answer accepted = browser.post(link, Map.of("name", role, "password", "eleven odd wombats sing"));
        if (accepted.status() != 303) {
            throw new AssertionError(accepted.status() + " " + accepted.body());
        }
        return browser;
    }

    /** Calls the management API with one access token. */
    public final class Api {
        private final String accessToken;

        Api(String accessToken) {
            this.accessToken = accessToken;
        }

        public HttpRequest.Builder to(String path) {
            return request("/api/v1" + path).header("Authorization", "Bearer " + accessToken);
        }

        public Answer get(String path) {
            return send(to(path).build());
        }

        public Answer send(String method, String path, String json) {
            return RunningServer.this.send(to(path).header("Content-Type", "application/json")
                    .method(method, HttpRequest.BodyPublishers.ofString(json))
                    .build());
        }

        public Answer post(String path, String json) {
            return send("POST", path, json);
        }

        public Answer delete(String path) {
            return RunningServer.this.send(to(path).DELETE().build());
        }

        private Answer send(HttpRequest request) {
            return RunningServer.this.send(request);
        }

        public Credentials createToken(String description, String role) {
            Answer answer = post("/tokens", "{\"description\":\"" + description + "\",\"role\":\"" + role + "\"}")
                    .created();
            return new Credentials(
                    answer.json().get("clientId").asString(),
                    answer.json().get("clientSecret").asString());
        }

        /** A role that allows these privileges of the management API. */
        public void createRole(String name, String... privileges) {
            StringBuilder grants = new StringBuilder();
            for (String privilege : privileges) {
                grants.append(grants.isEmpty() ? "" : ",")
                        .append("{\"api\":\"latchkey\",\"privilege\":\"")
                        .append(privilege)
                        .append("\",\"effect\":\"allow\"}");
            }
            post("/roles", "{\"name\":\"" + name + "\",\"privileges\":[" + grants + "]}")
                    .created();
        }
    }

    /** A browser without a screen: it keeps cookies and follows nothing. */
    public final class Browser {
        private final Map<String, String> cookies = new HashMap<>();

        public Answer get(String path) {
            return keep(send(request(path).header("Cookie", cookieHeader()).build()));
        }

        /**
         * Sends a form, with the CSRF value when one is known.
         *
         * @param headers names and values
         */
        public Answer post(String path, Map<String, String> fields, String... headers) {
            StringBuilder form = new StringBuilder();
            fields.forEach((name, value) -> form.append(form.isEmpty() ? "" : "&")
                    .append(name)
                    .append('=')
                    .append(URLEncoder.encode(value, StandardCharsets.UTF_8)));
            HttpRequest.Builder request = request(path)
                    .header("Cookie", cookieHeader())
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString(form.toString()));
            for (int i = 0; i < headers.length; i += 2) {
                request.header(headers[i], headers[i + 1]);
            }
            return keep(send(request.build()));
        }

        public Browser signIn(String email, String password) {
            Answer answer = post("/sign-in", Map.of("email", email, "password", password));
            if (answer.status() != 303) {
                throw new AssertionError(answer.status() + " " + answer.body());
            }
            return this;
        }

        /** The value that the forms of this session carry. */
        public String csrf() {
            Matcher value = Pattern.compile("name=\"csrf\" value=\"([^\"]+)\"")
                    .matcher(get("/profile").body());
            if (!value.find()) {
                throw new AssertionError("no form value");
            }
            return value.group(1);
        }

        public String cookieHeader() {
            StringBuilder header = new StringBuilder("x=1");
            cookies.forEach((name, value) ->
                    header.append("; ").append(name).append('=').append(value));
            return header.toString();
        }

        private Answer keep(Answer answer) {
            for (String cookie : answer.response().headers().allValues("Set-Cookie")) {
                String[] pair = cookie.split(";", 2)[0].split("=", 2);
                cookies.put(pair[0], pair[1]);
            }
            return answer;
        }
    }

    public Browser browser() {
        return new Browser();
    }

    @Override
    public void close() {
        server.close();
    }
}
