package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An operator's mistake gets one line that says what to do, and exit status 2. */
class CommandsTest {
    @TempDir
    Path folder;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final Map<String, String> environment = new HashMap<>();

    private int run(String... arguments) {
        PrintStream stream = new PrintStream(said, true, StandardCharsets.UTF_8);
        return new Latchkey(environment, stream, stream).run(arguments);
    }

    private String said() {
        return said.toString(StandardCharsets.UTF_8).strip();
    }

    private void assertOneLine(String part) {
        assertThat(said().lines()).hasSize(1);
        assertThat(said()).contains(part);
    }

    @Test
    void secretsAreNotFlagsBecauseEveryoneCanListProcesses() {
        for (String flag : List.of("master-key", "admin-password", "database-password")) {
            said.reset();
            assertThat(run("--" + flag, "s3cr3t", "--data", folder.toString())).isEqualTo(2);
            assertOneLine("--" + flag + "-file");
            assertThat(said())
                    .contains("LATCHKEY_"
                            + flag.toUpperCase(java.util.Locale.ROOT).replace('-', '_'))
                    .doesNotContain("s3cr3t");
        }
        for (String url : List.of(
                "postgresql://ada:s3cr3t@db/app",
                "jdbc:postgresql://db/app?user=ada&password=s3cr3t",
                "jdbc:postgresql://db/app;password=s3cr3t%b")) {
            said.reset();
            assertThat(run("--database-url", url)).isEqualTo(2);
            assertOneLine("--database-password-file");
            assertThat(said()).doesNotContain("s3cr3t");
        }
        said.reset();
        environment.put("LATCHKEY_DATABASE_URL", "jdbc:postgresql://db/app?password=s3cr3t%b");
        assertThat(run()).isEqualTo(2);
        assertThat(said()).contains("percent-encode special characters").doesNotContain("s3cr3t");
    }

    @Test
    void theOnlyAdministratorWhoForgotThePasswordGetsALinkOnTheMachine() throws Exception {
        try (RunningServer server = RunningServer.start(dev.latchkey.database.TestEngine.SQLITE)) {
            server.restartAfter(() -> {
                String[] flags = server.commandFlags().toArray(String[]::new);
                assertThat(run(java.util.stream.Stream.concat(
                                        java.util.stream.Stream.of("admin", "reset-link", "Nobody@example.com"),
                                        java.util.Arrays.stream(flags))
                                .toArray(String[]::new)))
                        .isEqualTo(2);
                assertOneLine("There is no user with the email nobody@example.com.");
                said.reset();
                assertThat(run(java.util.stream.Stream.concat(
                                        java.util.stream.Stream.of("admin", "reset-link", RunningServer.ADMIN_EMAIL),
                                        java.util.Arrays.stream(flags))
                                .toArray(String[]::new)))
                        .as(said())
                        .isEqualTo(0);
            });
            String path = said().replaceFirst("^https?://[^/]+", "");
            assertThat(path).startsWith("/invitation/");
            RunningServer.Browser browser = server.browser();
            assertThat(browser.post(path, Map.of("name", "Ada", "password", "eleven odd wombats sing"))
                            .status())
                    .isEqualTo(303);
            server.browser().signIn(RunningServer.ADMIN_EMAIL, "eleven odd wombats sing");
            assertThat(server.admin().get("/events?operation=user.link").body())
                    .contains("admin reset-link")
                    .doesNotContain(path.substring("/invitation/".length()));
        }
    }

    @Test
    void anUnknownFlagIsAnsweredWithTheNearestKnownOne() {
        assertThat(run("--prot", "8080")).isEqualTo(2);
        assertOneLine("There is no flag --prot. Did you mean --port?");
    }

