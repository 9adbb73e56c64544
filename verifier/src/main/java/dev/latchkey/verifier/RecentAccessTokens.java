package dev.latchkey.verifier;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Access tokens that were verified lately. Two generations: when the young one is full it becomes the old one, which is
 * dropped with all that was not asked for since. So it is bounded, forgets what is no longer used, and reading takes no
 * lock.
 */
final class RecentAccessTokens {
    private final int generation;
    private volatile Map<String, AccessToken> young = new ConcurrentHashMap<>();
    private volatile Map<String, AccessToken> old = Map.of();

    /** @param capacity how many at most */
    RecentAccessTokens(int capacity) {
        this.generation = capacity / 2;
    }

    @Nullable AccessToken get(String compact) {
        AccessToken known = young.get(compact);
        if (known == null) {
            known = old.get(compact);
            if (known != null) {
                put(compact, known);
            }
        }
        return known;
    }

    void put(String compact, AccessToken accessToken) {
        if (young.size() >= generation) {
            age();
        }
        young.put(compact, accessToken);
    }

    private synchronized void age() {
        if (young.size() >= generation) {
            old = young;
            young = new ConcurrentHashMap<>();
        }
    }

    int size() {
        return young.size() + old.size();
    }
}
