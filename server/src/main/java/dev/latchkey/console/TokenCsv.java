package dev.latchkey.console;

import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.problem.Csv;
import java.time.Instant;
import java.util.List;

/** API tokens as a table for spreadsheets. */
final class TokenCsv {
    private TokenCsv() {}

    static Csv of(List<ApiToken> apiTokens, Instant now) {
        Csv csv = new Csv(
                "client_id",
                "description",
                "role",
                "state",
                "created_at",
                "created_by",
                "created_by_kind",
                "created_by_id",
                "owner",
                "authentication",
                "not_before",
                "expires_at",
                "last_access_at",
                "last_access_address",
                "revoked_at",
                "revoked_by",
                "revoked_by_kind",
                "revoked_by_id",
                "revoke_reason",
                "last_week_calls",
                "last_week_refused",
                "last_week_limited",
                "last_week_endpoints");
        apiTokens.forEach(apiToken -> add(csv, apiToken, now));
        return csv;
    }

    private static void add(Csv csv, ApiToken apiToken, Instant now) {
        ApiToken.Owner owner = apiToken.owner();
        ApiToken.Access access = apiToken.lastAccess();
        ApiToken.Revocation revocation = apiToken.revocation();
        ApiToken.Who creator = apiToken.createdBy();
        ApiToken.Who revoker = revocation == null ? null : revocation.by();
        csv.row(
                apiToken.clientId(),
                apiToken.description(),
                apiToken.role(),
                apiToken.state(now).text(),
                apiToken.createdAt(),
                creator.name(),
                creator.kind(),
                creator.id(),
                owner == null ? null : owner.name(),
                TokenFacts.method(apiToken),
                apiToken.limits().notBefore(),
                apiToken.expiresAt(),
                access == null ? null : access.at(),
                access == null ? null : access.from().address(),
                revocation == null ? null : revocation.at(),
                revoker == null ? null : revoker.name(),
                revoker == null ? null : revoker.kind(),
                revoker == null ? null : revoker.id(),
                revocation == null ? null : revocation.reason(),
                apiToken.lastWeek().calls(),
                apiToken.lastWeek().refused(),
                apiToken.lastWeek().limited(),
                apiToken.lastWeek().endpoints());
    }
}
