package dev.latchkey.usage;

import java.util.Arrays;

/** What became of a call whose program is known. A caller that is not known has no usage. */
public enum Outcome {
    ALLOWED("allowed"),
    /** The token's role lacks a privilege that the endpoint needs. */
    MISSING_PRIVILEGE("missing_privilege"),
    /** The API has no endpoint for the request. */
    NO_ENDPOINT("no_endpoint"),
    /** The request could mean more than one thing. */
    DOUBTFUL_REQUEST("doubtful_request"),
    /** The role allows it, but a limit was reached. */
    LIMITED("limited"),
    /** Refused for a reason that only a newer version knows. */
    OTHER("other");

    private final String text;

    Outcome(String text) {
        this.text = text;
    }

    /** The public name. */
    public String text() {
        return text;
    }

    public static Outcome of(String text) {
        return Arrays.stream(values())
                .filter(outcome -> outcome.text.equals(text))
                .findFirst()
                .orElse(OTHER);
    }
}
