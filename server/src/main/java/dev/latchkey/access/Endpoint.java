package dev.latchkey.access;

import dev.latchkey.path.PathTemplate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * One endpoint of an API: which requests it takes, and what they need.
 *
 * @param method an HTTP method, upper case, or {@link McpCall#METHOD} for a call of MCP
 * @param path a template such as {@code /invoices/{id}}, below the API's base path
 * @param summary one line for people; may be empty
 */
public record Endpoint(String method, String path, Requirement requirement, String summary)
        implements Meaning, Comparable<Endpoint> {

    /** What a request to an endpoint needs. */
    public sealed interface Requirement {
        /**
         * An access token whose role has all of the privileges.
         *
         * @param privileges at least one, in order, each once
         */
        record Holds(List<Privilege> privileges) implements Requirement {
            public Holds {
                if (privileges.isEmpty()) {
                    throw new IllegalArgumentException(
                            "an endpoint that needs no privileges would be open to everyone");
                }
                privileges = privileges.stream().distinct().sorted().toList();
            }

            public Holds(Privilege only) {
                this(List.of(only));
            }

            /** Privileges of one API, by name. */
            public static Holds of(String api, Collection<String> names) {
                return new Holds(
                        names.stream().map(name -> new Privilege(api, name)).toList());
            }

            /** The names of the privileges, without the API, in order. */
            public List<String> names() {
                return privileges.stream().map(Privilege::name).toList();
            }

            /** Whether all of the privileges are held. Runs on every call. */
            public boolean isMetBy(Predicate<Privilege> held) {
                for (int i = 0; i < privileges.size(); i++) {
                    if (!held.test(privileges.get(i))) {
                        return false;
                    }
                }
                return true;
            }

            /** The privileges that are not held. */
            public List<Privilege> missing(Predicate<Privilege> held) {
                return privileges.stream().filter(held.negate()).toList();
            }
        }

        /** Any valid access token for the API. */
        record AnyToken() implements Requirement {}

        /** Nothing: the endpoint is public. */
        record Nothing() implements Requirement {}

        /** The requirement in words, for people and for the log. */
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

    /** Whether it is a call to the API's MCP endpoint, not a request of its own. */
    public boolean isMcp() {
        return method.equals(McpCall.METHOD);
    }

    /**
     * What its paths look like.
     *
     * @param basePath what precedes its own path; may be empty
     * @throws IllegalArgumentException when its path is not a template; the message says what is wrong
     */
    public PathTemplate template(String basePath) {
        return isMcp() ? McpCall.template(basePath, path) : PathTemplate.parse(basePath + path);
    }

    /** Whether a caller with a valid access token and these privileges may call it. */
    public boolean isOpenTo(EffectivePrivileges privileges) {
        return !(requirement instanceof Requirement.Holds holds) || holds.isMetBy(privileges::has);
    }

    /**
     * Whether it matches a search.
     *
     * @param search in lower case
     */
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
