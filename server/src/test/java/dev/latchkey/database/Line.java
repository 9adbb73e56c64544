package dev.latchkey.database;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The connection to a PostgreSQL server, which a test can hold up or cut. */
public final class Line implements AutoCloseable {
    private static final Pattern URL = Pattern.compile("(jdbc:postgresql://)([^:/]+):([0-9]+)(/.*)");

    private final Matcher target;
    private final int port;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private ServerSocket listening;
    private volatile boolean held;

    /** To the server of this URL. */
    public Line(String url) {
        target = URL.matcher(url);
        if (!target.matches()) {
            throw new IllegalArgumentException(url);
        }
        try {
            listening = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
            port = listening.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        listen(listening);
    }

    /** The same database at this end of the line. */
    public String url() {
        return target.group(1) + host() + target.group(4);
    }

    public String host() {
        return "127.0.0.1:" + port;
    }

    private void listen(ServerSocket socket) {
        Thread.startVirtualThread(() -> {
            while (true) {
                try {
                    Socket near = socket.accept();
                    Thread.startVirtualThread(() -> connect(near));
                } catch (IOException e) {
                    return;
                }
            }
        });
    }

    private void connect(Socket near) {
        try (near;
                Socket far = new Socket()) {
            open.add(near);
            open.add(far);
            far.connect(new InetSocketAddress(target.group(2), Integer.parseInt(target.group(3))));
            Thread back = Thread.startVirtualThread(() -> pass(far, near));
            pass(near, far);
            back.join();
        } catch (IOException e) {
            // Cut.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(near);
        }
    }

    private void pass(Socket from, Socket to) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[16 * 1024];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                awaitFree();
                out.write(buffer, 0, read);
            }
        } catch (IOException | InterruptedException e) {
            // Cut.
        }
    }

    private void awaitFree() throws InterruptedException {
        lock.lock();
        try {
            while (held) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** From now on nothing arrives, and neither end learns of it. */
    public void hold() {
        held = true;
    }

    /** What was held up arrives, and everything after it. */
    public void free() {
        lock.lock();
        try {
            held = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Ends all connections and refuses new ones. */
    public void cut() {
        try {
            listening.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        open.clear();
        free();
    }

    /** Accepts connections again, after {@link #cut}. */
    public void mend() {
        try {
            listening = new ServerSocket(port, 100, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        listen(listening);
    }

    @Override
    public void close() {
        cut();
    }
}
