package dev.latchkey.usage;

import java.util.Arrays;
import java.util.Optional;

/** What calls are summed by. */
public enum GroupBy {
    ENDPOINT("endpoint"),
    TOKEN("token"),
    /** The role that the token has now. */
    ROLE("role"),
    API("api"),
    /** The address from which a token called: by the day, and for a token only. */
    ADDRESS("address");

    private final String text;

    GroupBy(String text) {
        this.text = text;
    }

    /** The public name. */
    public String text() {
        return text;
    }

    static Optional<GroupBy> of(String text) {
        return Arrays.stream(values())
                .filter(groupBy -> groupBy.text.equals(text))
                .findFirst();
    }
}
