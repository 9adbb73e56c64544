package dev.latchkey.bench.chaos;

import java.util.List;

/**
 * A broken promise.
 *
 * @param calls the calls that show it, and what happened around them
 */
record Finding(Rule rule, String text, List<String> calls) {
    enum Rule {
        ENDED_AND_ACCEPTED("an access was accepted after its basis had ended"),
        ANSWERED_AND_MISSING("a confirmed change is missing and not listed as lost"),
        ENDED_AND_BACK("something that had ended is valid again at the end"),
        CHAIN_BROKEN("the chain of events is broken"),
        COUNT_WRONG("a stored number differs from the list"),
        GOOD_AND_REFUSED("an access was refused although its basis is valid"),
        UNANSWERED("a node in contact with the database said neither yes nor no"),
        NODE_UNWELL("a node does not answer its administrator although everything is repaired");

        private final String text;

        Rule(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    Finding {
        calls = List.copyOf(calls);
    }

    @Override
    public String toString() {
        return rule + " (" + rule.text() + "): " + text + "\n    " + String.join("\n    ", calls);
    }
}