    /** What a person types, and the reply. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    serv                       | There is no command serv. Did you mean latchkey serve?
                    verify                     | There is no command verify. Did you mean latchkey audit verify?
                    audit verfy                | There is no command verfy. Did you mean latchkey audit verify?
                    nonsense                   | There is no command nonsense. See: latchkey help
                    help nonsense              | There is no command nonsense. See: latchkey help
                    help bakcup                | There is no command bakcup. Did you mean latchkey backup?
                    help audit nonsense        | There is no command nonsense. See: latchkey help audit
                    audit                      | latchkey audit needs a subcommand: verify, lost. See: latchkey help audit
                    api                        | latchkey api needs a subcommand: import. See: latchkey help api
                    backup                     | latchkey backup needs FILE. See: latchkey help backup
                    backup check               | latchkey backup check needs FILE. See: latchkey help backup check
                    backup one two             | latchkey backup takes only FILE, but got two. See: latchkey help backup
                    restore                    | latchkey restore needs FILE. See: latchkey help restore
                    admin reset-link           | latchkey admin reset-link needs EMAIL. See: latchkey help admin reset-link
                    api import                 | latchkey api import needs API and DOCUMENT. See: latchkey help api import
                    serve 8081                 | latchkey serve takes no arguments, but got 8081. See: latchkey help serve
                    --port                     | --port needs a value: --port PORT.
                    --port 1 --port 2          | --port was passed twice. Pass it once.
                    --port x                   | --port is "x". Set it to a number from 0 to 65535.
                    -port 8081                 | There is no flag -port. Did you mean --port?
                    serve --prot 8081          | There is no flag --prot of latchkey serve. Did you mean --port?
                    --tls_key_fil x            | There is no flag --tls_key_fil. Did you mean --tls-key-file?
                    --master-kye x             | There is no flag --master-kye. See: latchkey help
                    api import a b --aply      | There is no flag --aply of latchkey api import. Did you mean --apply?
                    api import a b --data x    | There is no flag --data of latchkey api import. See: latchkey help api import
                    version --port 1           | There is no flag --port of latchkey version. See: latchkey help version
                    demo --data x --port 0     | The demo does not accept --data: it listens on this machine only, and keeps its data in a temporary folder until it ends. Leave that out, or start the service: latchkey serve
                    --host 0.0.0.0 demo        | The demo does not accept --host: it listens on this machine only, and keeps its data in a temporary folder until it ends. Leave that out, or start the service: latchkey serve
                    """)
    void whatIsMistypedIsAnsweredWithWhatWasMeant(String typed, String told) {
        assertThat(run(typed.split(" ", -1))).isEqualTo(2);
        assertThat(said()).isEqualTo(told);
    }

    @Test
    void aLongOrHostileWordIsNotRepeatedWhole() {
        assertThat(run("\u001b[2J" + "x".repeat(1000))).isEqualTo(2);
        assertThat(said()).isEqualTo("There is no command ?[2J" + "x".repeat(56) + ".... See: latchkey help");
    }

    @Test
    void anUnknownVariableIsAnsweredWithTheNearestKnownOne() {
        environment.put("LATCHKEY_DATABASE_URI", "x");
        assertThat(run("serve")).isEqualTo(2);
        assertOneLine("There is no setting LATCHKEY_DATABASE_URI. Did you mean LATCHKEY_DATABASE_URL?");
    }

    @Test
    void anUnknownKeyInTheFileIsAnsweredWithTheNearestKnownOne() throws Exception {
        Path file = Files.writeString(folder.resolve("latchkey.yaml"), "porrt: 8080\n");
        assertThat(run("--config", file.toString())).isEqualTo(2);
        assertThat(said()).contains("There is no setting porrt").contains("Did you mean port?");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    port: 8080\\nport: 8081 | names a setting twice (line 2).
                    port: [                  | is not a YAML map of settings (line 1).
                    port 8080                | is not a YAML map of settings (line 1).
                    """)
    void aFileThatIsNotOneOfSettingsIsSaid(String content, String told) throws Exception {
        Path file = Files.writeString(folder.resolve("latchkey.yaml"), content.replace("\\n", "\n"));
        assertThat(run("--config", file.toString())).isEqualTo(2);
        assertThat(said()).isEqualTo("The settings file " + file + " " + told);
    }

    @Test
    void oneSettingInTwoSpellingsIsSaid() throws Exception {
        Path file = Files.writeString(folder.resolve("latchkey.yaml"), "log-level: info\nLOG_LEVEL: debug\n");
        assertThat(run("--config", file.toString())).isEqualTo(2);
        assertThat(said()).isEqualTo("log-level and LOG_LEVEL are the same setting. Set only one of them.");
    }

    @Test
    void whatTheFileSaysCountsAsItIsWritten() throws Exception {
        Path file = Files.writeString(folder.resolve("latchkey.yaml"), """
            # A password is no number, and a name no date.
            admin-email: ada@example.com
            admin-password: 007.10
            account-name: 2026-01-01
            trusted-proxies: [127.0.0.1, 10.0.0.0/8]
            issuer:
            host: ~
            """);
        Settings settings = Settings.read(Map.of(), Map.of(), java.util.Optional.of(file));
        assertThat(settings.administrator().password()).isEqualTo("007.10");
        assertThat(settings.administrator().accountName()).isEqualTo("2026-01-01");
        assertThat(settings.get(Setting.TRUSTED_PROXIES)).hasSize(2);
        assertThat(settings.get(Setting.ISSUER)).isEmpty();
        assertThat(settings.get(Setting.HOST)).isEqualTo("127.0.0.1");
        Files.writeString(file, "# nothing yet\n");
        assertThat(Settings.read(Map.of(), Map.of(), java.util.Optional.of(file))
                        .get(Setting.PORT))
                .isEqualTo(8080);
    }

    @Test
    void aSettingThatIsAMapIsSaidWithItsName() throws Exception {
        Path file = Files.writeString(
                folder.resolve("latchkey.yaml"), "port: {http: 8080}\ntrusted-proxies: [[127.0.0.1]]\n");
        assertThat(run("--config", file.toString())).isEqualTo(2);
        assertThat(said().lines())
                .containsExactly(
                        "port in " + file + " must be a single value or a list of values.",
                        "trusted-proxies in " + file + " must be a single value or a list of values.");
    }

    /** PowerShell's {@code >} writes UTF-16. */
    @Test
    void aFileOfSettingsInAnotherEncodingIsSaid() throws Exception {
        Path file =
                Files.writeString(folder.resolve("latchkey.yaml"), "\ufeffport: 8080\r\n", StandardCharsets.UTF_16LE);
        assertThat(run("--config", file.toString())).isEqualTo(2);
        assertThat(said()).isEqualTo("The settings file " + file + " is not in UTF-8. Save it in that encoding.");
    }

