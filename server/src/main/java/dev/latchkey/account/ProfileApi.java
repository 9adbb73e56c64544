package dev.latchkey.account;

import dev.latchkey.access.Caller;
import dev.latchkey.event.Actor;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.management.Doc;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Tag;
import dev.latchkey.problem.Problem;
import java.util.List;

/** The management API's calls for the caller's own name and password. */
public final class ProfileApi {
    private final Users users;
    private final Passwords passwords;

    public ProfileApi(Users users, Passwords passwords) {
        this.users = users;
        this.passwords = passwords;
    }

    /** A change of the caller's own password. */
    public record ChangePassword(
            String currentPassword,
            @Doc("At least 12 characters") String password) {
        @Override
        public String toString() {
            return "ChangePassword";
        }
    }

    public List<Operation> operations() {
        return List.of(
                Operation.patch("/me")
                        .id("updateMe")
                        .tag(Tag.ME)
                        .needsNoPrivilege()
                        .summary("Change your own name")
                        .description("For people only.")
                        .takes(UpdateUser.class)
                        .answers(UserReply.class)
                        .versioned()
                        .by(this::renameSelf),
                Operation.post("/me/password")
                        .id("changePassword")
                        .tag(Tag.ME)
                        .needsNoPrivilege()
                        .summary("Change your own password")
                        .description("For people only. All of your sessions end.")
                        .takes(ChangePassword.class)
                        .answersNothing()
                        .throttled()
                        .by(this::changePassword));
    }

    private Response renameSelf(Caller caller, Request request) {
        requirePerson(caller);
        users.renameSelf(caller, request.json(UpdateUser.class).name());
        return UserReply.answer(users.self(caller));
    }

    private Response changePassword(Caller caller, Request request) {
        requirePerson(caller);
        ChangePassword body = request.json(ChangePassword.class);
        passwords.changeOwn(caller, body.currentPassword(), body.password(), "");
        return Response.noContent();
    }

    private static void requirePerson(Caller caller) {
        if (caller.kind() != Actor.Kind.PERSON) {
            throw new Problem(403, "people_only", "Only a person has a name and a password of their own.");
        }
    }
}
