package dev.latchkey.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.FreePort;
import dev.latchkey.Needs;
import dev.latchkey.TestRun;
import dev.latchkey.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real gateway with the configuration that the project ships: only addresses are replaced, and each replacement must
 * really happen.
 */
final class Gateway implements AutoCloseable {

    enum Kind {
        NGINX("nginx", "nginx.conf"),
        CADDY("caddy", "Caddyfile"),
        HAPROXY("haproxy", "haproxy.cfg"),
        ENVOY("envoy", "envoy.yaml");

        private final String program;
        private final String configuration;

        Kind(String program, String configuration) {
            this.program = program;
            this.configuration = configuration;
        }

        private List<String> command(Path folder) {
            String path = folder.resolve(configuration).toString();
            return switch (this) {
                case NGINX ->
                    List.of(executable(), "-p", folder.toString(), "-c", path, "-g", "daemon off; master_process off;");
                case CADDY -> List.of(executable(), "run", "--config", path, "--adapter", "caddyfile");
                case HAPROXY -> List.of(executable(), "-db", "-f", path);
                case ENVOY -> List.of(executable(), "-c", path, "--concurrency", "1", "--disable-hot-restart");
            };
        }

        private String executable() {
            return Stream.of("/usr/sbin", "/usr/bin", "/usr/local/bin")
                    .map(folder -> Path.of(folder, program))
                    .filter(Files::isExecutable)
                    .findFirst()
                    .map(Path::toString)
                    .orElse("");
        }
    }

    private final Kind kind;
    private final Process process;
    private final int port;
    private final Path log;

    private Gateway(Kind kind, Process process, int port, Path log) {
        this.kind = kind;
        this.process = process;
        this.port = port;
        this.log = log;
    }

    /** Those that can be started here. */
    static List<Kind> installed() {
        return Stream.of(Kind.values())
                .filter(kind -> !kind.executable().isEmpty())
                .toList();
    }

    /**
     * Skips the test where the gateway is not installed, unless everything must be, as it must in CI; Debian has no Envoy.
     */
    static void require(Kind kind) {
        boolean isThere = !kind.executable().isEmpty();
        if (kind == Kind.ENVOY) {
            Needs.ifPossible(isThere, kind.program);
        } else {
            Needs.that(isThere, kind.program);
        }
    }

    /**
     * Starts the gateway before an API.
     *
     * @param latchkey Latchkey's base URL
     * @param api the API's name in Latchkey
     */
    static Gateway start(Kind kind, String latchkey, int upstreamPort, String api) {
        require(kind);
        try {
            int port = FreePort.find();
            Path shipped = repository().resolve("deploy").resolve(kind.program);
            Map<String, String> replacements = new LinkedHashMap<>();
            replacements.put(
                    "127.0.0.1:8080", "127.0.0.1:" + URI.create(latchkey).getPort());
            if (kind == Kind.ENVOY) {
                replacements.put(
                        "port_value: 8080",
                        "port_value: " + URI.create(latchkey).getPort());
                replacements.put("port_value: 9000", "port_value: " + upstreamPort);
            } else {
                replacements.put("127.0.0.1:9000", "127.0.0.1:" + upstreamPort);
            }
            replacements.put("/billing", "/" + api);
            if (kind == Kind.NGINX) {
                replacements.put("/var/log/nginx/access.log", "access.log");
                // Debian's nginx would write this log to the system's folder.
                replacements.put("http {", "http {\n    error_log error.log info;");
            }
            replacements.put(
                    switch (kind) {
                        case NGINX -> "listen 8000;";
                        case CADDY -> ":8000 {";
                        case HAPROXY -> "bind :8000";
                        case ENVOY -> "address: 0.0.0.0, port_value: 8000";
                    },
                    switch (kind) {
                        case NGINX -> "listen 127.0.0.1:" + port + ";";
                        case CADDY -> ":" + port + " {";
                        case HAPROXY -> "bind 127.0.0.1:" + port;
                        case ENVOY -> "address: 127.0.0.1, port_value: " + port;
                    });
            if (kind == Kind.CADDY) {
                // So that it logs an error which the configuration answers as well.
                replacements.put("admin off", "admin off\n\tdebug");
            }
            if (kind == Kind.HAPROXY) {
                replacements.put("127.0.0.1:8001", "127.0.0.1:" + FreePort.find());
                replacements.put("lua-load latchkey.lua", "lua-load " + shipped.resolve("latchkey.lua"));
            }
            String text = replaced(shipped.resolve(kind.configuration), replacements);
            return run(kind, text, port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts Envoy before the API billing, with the configuration that asks over gRPC. */
    static Gateway startEnvoyOverGrpc(int grpcPort, int upstreamPort) {
        require(Kind.ENVOY);
        try {
            int port = FreePort.find();
            Map<String, String> replacements = Map.of(
                    "port_value: 9090", "port_value: " + grpcPort,
                    "port_value: 9000", "port_value: " + upstreamPort,
                    "address: 0.0.0.0, port_value: 8000", "address: 127.0.0.1, port_value: " + port);
            String text = replaced(repository().resolve("deploy/envoy/envoy-grpc.yaml"), replacements);
            return run(Kind.ENVOY, text, port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String replaced(Path shipped, Map<String, String> replacements) throws IOException {
        String text = Files.readString(shipped);
        for (Map.Entry<String, String> replacement : replacements.entrySet()) {
            assertThat(text).contains(replacement.getKey());
            text = text.replace(replacement.getKey(), replacement.getValue());
        }
        return text;
    }

    /** Starts the gateway with a configuration that has it listen on the port. */
    static Gateway run(Kind kind, String configuration, int port) throws IOException {
        Path folder = TestRun.newFolder("gateway");
        Files.writeString(folder.resolve(kind.configuration), configuration);
        Path log = folder.resolve("log");
        ProcessBuilder builder = new ProcessBuilder(kind.command(folder))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("HOME", folder.toString());
        Gateway gateway = new Gateway(kind, builder.start(), port, log);
        gateway.awaitListening();
        return gateway;
    }

    int port() {
        return port;
    }

    /** All that it has written to its logs. */
    String written() throws IOException {
        StringBuilder written = new StringBuilder();
        try (Stream<Path> files = Files.walk(log.getParent())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (!file.endsWith(kind.configuration)) {
                    written.append(Files.readString(file, StandardCharsets.ISO_8859_1));
                }
            }
        }
        return written.toString();
    }

    private void awaitListening() {
        Waiting.until(kind + ", which should listen", () -> {
            if (!process.isAlive()) {
                throw new AssertionError(kind + " did not start: " + Files.readString(log));
            }
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return true;
            } catch (IOException e) {
                return false;
            }
        });
    }

    static Path repository() {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve("deploy"))) {
                return folder;
            }
        }
        throw new AssertionError("the folder deploy is gone from "
                + Arrays.toString(Path.of("").toFile().list()));
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
