package dev.latchkey.bench.chaos;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** What a program has: an API token with its secrets, including removed ones, and its access tokens. */
final class Held {
    private static final int PASSES = 6;

    private final String clientId;
    private final String role;
    private final Map<Long, String> secrets = new ConcurrentHashMap<>();
    private final List<Pass> passes = new CopyOnWriteArrayList<>();

    Held(String clientId, String role, String secret) {
        this.clientId = clientId;
        this.role = role;
        secrets.put(1L, secret);
    }

    /**
     * An access token.
     *
     * @param keyId the key that signed it
     * @param forApi whether it is for the registered API, not for Latchkey's own
     */
    record Pass(String accessToken, String keyId, boolean forApi, long at) {
        @Override
        public String toString() {
            return "Pass[" + keyId + "]";
        }
    }

    String clientId() {
        return clientId;
    }

    String role() {
        return role;
    }

    Thing token() {
        return Thing.token(clientId);
    }

    Map<Long, String> secrets() {
        return secrets;
    }

    void add(long number, String secret) {
        secrets.put(number, secret);
    }

    List<Pass> passes() {
        return passes;
    }

    /** Keeps the newest few. */
    void add(Pass pass) {
        passes.add(pass);
        while (passes.size() > PASSES) {
            passes.removeFirst();
        }
    }
}
