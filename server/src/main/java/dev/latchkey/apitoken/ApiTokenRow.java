package dev.latchkey.apitoken;

import dev.latchkey.apitoken.ApiToken.Access;
import dev.latchkey.apitoken.ApiToken.Revocation;
import dev.latchkey.apitoken.ApiToken.Who;
import dev.latchkey.apitoken.ApiTokenTerms.InAccessTokens;
import dev.latchkey.apitoken.ApiTokenTerms.Limits;
import dev.latchkey.event.Origin;
import dev.latchkey.http.AddressRange;
import dev.latchkey.limit.CallLimits;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An API token as a row: the columns of its terms, each with what is written into it, and how the row is read. */
final class ApiTokenRow {
    /** A column that an edit may change. */
    private record Column(String name, Content content) {}

    @FunctionalInterface
    private interface Content {
        @Nullable Object of(ApiToken apiToken);
    }

    /** In the order in which {@link #terms} reads them. */
    private static final List<Column> TERMS = List.of(
            new Column("description", ApiToken::description),
            new Column("owner_id", apiToken -> apiToken.terms().ownerId()),
            new Column("authentication", apiToken -> AuthenticationSettings.json(apiToken.authentication())),
            new Column(
                    "sender_constraint", apiToken -> apiToken.senderConstraint().text()),
            new Column("acts_for_api", ApiToken::actsFor),
            new Column("default_resource", apiToken -> apiToken.inAccessTokens().defaultResource()),
            new Column("short_name", apiToken -> apiToken.inAccessTokens().name()),
            new Column("not_before", apiToken -> millis(apiToken.limits().notBefore())),
            new Column("expires_at", apiToken -> millis(apiToken.limits().expiresAt())),
            new Column("allowed_addresses", apiToken -> text(apiToken.limits().addresses())),
            new Column("call_limits", apiToken -> apiToken.terms().callLimits().stored()));

    /** What follows from the terms. */
    private static final List<Column> DERIVED = List.of(
            new Column("owner_name", ApiToken::ownerName),
            new Column("search_text", ApiTokenRow::searchText),
            new Column("outside_issuer", apiToken -> outsideIssuer(apiToken.authentication())));

    /** In the order in which {@link #apiToken()} reads them. */
    static final String COLUMNS = "client_id, role_name, " + joined(TERMS.stream(), Column::name)
            + ", owner_name, created_at, created_by_kind, created_by_id, created_by_name, state, revoked_at,"
            + " revoked_by_kind, revoked_by_id, revoked_by_name, revoke_reason, last_access_at, last_access_address,"
            + " last_access_user_agent, " + LastWeek.COLUMNS + ", version";

    /** The columns that an edit may change, for an insert; {@link #PARAMETERS} are their parameters. */
    static final String CHANGEABLE = joined(changeable(), Column::name);

    static final String PARAMETERS = joined(changeable(), column -> ":" + column.name());

    /** The same columns with their parameters, for an update. */
    static final String ASSIGNMENTS = joined(changeable(), column -> column.name() + " = :" + column.name());

    private static final Who UNKNOWN = new Who("unknown", "unknown", "unknown");

    private static final String BY_SECRET = AuthenticationSettings.json(new ClientAuthentication.ClientSecret());

    private static final String BY_KEY = AuthenticationSettings.json(new ClientAuthentication.ApiKey(null));

    private final ResultSet row;
    private int read;

    /** @param row begins with {@link #COLUMNS} */
    ApiTokenRow(ResultSet row) {
        this.row = row;
    }

    private static Stream<Column> changeable() {
        return Stream.concat(TERMS.stream(), DERIVED.stream());
    }

    private static String joined(Stream<Column> columns, Function<Column, String> text) {
        return columns.map(text).collect(Collectors.joining(", "));
    }

