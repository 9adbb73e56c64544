package dev.latchkey.access;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

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
        /**
         * An access token whose role has the privileges, all of them.
         *
         * @param privileges at least one, in order, each once
         */
        record Holds(List<Privilege> privileges) implements Requirement {
            public Holds {
                if (privileges.isEmpty()) {
                    throw new IllegalArgumentException("nothing to hold would be open to everybody");
                }
                privileges = privileges.stream().distinct().sorted().toList();
            }

            public Holds(Privilege only) {
                this(List.of(only));
            }

            /** The privileges of an API by their names. */
            public static Holds of(String api, Collection<String> names) {
                return new Holds(
                        names.stream().map(name -> new Privilege(api, name)).toList());
            }

            /** Without the API, in order. */
            public List<String> names() {
                return privileges.stream().map(Privilege::name).toList();
            }

            /** Whether whoever holds what is said to be held may call the endpoint. Asked at every call. */
            public boolean isMetBy(Predicate<Privilege> held) {
                for (int i = 0; i < privileges.size(); i++) {
                    if (!held.test(privileges.get(i))) {
                        return false;
                    }
                }
                return true;
            }

            /** Those that are not held. */
            public List<Privilege> missing(Predicate<Privilege> held) {
                return privileges.stream().filter(held.negate()).toList();
            }
        }

        /** Any good access token for the API. */
        record AnyToken() implements Requirement {}

        /** Nothing: whoever calls need not say who they are. */
        record Nothing() implements Requirement {}

        /** For people, and for the log. */
        default String text() {
            return switch (this) {
                case Holds holds -> String.join(" and ", holds.names());
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
        return !(requirement instanceof Requirement.Holds holds) || holds.isMetBy(privileges::has);
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
