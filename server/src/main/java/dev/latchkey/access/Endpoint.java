package dev.latchkey.access;

import java.util.Locale;

/**
 * One endpoint of an API: which requests it takes, and what they need.
 *
 * @param method an HTTP method, upper case
 * @param path a template such as {@code /invoices/{id}}, below the API's base path
 * @param summary one line for people; may be empty
 */
public record Endpoint(String method, String path, Requirement requirement, String summary)
        implements Meaning, Comparable<Endpoint> {

    /** What a request to an endpoint needs. */
    public sealed interface Requirement {
        /** An access token whose role has the privilege. */
        record Holds(Privilege privilege) implements Requirement {}

        /** Any good access token for the API. */
        record AnyToken() implements Requirement {}

        /** Nothing: whoever calls need not say who they are. */
        record Nothing() implements Requirement {}

        /** For people, and for the log. */
        default String text() {
            return switch (this) {
                case Holds holds -> holds.privilege().name();
                case AnyToken anyToken -> "any token";
                case Nothing nothing -> "public";
            };
        }
    }

    /** Such as {@code GET /invoices/{id}}. */
    public String name() {
        return method + " " + path;
    }

    /** Whether somebody with a good access token and these privileges may call it. */
    public boolean isOpenTo(EffectivePrivileges privileges) {
        return !(requirement instanceof Requirement.Holds holds) || privileges.has(holds.privilege());
    }

    /** Whether it has to do with what somebody searches for, in lower case. */
    public boolean isAbout(String search) {
        return (name() + " " + summary + " " + requirement.text())
                .toLowerCase(Locale.ROOT)
                .contains(search);
    }

    @Override
    public int compareTo(Endpoint other) {
        int byPath = path.compareTo(other.path);
        return byPath != 0 ? byPath : method.compareTo(other.method);
    }
}
