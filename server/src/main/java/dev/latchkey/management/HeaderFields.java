package dev.latchkey.management;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Which header fields the operations of the management API take and answer with. In one place, since it is a matter of a few
 * kinds of operations; the guard asserts that no answer has a field that is not declared here.
 */
final class HeaderFields {
    private static final Map<String, Set<HeaderField>> OF = new HashMap<>();

    static {
        declare(
                Set.of(HeaderField.IF_MATCH, HeaderField.ETAG),
                "assignRole",
                "disableUser",
                "enableUser",
                "putEndpoint",
                "removeEndpoint",
                "replaceEndpoints",
                "unassignRole",
                "updateAccount",
                "updateApi",
                "updateRole",
                "updateSigningPolicy",
                "updateToken",
                "updateUser");
        declare(Set.of(HeaderField.RETRY_AFTER), "changePassword");
        declare(
                Set.of(
                        HeaderField.IDEMPOTENCY_KEY,
                        HeaderField.IDEMPOTENCY_REPLAYED,
                        HeaderField.LOCATION,
                        HeaderField.ETAG),
                "createApi",
                "createRole",
                "createToken",
                "inviteUser");
        declare(Set.of(HeaderField.IF_MATCH), "deleteApi", "deleteRole", "removeUser");
        declare(
                Set.of(HeaderField.ETAG),
                "grantRole",
                "proposeImport",
                "revokeToken",
                "setPrivilege",
                "ungrantRole",
                "unsetPrivilege",
                "updateMe");
        // The guard compares for every GET whose answer has a tag.
        declare(
                Set.of(HeaderField.IF_NONE_MATCH, HeaderField.ETAG),
                "getAccount",
                "getApi",
                "getPolicy",
                "getRole",
                "getSigningPolicy",
                "getToken",
                "getUser");
        declare(Set.of(HeaderField.LOCATION, HeaderField.ETAG), "renewInvitation");
    }

    private HeaderFields() {}

    private static void declare(Set<HeaderField> fields, String... operationIds) {
        for (String id : operationIds) {
            OF.put(id, fields);
        }
    }

    /** Those of an operation; most have none. */
    static Set<HeaderField> of(String operationId) {
        return OF.getOrDefault(operationId, Set.of());
    }
}
