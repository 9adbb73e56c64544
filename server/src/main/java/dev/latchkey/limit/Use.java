package dev.latchkey.limit;

/**
 * How much of one limit is used.
 *
 * @param limited whose limit it is
 * @param measure which of its limits
 */
public record Use(Limited limited, Measure measure, Standing standing) {
    /** From this much on, in percent, people are warned. */
    public static final int NEAR = 80;

    /** What the limit allows, in words, such as "10,000 calls a day". */
    public String allowed() {
        Long most = limited.limits().of(measure);
        return measure.amount(most == null ? 0 : most);
    }

    /** How much of it is used. */
    public long used() {
        return standing.quota() - standing.left();
    }

    /** Whether it counts in periods. A rate is whole again after seconds. */
    public boolean isQuota() {
        return measure.isQuota();
    }

    /** Whether so much of a quota is used that people should know. */
    public boolean isNear() {
        return isQuota() && isNear(used(), standing.quota());
    }

    static boolean isNear(long used, long most) {
        // Without overflow: quotas can be large.
        return used >= most - most / 100 * (100 - NEAR) - most % 100 * (100 - NEAR) / 100;
    }
}
