package dev.latchkey.bench;

import java.net.InetSocketAddress;
import java.util.List;

/** What people, strangers or other programs do to a server while programs continue to call it. */
interface Disturbance {
    /** All of them, in the order of the table. */
    List<Disturbance> ALL = List.of(
            new Quiet(),
            new SignIns(),
            new Searches(),
            new Imports(),
            new HeldWriteLock(),
            new LockedRows(),
            new IdleConnections());

    /** Its name on the command line. */
    String name();

    /** What it is, for the table. */
    String title(Size size);

    /** Whether it exists with this database. */
    default boolean isPossible(Ground.Engine engine) {
        return true;
    }

    /** Starts it. It runs until it is stopped. */
    Going begin(Scene scene);

    /** A running disturbance. */
    interface Going {
        /**
         * Ends it.
         *
         * @return what it did, and the replies
         */
        String stop();
    }

    /**
     * Where it happens.
     *
     * @param server the server's socket
     * @param seconds how long it will last
     */
    record Scene(
            Latchkey latchkey,
            InetSocketAddress server,
            Management management,
            Ground ground,
            Size size,
            int seconds) {}

    /**
     * How much of everything there is.
     *
     * @param tokens API tokens to be searched
     * @param events events to be searched
     * @param callers API tokens that programs call with, in turn
     * @param signIns a second
     * @param searches at once
     * @param operations of the document that is imported
     * @param idle connections
     */
    record Size(int tokens, int events, int callers, int signIns, int searches, int operations, int idle) {
        static final Size FULL = new Size(1_000_000, 1_500_000, 1_000, 500, 16, 5_000, 5_000);
        static final Size SMALL = new Size(5_000, 20_000, 50, 50, 4, 200, 300);
    }

    /** Nothing at all: what the others are compared with. */
    final class Quiet implements Disturbance {
        @Override
        public String name() {
            return "quiet";
        }

        @Override
        public String title(Size size) {
            return "nothing";
        }

        @Override
        public Going begin(Scene scene) {
            return () -> "";
        }
    }
}
