package dev.latchkey.apitoken;

import java.util.List;
import org.jdbi.v3.core.Handle;

/** The statements that walk through API tokens in the order of their roles, whatever their state. */
final class TokensByRoleStore {
    private static final String START = "select " + ApiTokenRow.COLUMNS + " from api_token where ";

    /** Not by one role alone: then a planner could choose the order of client ids, and walk through all other roles. */
    private static final String ORDER = " order by role_name, client_id limit :most";

    private TokensByRoleStore() {}

    static List<ApiToken> behind(Handle handle, String role, String clientId, int most) {
        return handle.createQuery(START + "(role_name, client_id) > (:role, :clientId)" + ORDER)
                .bind("role", role)
                .bind("clientId", clientId)
                .bind("most", most)
                .map((row, context) -> new ApiTokenRow(row).apiToken())
                .list();
    }

    static List<ApiToken> behindRole(Handle handle, String role, int most) {
        return handle.createQuery(START + "role_name > :role" + ORDER)
                .bind("role", role)
                .bind("most", most)
                .map((row, context) -> new ApiTokenRow(row).apiToken())
                .list();
    }
}
