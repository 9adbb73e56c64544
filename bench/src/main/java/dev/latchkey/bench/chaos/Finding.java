package dev.latchkey.bench.chaos;

import java.util.List;

/**
 * A broken promise.
 *
 * @param calls what shows it: the calls and what went on around them
 */
record Finding(Rule rule, String text, List<String> calls) {
    enum Rule {
        ENDED_AND_ACCEPTED("an access was accepted after what it rests on had ended"),
        ANSWERED_AND_MISSING("an answered change is missing and not listed as lost"),
        ENDED_AND_BACK("something that had ended counts again at the end"),
        CHAIN_BROKEN("the chain of events is not whole"),
        COUNT_WRONG("a kept number is not what the list shows"),
        GOOD_AND_REFUSED("an access was refused though all that it rests on counts"),
        UNANSWERED("a node that hears did not say yes or no"),
        NODE_UNWELL("a node does not answer its administrator though everything is mended");

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
