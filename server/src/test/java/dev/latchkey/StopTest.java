package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A process of its own, and the signals that it gets. */
@DisabledOnOs(OS.WINDOWS)
class StopTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private Process process;
    private int port;

    @AfterEach
    void end() {
        process.destroyForcibly();
    }

    private void start(String... more) throws Exception {
        Path log = log();
        Files.createDirectories(temporary());
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Dlogback.configurationFile=logback.xml",
                "-Djava.io.tmpdir=" + temporary(),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.latchkey.Latchkey",
                "serve",
                "--port",
                "0",
                "--data",
                folder.resolve("data").toString()));
        command.addAll(List.of(more));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("LATCHKEY_"));
        process = builder.start();
        Waiting.until("the start", () -> {
            assertThat(process.isAlive()).as(said(log)).isTrue();
            return said(log).contains("Stop it with Ctrl-C");
        });
        String url = said(log)
                .substring(said(log).indexOf("http://"))
                .lines()
                .findFirst()
                .orElseThrow();
        port = Integer.parseInt(url.substring(url.lastIndexOf(':') + 1));
    }

    private Path log() {
        return folder.resolve("serve.log");
    }

    private Path temporary() {
        return folder.resolve("tmp");
    }

    private static String said(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void signal(String name) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    private int exitStatus() throws InterruptedException {
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    /** A connection that is kept open, as gateways keep theirs. */
    private final class Kept implements AutoCloseable {
        private final Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        private final BufferedReader in =
                new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
        boolean isLast;

        Kept() throws IOException {
            socket.setSoTimeout((int) PATIENCE.toMillis());
        }

        /** The whole answer, header and body. */
        String get(String path) throws IOException {
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                            .getBytes(StandardCharsets.ISO_8859_1));
            StringBuilder answer = new StringBuilder();
            int length = 0;
            for (String line = in.readLine(); ; line = in.readLine()) {
                if (line == null) {
                    throw new IOException("an end after: " + answer);
                }
                answer.append(line).append('\n');
                if (line.isEmpty()) {
                    break;
                }
                if (line.startsWith("Content-Length: ")) {
                    length = Integer.parseInt(line.substring("Content-Length: ".length()));
                }
                isLast |= line.equals("Connection: close");
            }
            char[] body = new char[length];
            for (int read = 0; read < length; ) {
                read += in.read(body, read, length - read);
            }
            return answer.append(body).toString();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private String get(String path) throws IOException {
        try (Kept once = new Kept()) {
            return once.get(path);
        }
    }

    /** Asks all the time on a connection that it keeps, and makes another one only when it was told to. */
    private final class Caller implements Runnable {
        private final AtomicInteger answered;
        private final ConcurrentLinkedQueue<String> lost;

        Caller(AtomicInteger answered, ConcurrentLinkedQueue<String> lost) {
            this.answered = answered;
            this.lost = lost;
        }

        @Override
        public void run() {
            while (true) {
                int ofThisOne = 0;
                try (Kept connection = new Kept()) {
                    while (!connection.isLast) {
                        String answer = connection.get("/oauth/v2/jwks");
                        if (!answer.startsWith("HTTP/1.1 200 ")) {
                            lost.add(answer);
                        }
                        answered.incrementAndGet();
                        ofThisOne++;
                    }
                } catch (IOException e) {
                    if (ofThisOne > 0) {
                        lost.add(e.toString());
                    }
                    // Nothing accepts a new connection any more, which is expected at the end.
                    return;
                }
            }
        }
    }

    @Test
    void keptConnectionsLoseNoRequestWhileItStopsAndBalancersAreToldFirst() throws Exception {
        start("--stop-delay-seconds", "1");
        assertThat(get("/health/ready")).endsWith("ready\n");
        AtomicInteger answered = new AtomicInteger();
        ConcurrentLinkedQueue<String> lost = new ConcurrentLinkedQueue<>();
        List<Thread> callers = Stream.generate(() -> Thread.ofVirtual().start(new Caller(answered, lost)))
                .limit(8)
                .toList();
        try (Kept balancer = new Kept()) {
            Waiting.until("a hundred answers", () -> answered.get() > 100);
            signal("TERM");
            Waiting.until("the stop to be told", () -> get("/health/ready").contains("This node is stopping."));
            assertThat(get("/health/live")).startsWith("HTTP/1.1 200 ");
            String last = balancer.get("/oauth/v2/jwks");
            assertThat(last).startsWith("HTTP/1.1 200 ");
            assertThat(balancer.isLast).isTrue();
        }
        assertThat(exitStatus()).isZero();
        for (Thread caller : callers) {
            caller.join();
        }
        assertThat(lost).isEmpty();
        assertThat(temporary()).isEmptyDirectory();
    }

    @Test
    void ofTwoSignalsTheSecondStopsItAtOnce() throws Exception {
        start("--stop-delay-seconds", "600");
        signal("TERM");
        Waiting.until("the stop to be told", () -> get("/health/ready").contains("This node is stopping."));
        signal("TERM");
        assertThat(exitStatus()).isEqualTo(128 + 15);
    }

    @Test
    void aHangUpOnlyReadsTheSettingsAndCtrlCDoesNotWaitAndAKillLeavesNothingInTheTemporaryFolder() throws Exception {
        Path settings = folder.resolve("settings.yaml");
        Files.writeString(settings, "idle-seconds: 60\n");
        start("--stop-delay-seconds", "600", "--config", settings.toString());
        assertThat(temporary()).isEmptyDirectory();
        // Started by nohup, Java leaves this signal alone.
        if (!ignores(1)) {
            signal("HUP");
            Waiting.until(
                    "the hang-up", () -> said(log()).contains("The settings were read again. Nothing has changed"));
        }
        Files.writeString(settings, "idle-seconds: 50\nhost: 0.0.0.0\n");
        Waiting.until("the file", () -> said(log()).contains("Changed: idle-seconds. Restart to change: host"));
        assertThat(get("/health/ready")).endsWith("ready\n");
        // A shell starts what it puts into the background deaf to Ctrl-C, and so is whatever that starts.
        assumeThat(ignores(2)).as("SIGINT is ignored here").isFalse();
        signal("INT");
        assertThat(exitStatus()).isZero();
    }

    private boolean ignores(int signal) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) >> (signal - 1) & 1) == 1);
    }
}
