package dev.latchkey;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has been opened and must be closed, the last opened first. */
final class OpenParts implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(OpenParts.class);

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    <T extends AutoCloseable> T add(T part) {
        parts.push(part);
        return part;
    }

    /** Closes all of them, even when one fails. */
    @Override
    public void close() {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                log.warn("A part of the service failed to close: {}", e.toString());
            }
        }
    }
}
