package dev.latchkey.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One non-blocking connection of HTTP/1.1: it sends a request, reads the status of the response, and discards the body. It opens
 * when it is first needed, and again after a failure.
 */
final class Wire {
    private static final int HEAD_BYTES = 32 * 1024;
    private static final int UNKNOWN = -1;
    private static final Pattern LENGTH = Pattern.compile("\r\ncontent-length: *(\\d+)");

    private final Selector selector;
    private final InetSocketAddress server;
    private final InetSocketAddress local;
    private final ByteBuffer incoming = ByteBuffer.allocateDirect(HEAD_BYTES);
    private ByteBuffer outgoing = ByteBuffer.allocate(0);
    private @Nullable SocketChannel channel;
    private @Nullable SelectionKey key;

    /** The status of the response that is being read, once it is known. */
    private int status = UNKNOWN;

    private boolean closing;
    private long bodyLeft;

    /** The number of the request in progress. */
    private long request;

    /** @param local the address to call from, with port 0 */
    Wire(Selector selector, InetSocketAddress server, InetSocketAddress local) {
        this.selector = selector;
        this.server = server;
        this.local = local;
    }

    /** The bytes of a request. */
    static byte[] request(Call call) {
        URI uri = URI.create(call.url());
        String body = call.body();
        String target = uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
        StringBuilder text = new StringBuilder(body == null ? "GET " : "POST ")
                .append(target)
                .append(" HTTP/1.1\r\nHost: ")
                .append(uri.getAuthority())
                .append("\r\n");
        call.fields()
                .forEach((name, value) ->
                        text.append(name).append(": ").append(value).append("\r\n"));
        if (body != null) {
            text.append("Content-Type: ")
                    .append(call.type())
                    .append("\r\nContent-Length: ")
                    .append(body.length())
                    .append("\r\n");
        }
        return text.append("\r\n").append(body == null ? "" : body).toString().getBytes(StandardCharsets.US_ASCII);
    }

    long request() {
        return request;
    }

    /** Sends the request with this number; {@link #progress} returns its response. */
    void send(long number, byte[] bytes) throws IOException {
        request = number;
        status = UNKNOWN;
        outgoing = ByteBuffer.wrap(bytes);
        incoming.clear();
        if (channel == null) {
            channel = SocketChannel.open();
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.bind(local);
            key = channel.register(selector, SelectionKey.OP_CONNECT, this);
            channel.connect(server);
        } else {
            write();
        }
    }

    /** Continues as far as the network allows; returns the status once the response is complete, 0 before. */
    int progress() throws IOException {
        SocketChannel open = channel;
        if (open == null || key == null) {
            return 0;
        }
        if (key.isConnectable()) {
            open.finishConnect();
            write();
            return 0;
        }
        if (key.isWritable()) {
            write();
        }
        return key.isReadable() ? read(open) : 0;
    }

    private void write() throws IOException {
        if (channel == null || key == null) {
            return;
        }
        channel.write(outgoing);
        int wanted = SelectionKey.OP_READ | (outgoing.hasRemaining() ? SelectionKey.OP_WRITE : 0);
        if (key.interestOps() != wanted) {
            key.interestOps(wanted);
        }
    }

    private int read(SocketChannel open) throws IOException {
        int count;
        while ((count = open.read(incoming)) > 0) {
            if (status == UNKNOWN) {
                readHead();
            } else {
                bodyLeft -= count;
                incoming.clear();
            }
            if (status != UNKNOWN && bodyLeft <= 0) {
                if (closing) {
                    close();
                }
                return status;
            }
        }
        if (count < 0) {
            throw new EOFException();
        }
        return 0;
    }

    private void readHead() throws IOException {
        int end = endOfHead();
        if (end < 0) {
            if (!incoming.hasRemaining()) {
                throw new IOException("an answer's head of more than " + HEAD_BYTES + " bytes");
            }
            return;
        }
        byte[] head = new byte[end];
        incoming.get(0, head);
        String text = new String(head, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
        int found = Integer.parseInt(text, 9, 12, 10);
        Matcher length = LENGTH.matcher(text);
        if (length.find()) {
            bodyLeft = Long.parseLong(length.group(1));
        } else if (found == 204 || found == 304) {
            bodyLeft = 0;
        } else {
            throw new IOException("an answer without a length");
        }
        bodyLeft -= incoming.position() - end;
        closing = text.contains("\r\nconnection: close");
        status = found;
        incoming.clear();
    }

    /** The position after the empty line, or -1 if that has not arrived. */
    private int endOfHead() {
        for (int i = 3; i < incoming.position(); i++) {
            if (incoming.get(i) == '\n' && incoming.get(i - 2) == '\n') {
                return i + 1;
            }
        }
        return -1;
    }

    void close() {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // It is closed either way.
        }
        channel = null;
        key = null;
    }
}
