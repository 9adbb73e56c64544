package dev.latchkey.gateway;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** HTTP/1.1 byte by byte: a connection that sends exactly what it is given, and reads whole messages. */
final class RawHttp implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    RawHttp(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(10_000);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** A request or a response. */
    record Message(String firstLine, List<String> fields, String body) {
        int status() {
            return Integer.parseInt(firstLine.split(" ", 3)[1]);
        }

        /** The field's value; several are joined with a comma. */
        Optional<String> field(String name) {
            String prefix = name.toLowerCase(Locale.ROOT) + ":";
            List<String> values = fields.stream()
                    .filter(field -> field.toLowerCase(Locale.ROOT).startsWith(prefix))
                    .map(field -> field.substring(prefix.length()).strip())
                    .toList();
            return values.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", values));
        }
    }

    /** Sends the text as it stands (ISO 8859-1, one byte a character) and reads one response; none when it is cut off. */
    Optional<Message> exchange(String request) throws IOException {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        return read(in, request.startsWith("HEAD "));
    }

    /** Reads one message; empty when the other side has closed. */
    static Optional<Message> read(InputStream in, boolean withoutBody) throws IOException {
        String firstLine = line(in);
        if (firstLine == null) {
            return Optional.empty();
        }
        List<String> fields = new ArrayList<>();
        int length = 0;
        boolean chunked = false;
        boolean untilEnd = firstLine.startsWith("HTTP/");
        for (String field = line(in); field != null && !field.isEmpty(); field = line(in)) {
            fields.add(field);
            String lower = field.toLowerCase(Locale.ROOT).replace(" ", "");
            if (lower.startsWith("content-length:")) {
                String value = lower.substring("content-length:".length());
                length = value.matches("[0-9]{1,9}") ? Integer.parseInt(value) : 0;
                untilEnd = false;
            } else if (lower.equals("transfer-encoding:chunked")) {
                chunked = true;
                untilEnd = false;
            }
        }
        boolean bodiless = withoutBody || firstLine.matches("HTTP/1.. (1..|204|304).*");
        String body = bodiless ? "" : chunked ? chunks(in) : text(untilEnd ? in.readAllBytes() : in.readNBytes(length));
        return Optional.of(new Message(firstLine, fields, body));
    }

    private static String chunks(InputStream in) throws IOException {
        StringBuilder body = new StringBuilder();
        while (true) {
            String size = line(in);
            int length = size == null ? 0 : Integer.parseInt(size.strip().split(";")[0], 16);
            body.append(text(in.readNBytes(length)));
            line(in);
            if (length == 0) {
                return body.toString();
            }
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** A line without its end; a CR that stands elsewhere stays, so that nothing is hidden. */
    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int c = in.read();
        for (; c >= 0 && c != '\n'; c = in.read()) {
            line.write(c);
        }
        if (c < 0 && line.size() == 0) {
            return null;
        }
        String text = line.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
