package dev.latchkey.openapi;

import java.util.Set;

/** Interim. */
public final class RemoteDocuments implements AutoCloseable {
    public RemoteDocuments(Set<String> allowedHosts) {}

    @Override
    public void close() {}
}
