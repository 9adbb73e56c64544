package dev.latchkey.blueprint;

import dev.latchkey.access.AccessDifference;
import dev.latchkey.access.Privilege;
import dev.latchkey.crypto.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;

/**
 * The difference between what there is and what a blueprint says.
 *
 * @param steps as people read them
 * @param ordered the same steps in the order in which they are made, with those that narrow something in between
 * @param opens what all of them together open and close
 * @param gains the privileges of Latchkey's own API that roles gain
 * @param loses those that they lose
 * @param tokens how many active API tokens each role is assigned to
 * @param notes what people should look at
 * @param versions what all of it is based on
 */
record Plan(
        List<Step> steps,
        List<Step> ordered,
        AccessDifference opens,
        SortedMap<String, SortedSet<Privilege>> gains,
        SortedMap<String, SortedSet<Privilege>> loses,
        Map<String, Long> tokens,
        List<String> notes,
        String versions) {

    boolean isEmpty() {
        return steps.isEmpty();
    }

    /** Names this difference: another one, or another version of what it is based on, has another id. */
    String id() {
        StringBuilder text = new StringBuilder(versions);
        steps.forEach(step ->
                text.append('\n').append(step.verb()).append(step.subject()).append(step.changes()));
        return HexFormat.of().formatHex(Sha256.of(text.toString().getBytes(StandardCharsets.UTF_8)), 0, 6);
    }

    long count(Step.Verb verb) {
        return steps.stream().filter(step -> step.verb() == verb).count();
    }
}
