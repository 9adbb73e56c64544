package dev.latchkey.advice;

import dev.latchkey.access.Api;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;

/** What is doubtful because of a single token: its age, its rhythm, and calls that Latchkey was not asked about. */
final class TokenDoubts {
    /** What happens once a year has happened in this time. */
    private static final long YEAR_AND_A_MONTH = 395;

    /** A token whose access tokens are left unused at most once in so many days calls where calls are counted. */
    private static final int USUALLY = 10;

    private final Subject subject;
    private final Recorded recorded;
    private final Doubts doubts;

    TokenDoubts(Subject subject, Recorded recorded, Doubts doubts) {
        this.subject = subject;
        this.recorded = recorded;
        this.doubts = doubts;
    }

    /** Adds the doubts about a token whose use matters. */
    void add(Holder holder) {
        if (!holder.ended()) {
            if (holder.begins().isAfter(subject.from())) {
                doubts.add(Doubt.until(holder.begins(), Reason.YOUNG_TOKEN, holder.name()));
            } else if (!hasKnownRhythm(holder)) {
                doubts.add(Doubt.always(Reason.UNKNOWN_RHYTHM, holder.name()));
            }
        }
        for (Api api : subject.policy().apis()) {
            addUncounted(holder, api.name());
        }
    }

    /** Whether the token was used at least twice, and never paused for longer than half of the time that is known. */
    private boolean hasKnownRhythm(Holder holder) {
        Instant begins = holder.begins().isAfter(subject.since()) ? holder.begins() : subject.since();
        int first = Math.max(0, recorded.day(begins));
        int today = recorded.day(subject.now());
        int known = today - first;
        if (known >= YEAR_AND_A_MONTH) {
            return true;
        }
        BitSet used = recorded.of(holder.clientId()).used;
        if (used.get(first, today + 1).cardinality() < 2) {
            return false;
        }
        int longest = 0;
        int last = first;
        for (int day = used.nextSetBit(first); day >= 0; day = used.nextSetBit(day + 1)) {
            longest = Math.max(longest, day - last);
            last = day;
        }
        return 2 * Math.max(longest, today - last) <= known;
    }

    /** An access token of one day may be used on the next. Without a call on either, it was used where nothing is counted. */
    private void addUncounted(Holder holder, String api) {
        Recorded.OfOne one = recorded.of(holder.clientId());
        BitSet issued = new BitSet();
        one.allowed.forEach((called, total) -> {
            if (called.api().equals(api) && called.isIssuing()) {
                issued.or(total.days);
            }
        });
        BitSet decided = one.decided.getOrDefault(api, new BitSet());
        BitSet uncounted = new BitSet();
        issued.stream()
                .filter(day -> !decided.get(day) && !decided.get(day + 1))
                .forEach(uncounted::set);
        if (uncounted.isEmpty()) {
            return;
        }
        Doubt doubt = Doubt.until(recorded.end(uncounted.length() - 1), Reason.NO_CALLS_COUNTED, holder.name());
        if (uncounted.cardinality() * USUALLY > issued.cardinality()) {
            doubts.keep(api, doubt);
        } else {
            doubts.add(api, doubt);
        }
    }

    /** Adds the doubts about a token whose program may decide on its own. */
    void addAsker(Holder asker) {
        recorded.of(asker.clientId()).allowed.forEach((called, total) -> {
            Instant until = recorded.end(total.days.length() - 1).plus(Duration.ofDays(1));
            if (called.equals(Reading.POLICY)) {
                about(asker, Doubt.until(until, Reason.OWN_VERIFIER, asker.name()));
            } else if (Reading.isEvaluation(called)) {
                about(asker, Doubt.until(until, Reason.AUTHZEN, asker.name()));
            }
        });
    }

    private void about(Holder asker, Doubt doubt) {
        String only = asker.actsFor();
        List<String> apis = only != null
                ? List.of(only)
                : subject.policy().apis().stream().map(Api::name).toList();
        apis.forEach(api -> doubts.add(api, doubt));
    }
}
