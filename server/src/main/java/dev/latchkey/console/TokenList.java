package dev.latchkey.console;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Role;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ApiToken.Status;
import dev.latchkey.apitoken.ApiTokenQuery;
import dev.latchkey.http.Page;
import dev.latchkey.http.Parameters;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The table of API tokens, and the addresses that change what it shows.
 *
 * @param query the parameters that it was asked with
 * @param departed the ids of people who were disabled or removed
 */
public record TokenList(
        Page<ApiToken> page,
        Parameters query,
        Set<String> departed,
        Map<Status, Long> counts,
        List<Role> roles,
        AccessPolicy policy,
        EndpointCatalogue endpoints,
        int size) {
    private static final List<String> KEPT = List.of("search", "status", "role", "owner", "sort", "pageSize");

    public boolean isEmptyAccount() {
        return all() == 0;
    }

    public long all() {
        return active() + revoked();
    }

    public long active() {
        return counts.getOrDefault(Status.ACTIVE, 0L);
    }

    public long revoked() {
        return counts.getOrDefault(Status.REVOKED, 0L);
    }

    /** Whether somebody else should answer for the token now. */
    public boolean hasDeparted(ApiToken apiToken) {
        return apiToken.owner() != null && departed.contains(apiToken.owner().id());
    }

    /** Whether that is so for a token on this page. */
    public boolean hasDeparted() {
        return page.items().stream().anyMatch(this::hasDeparted);
    }

    /** Whose tokens these are, when they are not everybody's. */
    public String ownerFilter() {
        return switch (value("owner")) {
            case ApiTokenQuery.NOBODY -> "Nobody's";
            case ApiTokenQuery.DEPARTED -> "Owner has left";
            default ->
                page.items().stream()
                        .map(ApiToken::owner)
                        .flatMap(Stream::ofNullable)
                        .map(ApiToken.Owner::name)
                        .findFirst()
                        .orElse("One owner's");
        };
    }

    public String value(String parameter) {
        return query.text(parameter).orElse("");
    }

    public String sort() {
        return query.text("sort").orElse("-created");
    }

    /** Where a click on a column's heading leads: to its order, or to the reverse when it is in force already. */
    public String sortLink(String column) {
        boolean newestFirst = column.equals("created") || column.equals("lastAccess");
        String first = newestFirst ? "-" + column : column;
        String second = newestFirst ? column : "-" + column;
        return link("sort", sort().equals(first) ? second : first);
    }

    /** The value of {@code aria-sort} for a column. */
    public String direction(String column) {
        return sort().equals(column) ? "ascending" : sort().equals("-" + column) ? "descending" : "none";
    }

    /** The list with one parameter changed, from its first page. */
    public String link(String parameter, String value) {
        StringBuilder link = new StringBuilder("/tokens");
        char separator = '?';
        for (String name : KEPT) {
            String kept = name.equals(parameter) ? value : value(name);
            if (!kept.isEmpty()) {
                link.append(separator).append(name).append('=').append(URLEncoder.encode(kept, StandardCharsets.UTF_8));
                separator = '&';
            }
        }
        return link.toString();
    }

    /** This very page. */
    public String here() {
        String after = value("pageToken");
        return after.isEmpty() ? link("", "") : pageLink(after);
    }

    public String next() {
        return page.nextPageToken() == null ? "" : pageLink(page.nextPageToken());
    }

    private String pageLink(String after) {
        String link = link("", "");
        return link + (link.contains("?") ? "&" : "?") + "pageToken=" + after;
    }

    public boolean isFirstPage() {
        return value("pageToken").isEmpty();
    }
}
