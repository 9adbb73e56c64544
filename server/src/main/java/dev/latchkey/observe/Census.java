package dev.latchkey.observe;

import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.apitoken.TokenCensus;
import dev.latchkey.event.LostChange;
import dev.latchkey.event.LostChanges;
import org.jspecify.annotations.Nullable;

/**
 * Numbers that the database has to count. They are counted once a minute, so that reading the metrics never waits for the
 * database; while they are unknown, they are NaN.
 */
public final class Census {
    private final ApiTokens apiTokens;
    private final LostChanges lostChanges;
    private volatile @Nullable Counted counted;

    private record Counted(TokenCensus tokens, long openLostChanges, long unconfirmedHistories) {}

    public Census(ApiTokens apiTokens, LostChanges lostChanges) {
        this.apiTokens = apiTokens;
        this.lostChanges = lostChanges;
    }

    /** Counts all of them now. */
    public void count() {
        @Nullable Counted found = null;
        try {
            found = new Counted(
                    apiTokens.census(), lostChanges.count(LostChange.State.OPEN), lostChanges.unconfirmed());
        } finally {
            counted = found;
        }
    }

    double tokens(ApiToken.State state) {
        Counted known = counted;
        return known == null ? Double.NaN : known.tokens().byState().getOrDefault(state, 0L);
    }

    double openLostChanges() {
        Counted known = counted;
        return known == null ? Double.NaN : known.openLostChanges();
    }

    double unconfirmedHistories() {
        Counted known = counted;
        return known == null ? Double.NaN : known.unconfirmedHistories();
    }
}
