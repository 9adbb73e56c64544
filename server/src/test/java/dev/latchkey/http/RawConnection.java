package dev.latchkey.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PushbackInputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One connection on which a test sends exactly what it wants, well-formed or not. */
final class RawConnection implements AutoCloseable {
    private final Socket socket;
    private final PushbackInputStream in;

    RawConnection(int port) throws IOException {
        this(new Socket("127.0.0.1", port));
    }

    /** From another address of this machine, such as 127.0.0.2. */
    RawConnection(String from, int port) throws IOException {
        this(new Socket(InetAddress.ofLiteral("127.0.0.1"), port, InetAddress.ofLiteral(from), 0));
    }

    /** Uses an open connection, possibly with TLS. */
    RawConnection(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(10_000);
        in = new PushbackInputStream(socket.getInputStream());
    }

    /** An answer as it arrived. */
    record Answer(int status, List<String> fields, String body) {
        String field(String name) {
            String prefix = name.toLowerCase(Locale.ROOT) + ": ";
            return fields.stream()
                    .filter(field -> field.toLowerCase(Locale.ROOT).startsWith(prefix))
                    .map(field -> field.substring(prefix.length()))
                    .findFirst()
                    .orElse("");
        }
    }

    /** Every char is one byte. */
    RawConnection send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        return this;
    }

    /** Sends one byte after another, slowly, until the server answers or closes; false when it takes all of them. */
    boolean trickle(byte[] bytes) throws IOException {
        socket.setSoTimeout(50);
        try {
            for (byte each : bytes) {
                socket.getOutputStream().write(each);
                socket.getOutputStream().flush();
                try {
                    int first = in.read();
                    if (first >= 0) {
                        in.unread(first);
                    }
                    return true;
                } catch (SocketTimeoutException e) {
                    // The server is still listening.
                }
            }
            return false;
        } catch (SocketException e) {
            return true;
        } finally {
            socket.setSoTimeout(10_000);
        }
    }

    boolean trickle(String text) throws IOException {
        return trickle(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    Answer get(String target) throws IOException {
        return send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n").answer();
    }

    Answer answer() throws IOException {
        return answer(true);
    }

    /** The answer to HEAD ends with its header, whatever that says about a body. */
    Answer answerWithoutBody() throws IOException {
        return answer(false);
    }

    private Answer answer(boolean withBody) throws IOException {
        List<String> fields = new ArrayList<>();
        String statusLine = line();
        for (String line = line(); !line.isEmpty(); line = line()) {
            fields.add(line);
        }
        int status = Integer.parseInt(statusLine.substring(9, 12));
        Answer answer = new Answer(status, List.copyOf(fields), "");
        String length = answer.field("Content-Length");
        byte[] body = withBody && !length.isEmpty() ? in.readNBytes(Integer.parseInt(length)) : new byte[0];
        return new Answer(status, answer.fields(), new String(body, StandardCharsets.UTF_8));
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new IOException("the server closed the connection after: " + line);
            }
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    /** Ends the output, and still reads. */
    void endOutput() throws IOException {
        socket.shutdownOutput();
    }

    byte[] bytes(int count) throws IOException {
        return in.readNBytes(count);
    }

    /** Whether the server sends nothing more and closes. */
    boolean isClosedByServer() throws IOException {
        try {
            return in.read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException e) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
