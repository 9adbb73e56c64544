package dev.latchkey.usage;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which calls are summed.
 *
 * @param name the subject's: a client id, or the name of a role or an API
 * @param api only calls to this API; null for all
 * @param endpoint only calls to this endpoint, such as {@code GET /invoices/{id}}; null for all
 */
public record Selection(
        Subject subject,
        String name,
        @Nullable String api,
        @Nullable String endpoint) {

    /** Whose calls they are. */
    public enum Subject {
        TOKEN(GroupBy.ENDPOINT, GroupBy.API, GroupBy.ADDRESS),
        /** Those of the tokens to which the role is assigned now, including what they called with another role. */
        ROLE(GroupBy.ENDPOINT, GroupBy.TOKEN, GroupBy.API),
        /** Those of all tokens to the API. */
        API(GroupBy.ENDPOINT, GroupBy.TOKEN, GroupBy.ROLE);

        private final List<GroupBy> groups;

        Subject(GroupBy... groups) {
            this.groups = List.of(groups);
        }

        /** What its calls can be summed by, the usual first. */
        List<GroupBy> groups() {
            return groups;
        }
    }

    public static Selection ofToken(String clientId) {
        return new Selection(Subject.TOKEN, clientId, null, null);
    }

    public static Selection ofRole(String name) {
        return new Selection(Subject.ROLE, name, null, null);
    }

    public static Selection ofApi(String name) {
        return new Selection(Subject.API, name, name, null);
    }

    /** Fewer of them: null leaves them as they are. */
    public Selection only(@Nullable String toApi, @Nullable String toEndpoint) {
        return new Selection(subject, name, toApi == null ? api : toApi, toEndpoint == null ? endpoint : toEndpoint);
    }
}
