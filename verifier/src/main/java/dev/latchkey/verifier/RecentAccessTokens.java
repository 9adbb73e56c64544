package dev.latchkey.verifier;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Recently verified access tokens, in two generations: when the young one is full, it becomes the old one, and the
 * previous old one is dropped with everything that has not been used since. So the memory is bounded, what is no longer
 * used is forgotten, and reading takes no lock.
 *
 * <p>The key of an access token is a digest of what was signed, without the signature: from an ECDSA signature (r, s)
 * anyone can make the other valid one, (r, n-s), which must not take a second place.
 */
final class RecentAccessTokens {
    private final long generation;
    private volatile Generation young = new Generation();
    private volatile Map<Place, Seen> old = Map.of();

    /** @param capacity roughly how many bytes they may take at most */
    RecentAccessTokens(long capacity) {
        this.generation = capacity / 2;
    }

    private record Place(long high, long low) {}

    private record Seen(AccessToken accessToken, byte[] signature) {}

    /** The access tokens since the last generation, and their weight. */
    private static final class Generation {
        private final Map<Place, Seen> seen = new ConcurrentHashMap<>();
        private final AtomicLong weight = new AtomicLong();
    }

    @Nullable AccessToken get(String compact) {
        Place place = place(compact);
        Seen known = young.seen.get(place);
        boolean aged = known == null;
        if (aged) {
            known = old.get(place);
        }
        if (known == null || !MessageDigest.isEqual(known.signature(), signature(compact))) {
            return null;
        }
        if (aged) {
            put(place, known);
        }
        return known.accessToken();
    }

    void put(String compact, AccessToken accessToken) {
        put(place(compact), new Seen(accessToken, signature(compact)));
    }

    private void put(Place place, Seen seen) {
        Generation now = young;
        if (now.weight.get() >= generation) {
            age(now);
            now = young;
        }
        if (now.seen.put(place, seen) == null) {
            now.weight.addAndGet(weight(seen));
        }
    }

    private synchronized void age(Generation full) {
        if (young == full) {
            old = full.seen;
            young = new Generation();
        }
    }

    int size() {
        return young.seen.size() + old.size();
    }

    /** Its approximate size in bytes: the objects, and the parts of variable length. */
    private static long weight(Seen seen) {
        Client client = seen.accessToken().client();
        long weight = 500 + seen.signature().length;
        for (String one : client.scopes()) {
            weight += 80 + one.length();
        }
        for (String one : client.roles()) {
            weight += 80 + one.length();
        }
        return weight;
    }

    private static byte[] signature(String compact) {
        return compact.substring(compact.lastIndexOf('.') + 1).getBytes(StandardCharsets.US_ASCII);
    }

    private static Place place(String compact) {
        String signed = compact.substring(0, compact.lastIndexOf('.') + 1);
        ByteBuffer digest = ByteBuffer.wrap(Sha256.begin().digest(signed.getBytes(StandardCharsets.US_ASCII)));
        return new Place(digest.getLong(), digest.getLong());
    }
}
