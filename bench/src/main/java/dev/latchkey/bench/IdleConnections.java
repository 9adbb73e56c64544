package dev.latchkey.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** Connections from many addresses on which nothing is sent. */
final class IdleConnections implements Disturbance {
    private static final int ADDRESSES = 100;
    private static final int CONNECT_MILLIS = 1_000;

    @Override
    public String name() {
        return "idle";
    }

    @Override
    public String title(Size size) {
        return Report.whole(size.idle()) + " idle connections from " + ADDRESSES + " addresses";
    }

    @Override
    public Going begin(Scene scene) {
        Opening opening = new Opening(scene.server(), scene.size().idle());
        Thread thread = Thread.ofPlatform().name("idle").start(opening);
        return () -> {
            opening.stopped = true;
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return opening.closed();
        };
    }

    /** Opens them one after the other, which takes a second. */
    private static final class Opening implements Runnable {
        private final InetSocketAddress server;
        private final int number;
        private final List<SocketChannel> open = new ArrayList<>();
        private int refused;
        private double seconds;
        private volatile boolean stopped;

        Opening(InetSocketAddress server, int number) {
            this.server = server;
            this.number = number;
        }

        @Override
        public void run() {
            long start = System.nanoTime();
            for (int i = 0; i < number && !stopped; i++) {
                try {
                    SocketChannel channel = SocketChannel.open();
                    open.add(channel);
                    channel.bind(new InetSocketAddress("127.0.0." + (2 + i % ADDRESSES), 0));
                    channel.socket().connect(server, CONNECT_MILLIS);
                    channel.configureBlocking(false);
                } catch (IOException e) {
                    refused++;
                }
            }
            seconds = (System.nanoTime() - start) / 1e9;
        }

        String closed() {
            int left = 0;
            ByteBuffer nothing = ByteBuffer.allocate(1);
            for (SocketChannel channel : open) {
                try (channel) {
                    left += channel.isConnected() && channel.read(nothing) == 0 ? 1 : 0;
                } catch (IOException e) {
                    // Closed by the server, like one that is read to the end.
                }
            }
            return "%s opened in %s s, %s failed, %s still open at the end"
                    .formatted(
                            Report.whole(open.size() - refused),
                            Report.number(seconds),
                            Report.whole(refused),
                            Report.whole(left));
        }
    }
}