    /** What an edit may change, by column. */
    static Map<String, @Nullable Object> values(ApiToken apiToken) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        changeable()
                .forEach(column -> values.put(column.name(), column.content().of(apiToken)));
        return values;
    }

    /** The text that searches look into. */
    static String searchText(ApiToken apiToken) {
        return apiToken.description().toLowerCase(Locale.ROOT) + " " + apiToken.clientId();
    }

    private static @Nullable String outsideIssuer(ClientAuthentication authentication) {
        return authentication instanceof ClientAuthentication.Federated federated ? federated.issuer() : null;
    }

    private static @Nullable Long millis(@Nullable Instant time) {
        return time == null ? null : time.toEpochMilli();
    }

    private static String text(List<AddressRange> addresses) {
        return addresses.stream().map(AddressRange::toString).collect(Collectors.joining(","));
    }

    /** Reads the token. */
    ApiToken apiToken() throws SQLException {
        return new ApiToken(
                text(),
                text(),
                terms(),
                textOrNull(),
                Instant.ofEpochMilli(number()),
                new Who(text(), text(), text()),
                life(text(), time(), who(textOrNull(), textOrNull(), textOrNull()), textOrNull()),
                access(time(), textOrNull(), textOrNull()),
                lastWeek(number(), number(), number(), numberOrNull()),
                number());
    }

    private ApiTokenTerms terms() throws SQLException {
        String description = text();
        String owner = textOrNull();
        String settings = text();
        // One that this version does not know may restrict more than any that it knows.
        Optional<SenderConstraint> constraint = SenderConstraint.named(text());
        return new ApiTokenTerms(
                description,
                owner,
                constraint.isEmpty() ? new ClientAuthentication.Unknown(settings) : authentication(settings),
                constraint.orElse(SenderConstraint.CERTIFICATE),
                textOrNull(),
                inAccessTokens(textOrNull(), textOrNull()),
                new Limits(time(), time(), addresses(text())),
                CallLimits.stored(textOrNull()));
    }

    // The values in order: looking up each by its name would take longer than reading it.

    private String text() throws SQLException {
        return row.getString(++read);
    }

    @Nullable String textOrNull() throws SQLException {
        return row.getString(++read);
    }

    private long number() throws SQLException {
        return row.getLong(++read);
    }

    private @Nullable Long numberOrNull() throws SQLException {
        long number = row.getLong(++read);
        return row.wasNull() ? null : number;
    }

    private @Nullable Instant time() throws SQLException {
        Long millis = numberOrNull();
        return millis == null ? null : Instant.ofEpochMilli(millis);
    }

    /** What most tokens have is not created for each. */
    private static LastWeek lastWeek(long calls, long refused, long limited, @Nullable Long endpoints) {
        return calls == 0 ? LastWeek.NONE : new LastWeek(calls, refused, limited, endpoints);
    }

    /** What most tokens have is not parsed for each. */
    private static ClientAuthentication authentication(String json) {
        if (json.equals(BY_SECRET)) {
            return new ClientAuthentication.ClientSecret();
        }
        return json.equals(BY_KEY) ? new ClientAuthentication.ApiKey(null) : AuthenticationReader.stored(json);
    }

    /** What most tokens have is not created for each. */
    private static InAccessTokens inAccessTokens(@Nullable String defaultResource, @Nullable String name) {
        return defaultResource == null && name == null
                ? InAccessTokens.NOTHING
                : new InAccessTokens(defaultResource, name);
    }

    private static List<AddressRange> addresses(String text) {
        return text.isEmpty()
                ? List.of()
                : Arrays.stream(text.split(",", -1)).map(AddressRange::parse).toList();
    }

    private static @Nullable Who who(@Nullable String kind, @Nullable String id, @Nullable String name) {
        return kind == null || id == null || name == null ? null : new Who(kind, id, name);
    }

    private static ApiToken.Life life(
            String state, @Nullable Instant revokedAt, @Nullable Who revokedBy, @Nullable String reason) {
        return switch (state) {
            case "draft" -> new ApiToken.Draft();
            case "active" -> new ApiToken.Active();
            // Unknown states do not work.
            default ->
                new Revocation(
                        Objects.requireNonNullElse(revokedAt, Instant.EPOCH),
                        Objects.requireNonNullElse(revokedBy, UNKNOWN),
                        reason);
        };
    }

    private static @Nullable Access access(@Nullable Instant at, @Nullable String address, @Nullable String userAgent) {
        return at == null
                ? null
                : new Access(
                        at,
                        new Origin(Objects.requireNonNullElse(address, ""), Objects.requireNonNullElse(userAgent, "")));
    }
}
