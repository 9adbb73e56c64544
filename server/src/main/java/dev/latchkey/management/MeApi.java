package dev.latchkey.management;

import dev.latchkey.access.Caller;
import dev.latchkey.http.Response;
import java.util.List;

/** Tells callers who they are and what they may do; open to every caller who can identify itself. */
public final class MeApi {

    /** The caller. */
    public record MeReply(
            @Doc("person or program") String kind,
            @Doc("A user id or a client id") String id,

            @Doc("An email address, or the API token's description")
            String name,

            List<String> roles,

            @Doc("All privileges that the roles currently allow")
            List<PrivilegeReply> privileges) {}

    /** A privilege. */
    public record PrivilegeReply(String api, String privilege) {}

    public List<Operation> operations() {
        return List.of(Operation.get("/me")
                .id("whoAmI")
                .tag(Tag.ME)
                .needsNoPrivilege()
                .summary("Get the caller and its privileges")
                .answers(MeReply.class)
                .by((caller, request) -> Response.json(
                        200,
                        new MeReply(
                                caller.kind().text(),
                                caller.id(),
                                caller.name(),
                                caller.roles().stream()
                                        .map(Caller.AssignedRole::name)
                                        .toList(),
                                caller.privileges().stream()
                                        .map(privilege -> new PrivilegeReply(privilege.api(), privilege.name()))
                                        .toList()))));
    }
}
