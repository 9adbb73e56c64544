package dev.latchkey.bench.chaos;

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

/** A connection from one process to another that can be cut: silently, as when a network drops everything, or with resets. */
final class Link implements AutoCloseable {
    /** Within this time, everything that was on its way when a link was cut has arrived. */
    private static final long IN_FLIGHT_MILLIS = 10;

    private static final int BUFFER = 16 * 1024;

    private enum State {
        OPEN,
        SILENT,
        RESETTING,
        CLOSED
    }

    private final ServerSocket door;
    private final int target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private State state = State.OPEN;

    /** @param target the port on this machine that it leads to */
    Link(int target) {
        this.target = target;
        try {
            door = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().name("link " + port() + " to " + target).start(this::accept);
    }

    int port() {
        return door.getLocalPort();
    }

    /**
     * Stops letting anything through, without telling either side. Data that is sent during that time arrives after {@link
     * #heal}.
     */
    void silence() {
        set(State.SILENT);
    }

    /** Ends all connections and refuses new ones. */
    void reset() {
        set(State.RESETTING);
        sockets.forEach(this::abort);
    }

    void heal() {
        set(State.OPEN);
    }

    private void set(State next) {
        synchronized (this) {
            if (state != State.CLOSED) {
                state = next;
            }
            notifyAll();
        }
        try {
            Thread.sleep(next == State.SILENT ? IN_FLIGHT_MILLIS : 0);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits while the link is silent; returns whether it is then open. */
    private synchronized boolean isOpen() throws InterruptedException {
        while (state == State.SILENT) {
            wait();
        }
        return state == State.OPEN;
    }

    private void accept() {
        while (true) {
            try {
                Socket near = door.accept();
                sockets.add(near);
                Thread.ofVirtual().start(() -> join(near));
            } catch (IOException e) {
                // closed
                return;
            }
        }
    }

    private void join(Socket near) {
        Socket far = new Socket();
        try {
            if (!isOpen()) {
                abort(near);
                return;
            }
            far.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
            near.setTcpNoDelay(true);
            far.setTcpNoDelay(true);
            sockets.add(far);
            Thread back = Thread.ofVirtual().start(() -> copy(far, near));
            copy(near, far);
            back.join();
        } catch (IOException e) {
            // Nothing listens there: the caller learns it as if it had connected there itself.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            abort(near);
            abort(far);
        }
    }

    private void copy(Socket from, Socket to) {
        byte[] buffer = new byte[BUFFER];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            int length = in.read(buffer);
            while (length >= 0 && isOpen()) {
                out.write(buffer, 0, length);
                length = in.read(buffer);
            }
            if (isOpen()) {
                to.shutdownOutput();
                return;
            }
        } catch (IOException e) {
            // One side has closed, so the other must close.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        abort(from);
        abort(to);
    }

    /** Closes with a reset instead of an orderly close. */
    private void abort(Socket socket) {
        sockets.remove(socket);
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // It was closed already.
        }
    }

    @Override
    public void close() {
        set(State.CLOSED);
        try {
            door.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        sockets.forEach(this::abort);
    }
}
