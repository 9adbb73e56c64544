package dev.latchkey.console;

import dev.latchkey.access.ManagementApi;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ApiTokenQuery;
import dev.latchkey.apitoken.ApiTokenQuery.Sort;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.audit.AuditApi;
import dev.latchkey.event.Event;
import dev.latchkey.event.EventFilter;
import dev.latchkey.event.TargetKind;
import dev.latchkey.problem.Page;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The newest events and API tokens of a role, an API or a person, as far as the viewer may see them. */
public final class Related {
    private static final Page.Request FEW = new Page.Request(8, null);

    private final ApiTokens apiTokens;
    private final AuditApi audit;

    Related(ApiTokens apiTokens, AuditApi audit) {
        this.apiTokens = apiTokens;
        this.audit = audit;
    }

    /**
     * The newest few items of a list, and where all of them are listed.
     *
     * @param more whether the list has more
     * @param all the address of the list of all
     */
    public record Newest<T>(List<T> items, boolean more, String all) {
        static <T> Newest<T> of(Page<T> page, String all) {
            return new Newest<>(page.items(), page.nextPageToken() != null, all);
        }
    }

    /** What was done to it; null if the viewer may not read the audit log. */
    @Nullable Newest<Event> events(Visit visit, TargetKind kind, String id) {
        return visit.caller().has(ManagementApi.AUDIT_READ)
                ? Newest.of(audit.list(visit.caller(), EventFilter.about(kind, id), FEW), Links.eventsAbout(kind, id))
                : null;
    }

    /** What was done last; null if the viewer may not read the audit log. */
    @Nullable Newest<Event> events(Visit visit) {
        return visit.caller().has(ManagementApi.AUDIT_READ)
                ? Newest.of(audit.list(visit.caller(), EventFilter.ALL, FEW), Links.AUDIT)
                : null;
    }

    /** The active tokens that the role is assigned to; null if the viewer may not read tokens. */
    @Nullable Newest<ApiToken> tokensWith(Visit visit, String role) {
        return tokens(
                visit,
                new ApiTokenQuery(null, ApiToken.Status.ACTIVE, role, null, Sort.CREATED, true),
                Links.activeTokensWith(role));
    }

    /** The active tokens that the person owns; null if the viewer may not read tokens. */
    @Nullable Newest<ApiToken> tokensOf(Visit visit, String userId) {
        return tokens(
                visit,
                new ApiTokenQuery(null, ApiToken.Status.ACTIVE, null, userId, Sort.CREATED, true),
                Links.activeTokensOf(userId));
    }

    private @Nullable Newest<ApiToken> tokens(Visit visit, ApiTokenQuery query, String all) {
        return visit.caller().has(ManagementApi.TOKENS_READ)
                ? Newest.of(apiTokens.list(visit.caller(), query, FEW), all)
                : null;
    }
}
