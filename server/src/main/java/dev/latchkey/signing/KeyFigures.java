package dev.latchkey.signing;

import dev.latchkey.signing.SigningKey.State;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The state of the signing keys.
 *
 * @param byState the number of keys in each state that occurs
 * @param age how long the current one has been signing
 * @param rotation after how long another one should sign; zero when keys are changed by hand only
 */
public record KeyFigures(Map<State, Integer> byState, Duration age, Duration rotation) {
    static KeyFigures of(List<SigningKey> keys, SigningPolicy policy, Instant now) {
        Map<State, Integer> byState = new EnumMap<>(State.class);
        keys.forEach(key -> byState.merge(key.state(keys, now), 1, Integer::sum));
        Duration age = Duration.between(SigningKey.signing(keys, now).signsFrom(), now);
        return new KeyFigures(byState, age.isNegative() ? Duration.ZERO : age, Duration.ofDays(policy.rotationDays()));
    }
}
