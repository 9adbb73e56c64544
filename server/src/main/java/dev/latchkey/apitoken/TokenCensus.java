package dev.latchkey.apitoken;

import dev.latchkey.apitoken.ApiToken.State;
import java.util.EnumMap;
import java.util.Map;

/**
 * How many API tokens there are.
 *
 * @param byState the number in each state, counted as far as that is quick; active ones include those that end soon
 */
public record TokenCensus(Map<State, Long> byState) {
    static TokenCensus of(Map<State, Count> counts) {
        Map<State, Long> numbers = new EnumMap<>(State.class);
        counts.forEach((state, count) -> numbers.put(state, count.number()));
        return new TokenCensus(numbers);
    }
}
