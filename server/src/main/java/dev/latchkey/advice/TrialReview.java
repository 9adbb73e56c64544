package dev.latchkey.advice;

import dev.latchkey.access.Privilege;
import dev.latchkey.access.RoleTerms;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Judges what a role without some of its privileges would have refused since a trial of it began. */
final class TrialReview {
    private TrialReview() {}

    /** @param recorded calls since the day of the beginning, or since a later day */
    static TrialFindings of(Subject subject, Recorded recorded, Set<Privilege> without, Instant begun) {
        RoleReview review = RoleReview.collected(subject, recorded);
        RoleTerms terms = subject.role().terms().without(without);
        Predicate<Made> inTrial = made -> !made.lastAt().isBefore(begun);
        List<Made> made = review.made().stream().filter(inTrial).toList();
        List<RefusedCalls> refused = review.missed(terms).stream()
                .filter(inTrial)
                .map(call -> new RefusedCalls(
                        call.clientId(),
                        call.holder().name(),
                        call.api().name(),
                        call.endpoint().name(),
                        call.calls(),
                        call.lastAt()))
                .sorted(Comparator.comparing(RefusedCalls::lastAt).reversed())
                .toList();
        Instant first = begun.truncatedTo(ChronoUnit.DAYS);
        return new TrialFindings(
                made.stream().mapToLong(Made::calls).sum(),
                (int) made.stream().map(Made::clientId).distinct().count(),
                refused,
                review.doubts(without).stream()
                        .filter(doubt -> doubt.reason().hidesCalls())
                        .filter(doubt -> !doubt.until().isBefore(doubt.reason() == Reason.LOST_CHANGES ? begun : first))
                        .toList());
    }
}
