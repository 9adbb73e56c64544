package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Settings that change while the service runs, and what then happens. */
class LiveSettingsTest {
    private final RunningServer server =
            RunningServer.start(TestEngine.SQLITE, Map.of("idle-seconds", "3600", "max-connections-per-address", "50"));

    @AfterEach
    void stop() {
        server.close();
    }

    private String addressOfCaller(Credentials token, String forwarded) {
        server.send(server.request("/oauth/v2/token")
                .header("Authorization", "Basic " + token.basic())
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("X-Forwarded-For", forwarded)
                .POST(HttpRequest.BodyPublishers.ofString("grant_type=client_credentials"))
                .build());
        return server.admin()
                .get("/tokens/" + token.clientId())
                .json()
                .get("lastAccessAddress")
                .asString();
    }

    @Test
    void aProxyIsTrustedFromTheNextRequestOnAndNoLongerWhenItIsRemoved() {
        Credentials token = server.admin().createToken("Behind a proxy", "public");
        assertThat(addressOfCaller(token, "203.0.113.1")).isEqualTo("127.0.0.1");
        server.reload("trusted-proxies", "127.0.0.1");
        assertThat(addressOfCaller(token, "203.0.113.2")).isEqualTo("203.0.113.2");
        server.reload("trusted-proxies", "192.0.2.1");
        assertThat(addressOfCaller(token, "203.0.113.3")).isEqualTo("127.0.0.1");
    }

    @Test
    void connectionsFollowTheirLimits() throws Exception {
        server.reload("max-connections-per-address", "1");
        try (Socket one = connect();
                Socket more = connect()) {
            assertThat(isClosed(more) || isClosed(one)).isTrue();
        }
        server.reload("max-connections-per-address", "50");
        server.reload("idle-seconds", "1");
        try (Socket idle = connect()) {
            assertThat(idle.getInputStream().read()).as("closed after a second").isEqualTo(-1);
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.setSoTimeout(30_000);
        return socket;
    }

    private static boolean isClosed(Socket socket) {
        try {
            return socket.getInputStream().read() == -1;
        } catch (IOException e) {
            return true;
        }
    }
}
