package dev.latchkey.figure;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.stats.CacheStats;
import com.github.benmanes.caffeine.cache.stats.StatsCounter;

/**
 * How much a cache holds, and how often it had what was wanted.
 *
 * @param misses how often something had to be read or computed, or does not exist
 */
public record CacheFigures(long size, long hits, long misses) {
    /** The figures of a cache, whose counter may be older than the cache: it outlives a cache that is replaced. */
    public static CacheFigures of(Cache<?, ?> cache, StatsCounter counter) {
        CacheStats stats = counter.snapshot();
        return new CacheFigures(cache.estimatedSize(), stats.hitCount(), stats.missCount());
    }
}
