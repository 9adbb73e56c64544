package dev.latchkey.registry;

import dev.latchkey.access.AccessDifference;
import dev.latchkey.management.Doc;
import java.util.List;

/** What a change would open and close. */
public record ChangePreview(List<ChangedRole> roles) {

    /** An endpoint that a change opens or closes for a role. */
    public record ChangedEndpoint(String api, String method, String path) {}

    /** What a change means for one role. */
    public record ChangedRole(
            String role,
            List<ChangedEndpoint> opened,
            List<ChangedEndpoint> closed,
            @Doc("How many active API tokens have the role") long tokens) {}

    public static ChangePreview of(AccessDifference difference) {
        return new ChangePreview(difference.roles().stream()
                .map(role ->
                        new ChangedRole(role.role(), endpoints(role.opened()), endpoints(role.closed()), role.tokens()))
                .toList());
    }

    private static List<ChangedEndpoint> endpoints(List<AccessDifference.Opening> openings) {
        return openings.stream()
                .map(opening -> new ChangedEndpoint(opening.api(), opening.method(), opening.path()))
                .toList();
    }
}
