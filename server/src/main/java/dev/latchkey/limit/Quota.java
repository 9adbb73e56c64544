package dev.latchkey.limit;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** So many in a period of UTC. Each period begins with zero. What is used is told to the database, so that a restart begins where it was. */
final class Quota implements Count {
    /** However late each node tells what it owes, all together exceed the quota by at most five percent. */
    private static final int PORTION = 20;

    private static final long UNTIL_MORE = Duration.ofMillis(200).toNanos();
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long IDLE = Duration.ofMinutes(1).toNanos();

    private final Measure measure;
    private volatile Period period;

    /** As of the last call. */
    private volatile CallLimits limits;

    /** When it was last asked for, accurate to a second. */
    private volatile long asked;

    /** What was used in one period. */
    private static final class Period {
        private final long start;
        private final long end;

        /** What is known of the shared count is how much all nodes have got. */
        private final Part part;

        /** @param taken what all nodes had got when this node began to count */
        Period(Measure measure, long millis, long taken) {
            this.start = measure.start(millis);
            this.end = measure.end(start);
            this.part = new Part(taken);
        }

        /** A clock that is set back a little does not begin a period again. */
        boolean isOver(long millis) {
            return millis >= end || millis < start - Duration.ofMinutes(1).toMillis();
        }
    }

    /** @param taken what all nodes have got in this period */
    Quota(Measure measure, CallLimits limits, long taken, Now now) {
        this.measure = measure;
        this.limits = limits;
        this.period = new Period(measure, now.millis(), taken);
        this.asked = now.nanos();
    }

    private Period period(Now now) {
        Period known = period;
        return known.isOver(now.millis()) ? next(now) : known;
    }

    private synchronized Period next(Now now) {
        if (period.isOver(now.millis())) {
            period = new Period(measure, now.millis(), 0);
        }
        return period;
    }

    @Override
    public long take(CallLimits current, Now now) {
        if (!current.equals(limits)) {
            limits = current;
        }
        if (now.nanos() - asked > SECOND) {
            asked = now.nanos();
        }
        Period here = period(now);
        long most = current.most(measure);
        here.part.ask();
        long known = here.part.take(taken -> credit(Math.max(0, most - taken), now));
        if (known == Part.TAKEN) {
            return 0;
        }
        if (now.isPartial() && known < most) {
            if (now.isLeased()) {
                now.wake().run();
            }
            // Also of a node that is cut off: once the database answers, there may be more.
            return UNTIL_MORE;
        }
        return Math.max(1, Duration.ofMillis(here.end - now.millis()).toNanos());
    }

    /** How much this node may owe. */
    private static long credit(long left, Now now) {
        return switch (now.sharing()) {
            case NONE, ONE -> left;
            case SEVERAL -> Part.credit(left, now.nodes(), PORTION);
            case CUT_OFF -> Math.ceilDiv(left, now.nodes());
        };
    }

    @Override
    public void giveBack(CallLimits current, Now then) {
        Period here = period;
        if (!here.isOver(then.millis())) {
            here.part.giveBack();
        }
    }

    @Override
    public Standing standing(Key key, CallLimits current, Now now) {
        Period here = period(now);
        long most = current.most(measure);
        return new Standing(
                key.policy(),
                most,
                (here.end - here.start) / 1_000,
                Math.clamp(most - here.part.known() - here.part.owed(), 0, most),
                Math.max(0, Math.ceilDiv(here.end - now.millis(), 1_000)));
    }

    @Override
    public boolean isForgettable(Now now) {
        return period.isOver(now.millis()) || (now.nanos() - asked > IDLE && period.part.owed() == 0);
    }

    @Override
    public @Nullable Ask ask(Key key, Now now, boolean last) {
        Period here = period;
        if (here.isOver(now.millis())) {
            return null;
        }
        Part.Need need = last ? here.part.rest() : here.part.need(Long.MAX_VALUE, now.isLeased());
        return need.isNothing() ? null : new Ask(key, limits, here.start, need.owed(), 0, need.wanted());
    }

    @Override
    public void answered(Ask ask, Shared.Answer answer) {
        Period here = period;
        if (here.start == ask.period()) {
            // The row of another period says nothing about this one: then this node continues with what it knows.
            boolean same = answer.count().period() == here.start;
            here.part.answered(
                    ask.owed(), answer.got(), same ? answer.count().taken() : here.part.known() + ask.owed());
        }
    }
}
