package dev.latchkey;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A port for a program that cannot choose one itself. It is below those that the system assigns automatically; otherwise another
 * connection could have it before the program listens.
 */
public final class FreePort {
    private static final int FIRST = 10_000;
    private static final int END = 32_000;

    private FreePort() {}

    /** One on which nothing listens. */
    public static int find() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, END);
            try (ServerSocket socket = new ServerSocket(port)) {
                return socket.getLocalPort();
            } catch (BindException e) {
                // Taken.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
