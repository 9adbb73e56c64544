package dev.latchkey.gateway;

import dev.latchkey.gateway.RawHttp.Message;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** The protected API: answers 200 to everything, with the request line and the fields in its body as they arrived. */
final class Upstream implements AutoCloseable {
    private final ServerSocket socket;
    private final AtomicLong requests = new AtomicLong();

    Upstream() {
        try {
            socket = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return socket.getLocalPort();
    }

    /** How many requests arrived so far. */
    long requests() {
        return requests.get();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket connection = socket.accept();
                Thread.ofVirtual().start(() -> serve(connection));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            InputStream in = new BufferedInputStream(connection.getInputStream());
            while (true) {
                Optional<Message> request = RawHttp.read(in, false);
                if (request.isEmpty()) {
                    return;
                }
                requests.incrementAndGet();
                String seen = request.get().firstLine() + "\n"
                        + String.join("\n", request.get().fields()) + "\n\n"
                        + request.get().body().length();
                byte[] body = seen.getBytes(StandardCharsets.ISO_8859_1);
                String head =
                        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " + body.length + "\r\n\r\n";
                connection.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
                if (!request.get().firstLine().startsWith("HEAD ")) {
                    connection.getOutputStream().write(body);
                }
                connection.getOutputStream().flush();
            }
        } catch (IOException e) {
            // The gateway closed the connection.
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
