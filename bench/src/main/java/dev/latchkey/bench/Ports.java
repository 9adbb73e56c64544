package dev.latchkey.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for servers that are stopped and started again: outside the range from which the system assigns ports to outgoing
 * connections.
 */
public final class Ports {
    private static final int LEAST = 20_000;
    private static final int MOST = 32_000;

    private Ports() {}

    public static int free() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(LEAST, MOST);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException e) {
                // It is in use.
            }
        }
    }

    public static List<Integer> free(int number) {
        List<Integer> ports = new ArrayList<>();
        while (ports.size() < number) {
            int port = free();
            if (!ports.contains(port)) {
                ports.add(port);
            }
        }
        return ports;
    }
}
