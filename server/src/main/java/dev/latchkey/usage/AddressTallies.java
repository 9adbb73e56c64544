package dev.latchkey.usage;

import dev.latchkey.http.AddressRange;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * From which addresses API tokens called, counted in memory. A call that was counted before takes a look-up. What is kept is
 * bounded: the first {@value #MOST_OF_TOKEN} addresses with the outcomes of each token, apart for calls that were allowed and
 * for those that were refused, so that a thief does not hide the program; and {@value #MOST} of all tokens. All others of a
 * token are counted together, and beyond {@value #MOST_TOGETHER} entries they are not counted.
 */
final class AddressTallies {
    static final int MOST_OF_TOKEN = 48;
    static final int MOST = 20_000;
    static final int MOST_TOGETHER = 50_000;

    private final Map<CalledFrom, Tally> tallies = new ConcurrentHashMap<>();

    /** The same tallies by addresses that are counted as another one, such as those of IPv6, so that most are not read again. */
    private final Map<CalledFrom, Tally> presented = new ConcurrentHashMap<>();

    private final Map<Whose, AtomicInteger> numbers = new ConcurrentHashMap<>();
    private final Tally beyond = new Tally();

    private record Whose(String clientId, boolean allowed) {}

    void count(String clientId, String address, Outcome outcome) {
        CalledFrom from = new CalledFrom(clientId, address, outcome);
        Tally known = tallies.get(from);
        (known == null ? ofPresented(from) : known).count();
    }

    private Tally ofPresented(CalledFrom from) {
        Tally known = presented.get(from);
        if (known != null) {
            return known;
        }
        String caller = AddressRange.ofOneCaller(from.address());
        Tally tally = tally(from.at(caller));
        if (tallies.get(from) != tally && presented.size() < MOST) {
            presented.put(from, tally);
        }
        return tally;
    }

    private Tally tally(CalledFrom from) {
        Tally known = tallies.get(from);
        if (known != null) {
            return known;
        }
        CalledFrom bounded =
                from.address().equals(CalledFrom.UNKNOWN) || hasRoom(from) ? from : from.at(CalledFrom.OTHERS);
        Tally shared = tallies.get(bounded);
        if (shared != null) {
            return shared;
        }
        return tallies.size() < MOST_TOGETHER ? tallies.computeIfAbsent(bounded, any -> new Tally()) : beyond;
    }

    private boolean hasRoom(CalledFrom from) {
        if (tallies.size() >= MOST) {
            return false;
        }
        AtomicInteger number = numbers.computeIfAbsent(
                new Whose(from.clientId(), from.outcome() == Outcome.ALLOWED), any -> new AtomicInteger());
        // Looked at first, so that it ends.
        return number.get() < MOST_OF_TOKEN && number.incrementAndGet() <= MOST_OF_TOKEN;
    }

    Map<CalledFrom, Tally.Unwritten> unwritten(Instant at) {
        return Tally.unwritten(tallies, at);
    }
}