    @Test
    void allProblemsAreReportedTogether() {
        environment.put("LATCHKEY_PORT", "99999");
        environment.put("LATCHKEY_ISSUER", "auth.example.com");
        environment.put("LATCHKEY_TLS_KEY_FILE", "key.pem");
        assertThat(run()).isEqualTo(2);
        assertThat(said().lines()).hasSize(3);
    }

    @Test
    void aFlagCountsBeforeAVariableAndThatBeforeTheFile() throws Exception {
        Path file =
                Files.writeString(folder.resolve("latchkey.yaml"), "port: 1001\nhost: 127.0.0.3\nlog-level: warn\n");
        Settings settings = Settings.read(
                Map.of(Setting.PORT, "1003"),
                Map.of("LATCHKEY_PORT", "1002", "LATCHKEY_HOST", "127.0.0.2"),
                java.util.Optional.of(file));
        assertThat(settings.get(Setting.PORT)).isEqualTo(1003);
        assertThat(settings.get(Setting.HOST)).isEqualTo("127.0.0.2");
        assertThat(settings.get(Setting.LOG_LEVEL)).isEqualTo("warn");
    }

    @Test
    void whereThereMayBeAnotherNodeAStopGivesBalancersTime() {
        assertThat(new LiveSettings(Settings.read(Map.of(), Map.of(), java.util.Optional.empty())).stopDelay())
                .isZero();
        Map<Setting<?>, String> among = Map.of(Setting.DATABASE_URL, "jdbc:postgresql://localhost/latchkey");
        assertThat(new LiveSettings(Settings.read(among, Map.of(), java.util.Optional.empty())).stopDelay())
                .hasSeconds(3);
        environment.put("LATCHKEY_STOP_DELAY_SECONDS", "601");
        environment.put("LATCHKEY_LEASE_SECONDS", "86401");
        assertThat(run()).isEqualTo(2);
        assertThat(said())
                .contains("LATCHKEY_STOP_DELAY_SECONDS is \"601\". Set it to a number from 0 to 600.")
                .contains("LATCHKEY_LEASE_SECONDS is \"86401\". Set it to a number from 0 to 86400.");
    }

