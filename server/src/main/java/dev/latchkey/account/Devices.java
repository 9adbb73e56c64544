package dev.latchkey.account;

import dev.latchkey.crypto.KeyedHash;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.RandomKey;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The proof that a person has signed in with this browser before. A browser that presents it does not wait behind strangers
 * who guess at the person's password. It opens nothing: the password is still needed, and guesses with one proof are slowed
 * down separately. Latchkey keeps no copy: the proof is signed, names its person, and expires.
 */
public final class Devices {
    public static final Duration LIFETIME = Duration.ofDays(90);

    private static final int ID_LENGTH = 16;

    /** User, device, time of creation, and signature. */
    private static final Pattern FORM = Pattern.compile(
            "([0-9a-z]{" + Setup.USER_ID_LENGTH + "})\\.([0-9a-z]{" + ID_LENGTH + "})\\.([0-9]{1,12})\\.(\\S{1,200})");

    private final KeyedHash signatures;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    public Devices(MasterKey masterKey, Clock clock) {
        this.signatures = new KeyedHash(masterKey, "device");
        this.clock = clock;
    }

    /** One browser of one person. */
    record Device(String userId, String id) {}

    /** A proof for the browser in which this person has just signed in. */
    String proof(String userId) {
        String said = userId + "." + RandomKey.generate(random, ID_LENGTH) + "."
                + clock.instant().getEpochSecond();
        return said + "." + signatures.of(said);
    }

    /** The browser that the proof is for; empty when it is not one of ours, or too old. */
    Optional<Device> read(@Nullable String proof) {
        if (proof == null) {
            return Optional.empty();
        }
        var parts = FORM.matcher(proof);
        if (!parts.matches() || !signatures.matches(proof.substring(0, parts.end(3)), parts.group(4))) {
            return Optional.empty();
        }
        Instant made = Instant.ofEpochSecond(Long.parseLong(parts.group(3)));
        return clock.instant().isBefore(made.plus(LIFETIME))
                ? Optional.of(new Device(parts.group(1), parts.group(2)))
                : Optional.empty();
    }
}
