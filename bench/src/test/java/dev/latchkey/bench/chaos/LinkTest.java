package dev.latchkey.bench.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LinkTest {
    private static final int PATIENCE_MILLIS = 10_000;
    private static final int SILENCE_MILLIS = 200;

    private ServerSocket server;
    private Link link;

    @BeforeEach
    void anEcho() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        link = new Link(server.getLocalPort());
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try {
                    Socket socket = server.accept();
                    Thread.ofVirtual().start(() -> {
                        try (socket) {
                            socket.getInputStream().transferTo(socket.getOutputStream());
                        } catch (IOException e) {
                            // The link was reset.
                        }
                    });
                } catch (IOException e) {
                    // closed
                }
            }
        });
    }

    @AfterEach
    void close() throws IOException {
        link.close();
        server.close();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), link.port());
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    private static void send(Socket socket, int value) throws IOException {
        socket.getOutputStream().write(value);
    }

    @Test
    void whatIsSentComesBackAndAnEndIsPassedOn() throws IOException {
        try (Socket socket = connect()) {
            send(socket, 7);
            assertThat(socket.getInputStream().read()).isEqualTo(7);
            socket.shutdownOutput();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void inASilenceNothingPassesAndAfterItEverything() throws IOException {
        try (Socket before = connect()) {
            send(before, 1);
            assertThat(before.getInputStream().read()).isEqualTo(1);

            link.silence();
            send(before, 2);
            try (Socket during = connect()) {
                send(during, 3);
                for (Socket socket : new Socket[] {before, during}) {
                    socket.setSoTimeout(SILENCE_MILLIS);
                    assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
                    socket.setSoTimeout(PATIENCE_MILLIS);
                }

                link.heal();
                assertThat(before.getInputStream().read()).isEqualTo(2);
                assertThat(during.getInputStream().read()).isEqualTo(3);
            }
        }
    }

    @Test
    void aResetEndsWhatThereIsAndRefusesWhatComes() throws IOException {
        try (Socket before = connect()) {
            send(before, 1);
            assertThat(before.getInputStream().read()).isEqualTo(1);

            link.reset();
            assertThatThrownBy(() -> before.getInputStream().read())
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(SocketTimeoutException.class);
            try (Socket during = connect()) {
                assertThatThrownBy(() -> {
                            if (during.getInputStream().read() < 0) {
                                throw new IOException("ended");
                            }
                        })
                        .isInstanceOf(IOException.class)
                        .isNotInstanceOf(SocketTimeoutException.class);
            }
        }
        link.heal();
        try (Socket after = connect()) {
            send(after, 4);
            assertThat(after.getInputStream().read()).isEqualTo(4);
        }
    }
}
