package dev.latchkey.http;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.hpack.HpackDecoder;
import org.eclipse.jetty.http2.hpack.HpackException;

/** HTTP/2 without TLS, frame by frame: a connection that begins with the preface and sends what a test wants. */
public final class RawHttp2 implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GO_AWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;
    static final int END_STREAM = 1;
    static final int ACK = 1;
    static final int END_HEADERS = 4;
    private static final int MAX_FRAME = 16 * 1024;
    static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    private final Socket socket;
    private final DataInputStream in;
    private final HpackDecoder hpack = new HpackDecoder(64 * 1024, System::nanoTime);
    private final Deque<String> table = new ArrayDeque<>();
    private int tableSize;
    private String scheme = "http";
    private String authority = "localhost";
    private int lastStream = -1;

    /** Connects and sends the preface. */
    public RawHttp2(int port) throws IOException {
        this(new Socket(InetAddress.getLoopbackAddress(), port));
        send(PREFACE.getBytes(StandardCharsets.US_ASCII));
        frame(SETTINGS, 0, 0, new byte[0]);
    }

    /** Uses an open connection; sends nothing. */
    RawHttp2(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(10_000);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
    }

    /** From now on, claims this scheme for requests, true or not. */
    RawHttp2 claiming(String claimed) {
        scheme = claimed;
        return this;
    }

    /** From now on, sends requests with this authority. */
    RawHttp2 asking(String host) {
        authority = host;
        return this;
    }

    /** A frame as it arrived. */
    record Frame(int type, int flags, int stream, byte[] payload) {}

    /** An answer as it arrived. */
    public record Answer(int status, String body) {}

    /** A whole answer: its trailers are among the fields. */
    record Whole(int status, Map<String, String> fields, byte[] body) {}

    /**
     * Sends a request without a body, with fields in pairs of name and value; each goes into the connection's field
     * table.
     */
    public Answer exchange(String method, String path, String... fields) throws IOException {
        return exchange(method, path, new byte[0], fields);
    }

    /** The same with a body. */
    public Answer exchange(String method, String path, byte[] body, String... fields) throws IOException {
        int stream = headers(block(method, path, fields), body.length == 0);
        if (body.length > 0) {
            frame(DATA, END_STREAM, stream, body);
        }
        return answer(stream);
    }

    /** Sends a request whose header takes as many frames as it needs, none of it in the connection's field table. */
    Answer exchange(Fragmented header) throws IOException {
        int stream = nextStream();
        byte[] block = header.block();
        for (int at = 0; at < block.length; at += MAX_FRAME) {
            int end = Math.min(block.length, at + MAX_FRAME);
            frame(
                    at == 0 ? HEADERS : CONTINUATION,
                    (at == 0 ? END_STREAM : 0) | (end == block.length ? END_HEADERS : 0),
                    stream,
                    Arrays.copyOfRange(block, at, end));
        }
        return answer(stream);
    }

    /** A header that may be longer than a frame. */
    record Fragmented(byte[] block) {}

    Fragmented fragmented(String method, String path, String... fields) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.writeBytes(block(method, path));
        for (int i = 0; i < fields.length; i += 2) {
            block.write(0);
            text(block, fields[i]);
            text(block, fields[i + 1]);
        }
        return new Fragmented(block.toByteArray());
    }

    /** Sends a header whole and returns its stream. */
    int headers(byte[] block, boolean endStream) throws IOException {
        int stream = nextStream();
        frame(HEADERS, END_HEADERS | (endStream ? END_STREAM : 0), stream, block);
        return stream;
    }

    int nextStream() {
        lastStream += 2;
        return lastStream;
    }

    /** A request's fields (RFC 7541): by number when the connection's table has them, as clients send them. */
    byte[] block(String method, String path, String... fields) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        field(block, ":method", method);
        field(block, ":scheme", scheme);
        field(block, ":path", path);
        field(block, ":authority", authority);
        for (int i = 0; i < fields.length; i += 2) {
            field(block, fields[i], fields[i + 1]);
        }
        return block.toByteArray();
    }

    private void field(ByteArrayOutputStream block, String name, String value) {
        int place = 62;
        for (String known : table) {
            if (known.equals(name + ": " + value)) {
                block.write(0x80 | place);
                return;
            }
            place++;
        }
        // with incremental indexing
        block.write(0x40);
        text(block, name);
        text(block, value);
        table.addFirst(name + ": " + value);
        tableSize += name.length() + value.length() + 32;
        while (tableSize > 4_096) {
            tableSize -= table.removeLast().length() - 2 + 32;
        }
    }

    private static void text(ByteArrayOutputStream block, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        if (bytes.length < 0x7f) {
            block.write(bytes.length);
        } else {
            block.write(0x7f);
            int rest = bytes.length - 0x7f;
            for (; rest >= 0x80; rest >>= 7) {
                block.write(rest & 0x7f | 0x80);
            }
            block.write(rest);
        }
        block.writeBytes(bytes);
    }

    void frame(int type, int flags, int stream, byte[] payload) throws IOException {
        send(ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >> 16))
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array());
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    /** The answer on this stream; other frames are skipped, and settings are confirmed. */
    Answer answer(int stream) throws IOException {
        Whole whole = whole(stream);
        return new Answer(whole.status(), new String(whole.body(), StandardCharsets.UTF_8));
    }

    /** The same with its fields. */
    Whole whole(int stream) throws IOException {
        int status = 0;
        Map<String, String> fields = new HashMap<>();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            Frame frame = read();
            if (frame.type() == HEADERS) {
                MetaData head = decode(frame.payload());
                if (frame.stream() == stream) {
                    status = head instanceof MetaData.Response response ? response.getStatus() : status;
                    head.getHttpFields().forEach(field -> fields.put(field.getName(), field.getValue()));
                }
            } else if (frame.type() == DATA && frame.stream() == stream) {
                body.writeBytes(frame.payload());
            } else if (frame.type() == GO_AWAY || frame.type() == RST_STREAM && frame.stream() == stream) {
                throw new IOException("refused with a frame of type " + frame.type());
            } else if (frame.type() == SETTINGS && frame.flags() == 0) {
                frame(SETTINGS, ACK, 0, new byte[0]);
            }
            if (frame.stream() == stream && frame.type() <= HEADERS && (frame.flags() & END_STREAM) != 0) {
                return new Whole(status, fields, body.toByteArray());
            }
        }
    }

    private MetaData decode(byte[] block) throws IOException {
        try {
            return hpack.decode(ByteBuffer.wrap(block));
        } catch (HpackException e) {
            throw new IOException(e);
        }
    }

    /** The next frame of any type. */
    Frame read() throws IOException {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        return new Frame(type, flags, stream, in.readNBytes(length));
    }

    /** Whether the server has closed, after anything that it still sent. */
    boolean isClosedByServer() throws IOException {
        try {
            while (true) {
                read();
            }
        } catch (EOFException | java.net.SocketException e) {
            return true;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
