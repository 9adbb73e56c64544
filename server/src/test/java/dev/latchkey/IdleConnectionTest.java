package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.database.TestEngine;
import dev.latchkey.http.HttpConfig;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How long a connection may be silent. */
class IdleConnectionTest {
    /** Load balancers keep theirs for 60 seconds, and send the next request into a connection that was closed before that. */
    @Test
    void usuallyLongerThanBalancersKeepTheirs() {
        assertThat(HttpConfig.IDLE).isGreaterThan(Duration.ofSeconds(60));
    }

    @Test
    void asLongAsTheSettingSays() throws Exception {
        try (RunningServer server = RunningServer.start(TestEngine.SQLITE, Map.of("idle-seconds", "1"));
                Socket socket = new Socket("127.0.0.1", URI.create(server.url()).getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            assertThat(new String(in.readNBytes(15), StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 200 OK");
            assertThat(in.readAllBytes())
                    .as("what comes before it is closed; otherwise reading fails after 20 s")
                    .isNotEmpty();
        }
    }
}
