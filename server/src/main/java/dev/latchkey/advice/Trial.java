package dev.latchkey.advice;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.access.RoleTerms;
import dev.latchkey.crypto.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A role that is tried without some of its privileges. It keeps them: everything is let through, and what would have been refused is
 * found in what was counted.
 *
 * @param until when it passes if nothing would have been refused
 * @param windowDays for how many days the privileges had not been used; null when a caller chose them
 * @param without the privileges to go
 * @param version of the role at the beginning
 * @param about what of the role the trial is about, see {@link #about(AccessPolicy, String)}
 * @param ending null until it ends
 * @param refused what would have been refused, when that ended it
 */
public record Trial(
        String role,
        Instant begunAt,
        String begunBy,
        Instant until,
        @Nullable Integer windowDays,
        SortedSet<Privilege> without,
        long version,
        String about,
        State state,
        @Nullable Ending ending,
        List<RefusedCalls> refused) {

    /** Who ends trials that no one ends by hand: a part of Latchkey. */
    static final String WATCH = "advice";

    /** How a trial is. */
    public enum State {
        RUNNING,
        /** Nothing would have been refused. It can be applied, and is still watched. */
        PASSED,
        STOPPED,
        APPLIED;

        /** The public name. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        static State of(String text) {
            return Arrays.stream(values())
                    .filter(state -> state.text().equals(text))
                    .findFirst()
                    .orElse(STOPPED);
        }
    }

    /** Why a trial stopped. */
    public enum StopReason {
        WOULD_REFUSE,
        ROLE_EDITED,
        TOO_MANY_TOKENS,
        BY_HAND,
        /** One that only a newer version knows. */
        OTHER;

        /** The public name. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        static StopReason of(String text) {
            return Arrays.stream(values())
                    .filter(reason -> reason.text().equals(text))
                    .findFirst()
                    .orElse(OTHER);
        }
    }

    /**
     * How it ended.
     *
     * @param by the name of the actor
     * @param reason null when it was applied
     */
    public record Ending(Instant at, String by, @Nullable StopReason reason) {}

    /** Whether it is still watched: it has not ended. */
    public boolean isOpen() {
        return state == State.RUNNING || state == State.PASSED;
    }

    /** Whether it stopped for this reason. */
    public boolean stoppedBecause(StopReason reason) {
        return state == State.STOPPED && ending != null && ending.reason() == reason;
    }

    /** The terms of the role that is tried. */
    public RoleTerms terms(RoleTerms now) {
        return now.without(without);
    }

    /** Names this trial in this state, in a condition. */
    public long tag() {
        return Tag.of(role, Long.toString(begunAt.toEpochMilli()), without.toString(), state.text());
    }

    /** The same, passed. */
    Trial passed() {
        return new Trial(
                role, begunAt, begunBy, until, windowDays, without, version, about, State.PASSED, null, List.of());
    }

    /** The same, ended. */
    Trial ended(State becomes, Ending how, List<RefusedCalls> calls) {
        return new Trial(
                role, begunAt, begunBy, until, windowDays, without, version, about, becomes, how, List.copyOf(calls));
    }

    /** Whether the role, and what it includes, is what it was at the beginning. */
    boolean isAbout(AccessPolicy policy) {
        return about.equals(about(policy, role));
    }

    /** The trial as it is: that of a role that was edited has ended at once, although the watch only notices minutes later. */
    Trial asOf(AccessPolicy policy, Instant now) {
        return isOpen() && !isAbout(policy)
                ? ended(State.STOPPED, new Ending(now, WATCH, StopReason.ROLE_EDITED), List.of())
                : this;
    }

    /** What the role and the roles below it allow, deny and include, hashed. What everyone has does not matter. */
    static String about(AccessPolicy policy, String name) {
        SortedSet<String> members = new TreeSet<>(policy.activeRoleSet(List.of(name)));
        if (!name.equals(Role.PUBLIC)) {
            members.remove(Role.PUBLIC);
        }
        StringBuilder text = new StringBuilder();
        for (String member : members) {
            policy.role(member)
                    .ifPresent(role -> text.append(role.name())
                            .append(role.allowed())
                            .append(role.denied())
                            .append(role.grantedRoles())
                            .append('\n'));
        }
        return HexFormat.of().formatHex(Sha256.of(text.toString().getBytes(StandardCharsets.UTF_8)), 0, 16);
    }
}
