package dev.latchkey.account;

import dev.latchkey.access.Caller;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.account.User.Status;
import dev.latchkey.event.Actor;
import dev.latchkey.problem.Problem;
import dev.latchkey.registry.CurrentPolicy;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** Who may manage whom, and that there is always an administrator who can sign in. */
final class UserRules {
    private final CurrentPolicy policy;
    private final UserStore store = new UserStore();

    UserRules(CurrentPolicy policy) {
        this.policy = policy;
    }

    /**
     * The person with this id.
     *
     * @throws Problem 404 when there is none, or they were removed
     */
    User existing(Handle handle, String userId) {
        return credentials(handle, userId).user();
    }

    /** The same with the hash of their password. */
    UserStore.Credentials credentials(Handle handle, String userId) {
        return store.byId(handle, userId)
                .filter(credentials -> credentials.user().status() != Status.REMOVED)
                .orElseThrow(() -> Problem.notFound("There is no user with this id."));
    }

    /**
     * The person, if the caller may manage them.
     *
     * @throws Problem 403 when they may do more than the caller, 404 when there is none
     */
    User manageable(Handle handle, Caller caller, String userId) {
        User user = existing(handle, userId);
        if (!caller.managesSecurity()) {
            for (String role : user.roles()) {
                for (Privilege privilege : policy.get().effective(role).all()) {
                    if (!caller.has(privilege)) {
                        throw new Problem(
                                        403,
                                        "user_exceeds_you",
                                        user.email() + " may do what you may not (" + privilege.name()
                                                + "), so you cannot manage them.")
                                .with("missingPrivileges", List.of(privilege.name()));
                    }
                }
            }
        }
        return user;
    }

    /**
     * Refuses what a person must not do to themselves.
     *
     * @param verb what they cannot do
     * @param advice what they can do instead, as a sentence
     */
    static void requireAnotherPerson(Caller caller, User user, String verb, String advice) {
        if (caller.kind() == Actor.Kind.PERSON && caller.id().equals(user.id())) {
            throw Problem.conflict("yourself", "You cannot " + verb + " yourself. " + advice);
        }
    }

    /** Refuses the change that the transaction has made if it leaves no administrator who can sign in. */
    void requireAnAdministrator(Handle handle) {
        if (store.activeWithRole(handle, Role.ACCOUNT_ADMIN) == 0) {
            throw Problem.conflict(
                    "last_administrator",
                    "This is the last person with the role accountadmin who can sign in. Assign the role to someone"
                            + " else first.");
        }
    }
}
