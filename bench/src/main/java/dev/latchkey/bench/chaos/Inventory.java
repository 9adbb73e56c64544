package dev.latchkey.bench.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** All credentials that programs and people can try. Those that have just been changed are tried most often. */
final class Inventory {
    private static final int RECENT = 30;
    private static final int REMEMBERED = 1_000;

    private final List<Held> held = new ArrayList<>();
    private final List<Held> recent = new ArrayList<>();
    private final List<SignedIn> people = new ArrayList<>();

    /** A person's session. */
    record SignedIn(String userId, String cookie) {
        @Override
        public String toString() {
            return "SignedIn[" + userId + "]";
        }
    }

    synchronized void add(Held one) {
        held.add(one);
        if (held.size() > REMEMBERED) {
            held.removeFirst();
        }
    }

    synchronized void touched(Held one) {
        recent.remove(one);
        recent.add(one);
        if (recent.size() > RECENT) {
            recent.removeFirst();
        }
    }

    synchronized void add(SignedIn person) {
        people.add(person);
        if (people.size() > RECENT) {
            people.removeFirst();
        }
    }

    synchronized Optional<Held> pick(RandomGenerator random) {
        List<Held> from = !recent.isEmpty() && random.nextBoolean() ? recent : held;
        return from.isEmpty() ? Optional.empty() : Optional.of(from.get(random.nextInt(from.size())));
    }

    synchronized Optional<SignedIn> pickPerson(RandomGenerator random) {
        return people.isEmpty() ? Optional.empty() : Optional.of(people.get(random.nextInt(people.size())));
    }
}