    @Test
    void aPortInUseIsSaid() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getByName("127.0.0.1"))) {
            assertThat(run(
                            "--port",
                            Integer.toString(taken.getLocalPort()),
                            "--data",
                            folder.resolve("d").toString()))
                    .isEqualTo(2);
            assertThat(said())
                    .contains("Port " + taken.getLocalPort() + " is in use.")
                    .contains("LATCHKEY_PORT");
        }
    }

    @Test
    void aDataFolderThatCannotBeWrittenIsSaid() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThat(run("--port", "0", "--data", file.resolve("data").toString()))
                .isEqualTo(2);
        assertThat(said().lines()).hasSize(1);
        assertThat(said()).contains(file.toString());
    }

    @Test
    void aPasswordThatIsTooShortIsSaidAndNothingIsSetUp() {
        environment.put("LATCHKEY_ADMIN_EMAIL", "ada@example.com");
        environment.put("LATCHKEY_ADMIN_PASSWORD", "short");
        assertThat(run("--port", "0", "--data", folder.resolve("d").toString())).isEqualTo(2);
        assertOneLine("password: Use 12 to 200 characters");
    }

    @Test
    void verifyingALogThatIsNotThereIsSaid() {
        assertThat(run("audit", "verify", "--data", folder.toString())).isEqualTo(2);
        assertOneLine("There is no Latchkey database");
    }

    @Test
    void anAlteredLogFailsTheCheck() throws Exception {
        String data = folder.resolve("data").toString();
        environment.put("LATCHKEY_ADMIN_EMAIL", "ada@example.com");
        environment.put("LATCHKEY_ADMIN_PASSWORD", "correct-horse-battery");
        Server.start(Settings.read(
                        Map.of(Setting.PORT, "0", Setting.DATA, data), environment, java.util.Optional.empty()))
                .close();
        environment.clear();
        assertThat(run("audit", "verify", "--data", data)).isZero();
        assertThat(said()).contains("none missing or altered");
        try (var connection = java.sql.DriverManager.getConnection("jdbc:sqlite:" + data + "/latchkey.db");
                var statement = connection.createStatement()) {
            statement.execute("update event set actor_name = 'somebody else' where sequence = 1");
        }
        assertThat(run("audit", "verify", "--data", data)).isEqualTo(1);
        assertThat(said()).contains("broken at event 1");
    }

    private Path started() {
        Path data = folder.resolve("data");
        Server.start(Settings.read(
                        Map.of(Setting.PORT, "0", Setting.DATA, data.toString()),
                        Map.of(
                                "LATCHKEY_ADMIN_EMAIL",
                                "ada@example.com",
                                "LATCHKEY_ADMIN_PASSWORD",
                                "correct-horse-battery"),
                        java.util.Optional.empty()))
                .close();
        return data;
    }

    /** Neither complete nor broken: the state is unknown. */
    @Test
    void aLogThatCannotBeReadIsNotCalledBroken() throws Exception {
        Path data = started();
        try (var connection = java.sql.DriverManager.getConnection("jdbc:sqlite:" + data + "/latchkey.db");
                var statement = connection.createStatement()) {
            statement.execute("alter table event rename to event_gone");
        }
        assertThat(run("audit", "verify", "--data", data.toString())).isEqualTo(2);
        assertThat(said().lines()).as(said()).hasSize(1);
    }

    @Test
    void aKeyFileThatOthersCanReadIsNamed() throws Exception {
        Path data = started();
        for (var permissions : List.of("rw-r--r--", "rw-r-----")) {
            Files.setPosixFilePermissions(
                    data.resolve("master.key"), java.nio.file.attribute.PosixFilePermissions.fromString(permissions));
            RunningServer.Ended ended = RunningServer.run("audit", "verify", "--data", data.toString());
            assertThat(ended.status()).as(ended.said()).isZero();
            assertThat(ended.said())
                    .contains("The master key file " + data.resolve("master.key") + " can be read or written by")
                    .contains("chmod 600");
        }
    }

    @Test
    void aDataFolderOnADiskThatCanOnlyBeReadIsSaid() throws Exception {
        Path data = started();
        try (var mounted = ReadOnly.of(data)) {
            Needs.ifPossible(mounted.succeeded(), "the right to mount a disk");
            for (String command : List.of("serve", "repair")) {
                RunningServer.Ended ended = RunningServer.run(command, "--port", "0", "--data", data.toString());
                assertThat(ended.status()).as(ended.said()).isEqualTo(2);
                assertThat(ended.said().lines()).as(ended.said()).hasSize(1);
                assertThat(ended.said()).contains("cannot be written (Read-only file system)");
            }
        }
    }

    /** Only root may; elsewhere the test is skipped. */
    private record ReadOnly(Path path, boolean succeeded) implements AutoCloseable {
        static ReadOnly of(Path path) throws Exception {
            boolean done = SystemCommand.succeeds("mount", "--bind", path.toString(), path.toString())
                    && SystemCommand.succeeds("mount", "-o", "remount,bind,ro", path.toString());
            return new ReadOnly(path, done);
        }

        @Override
        public void close() throws Exception {
            SystemCommand.succeeds("umount", path.toString());
        }
    }

    @Test
    void theVersionIsAnsweredHoweverItIsAskedFor() {
        for (String asked : List.of("-v", "-V", "--version", "version")) {
            said.reset();
            assertThat(run(asked)).as(asked).isZero();
            assertThat(said()).startsWith("Latchkey " + Version.current() + "\nSchema ");
        }
    }

    private String help(String... arguments) {
        said.reset();
        assertThat(run(arguments)).as(said()).isZero();
        assertThat(said().lines()).allSatisfy(line -> assertThat(line.length()).isLessThan(101));
        return said();
    }

    @Test
    void theHelpOfACommandHasItsOwnArgumentsFirstAndFewSettings() {
        String backup = help("help", "backup");
        assertThat(backup)
                .startsWith("Usage: latchkey backup FILE [SETTINGS]\n       latchkey backup check FILE\n")
                .containsSubsequence("Arguments:", "FILE", "Settings:", "--data FOLDER", "--config FILE")
                .contains("All settings: latchkey help settings")
                .doesNotContain("--grpc-port");
        assertThat(backup.lines()).hasSizeLessThan(25);
        assertThat(help("backup", "--help")).isEqualTo(backup);
        assertThat(help("--help", "backup")).isEqualTo(backup);
        assertThat(help("backup", "-h", "--all")).contains("--grpc-port").contains("Usage: latchkey backup");
        assertThat(help("help", "api", "import"))
                .contains(
                        "Usage: latchkey api import API DOCUMENT [FLAGS]", "--apply", "--need \"OPERATION=PRIVILEGE\"")
                .doesNotContain("Settings");
        assertThat(help("help", "secret", "check")).contains("Usage: latchkey secret check [FILE...]");
        assertThat(help("audit", "--help"))
                .contains("audit verify", "audit lost")
                .doesNotContain("--port");
        assertThat(help("demo", "--help")).contains("--port").doesNotContain("--data", "--host");
    }

    @Test
    void theHelpListsAllCommandsAndAllSettingsWhenAsked() {
        String all = help("--help");
        assertThat(help("help")).isEqualTo(all);
        assertThat(all)
                .contains(
                        "  serve ",
                        "  backup FILE ",
                        "  audit verify ",
                        "  api import API DOCUMENT  ",
                        "  key import FILE ",
                        "  secret check ")
                .contains("--port PORT", "latchkey help settings", "latchkey help COMMAND")
                .doesNotContain("--mtls-url");
        assertThat(all.lines()).hasSizeLessThan(45);
        String settings = help("help", "settings");
        for (Setting<?> setting : Setting.all()) {
            assertThat(settings.split(
                            "\n  " + (setting.isSecret() ? setting.environmentVariable() : setting.flag()) + " ", -1))
                    .as(setting.flag())
                    .hasSize(2);
        }
        assertThat(settings).doesNotContain("--master-key ", "--admin-password ");
        assertThat(help("--help", "--all")).contains("--mtls-url");
    }
}
