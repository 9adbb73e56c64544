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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The protected API: answers everything alike, with the request line and the fields in its body as they arrived, and
 * keeps what arrived. It also plays a broken Latchkey.
 */
final class Upstream implements AutoCloseable {
    private final String status;
    private final ServerSocket socket;
    private final AtomicLong requests = new AtomicLong();
    private final Queue<Message> arrived = new ConcurrentLinkedQueue<>();

    Upstream() {
        this("200 OK");
    }

    /** @param status what it answers to everything; empty for no answer at all */
    Upstream(String status) {
        this.status = status;
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

    /** What arrived since this was last asked. */
    List<Message> arrived() {
        List<Message> all = new ArrayList<>();
        for (Message one = arrived.poll(); one != null; one = arrived.poll()) {
            all.add(one);
        }
        return all;
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
                arrived.add(request.get());
                requests.incrementAndGet();
                if (status.isEmpty()) {
                    continue;
                }
                String body = request.get().firstLine() + "\n"
                        + String.join("\n", request.get().fields()) + "\n\n"
                        + request.get().body().length();
                String head = "HTTP/1.1 " + status + "\r\nContent-Type: text/plain\r\nContent-Length: " + body.length()
                        + "\r\n\r\n";
                String answer = request.get().firstLine().startsWith("HEAD ") ? head : head + body;
                connection.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
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
