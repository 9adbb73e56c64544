package dev.latchkey.advice;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Api;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

/**
 * The role that advice is about, and what surrounds it.
 *
 * @param own Latchkey's own API
 * @param holders the tokens with the role and with the roles above it
 * @param askers the tokens that may read policies or ask AuthZEN
 * @param grantedAt when the role got those of its privileges that it got since calls are counted
 * @param doubts what is doubtful whatever was called
 * @param since since when all calls are counted
 */
public record Subject(
        Role role,
        AccessPolicy policy,
        Api own,
        List<Holder> holders,
        List<Holder> askers,
        Map<Privilege, Instant> grantedAt,
        List<Doubt> doubts,
        Window window,
        Instant now,
        Instant since) {

    /** When the window begins: a whole number of days before this one. */
    public Instant from() {
        return from(window, now);
    }

    static Instant from(Window window, Instant now) {
        return now.truncatedTo(ChronoUnit.DAYS).minus(Duration.ofDays(window.days()));
    }
}
