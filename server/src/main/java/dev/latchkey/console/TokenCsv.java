package dev.latchkey.console;

import dev.latchkey.apitoken.ApiToken;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** API tokens as a table for spreadsheets (RFC 4180), in which no text is read as a formula. */
final class TokenCsv {
    /** Tells a spreadsheet that the file is UTF-8. */
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private static final String HEADINGS =
            "client_id,description,role,state,created_at,created_by,created_by_kind,created_by_id,owner,authentication,"
                    + "not_before,expires_at,last_access_at,last_access_address,"
                    + "revoked_at,revoked_by,revoked_by_kind,revoked_by_id,revoke_reason";

    /** What a formula can begin with; the last four are the full-width forms of the first four. */
    private static final String FORMULA = "=+-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20";

    private TokenCsv() {}

    static String of(List<ApiToken> apiTokens, Instant now) {
        return apiTokens.stream()
                .map(apiToken -> row(apiToken, now))
                .collect(Collectors.joining(
                        "\r\n", BYTE_ORDER_MARK + HEADINGS + "\r\n", apiTokens.isEmpty() ? "" : "\r\n"));
    }

    private static String row(ApiToken apiToken, Instant now) {
        ApiToken.Owner owner = apiToken.owner();
        ApiToken.Access access = apiToken.lastAccess();
        ApiToken.Revocation revocation = apiToken.revocation();
        ApiToken.Who creator = apiToken.createdBy();
        ApiToken.Who revoker = revocation == null ? null : revocation.by();
        return joined(
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
                revocation == null ? null : revocation.reason());
    }

    private static String joined(@Nullable Object... cells) {
        return Arrays.stream(cells).map(TokenCsv::cell).collect(Collectors.joining(","));
    }

    private static String cell(@Nullable Object value) {
        String text = value == null ? "" : value.toString();
        boolean formula = !text.isEmpty()
                && FORMULA.indexOf(
                                text.strip().isEmpty()
                                        ? text.charAt(0)
                                        : text.strip().charAt(0))
                        >= 0;
        return '"' + (formula ? "'" : "") + text.replace("\"", "\"\"") + '"';
    }
}
