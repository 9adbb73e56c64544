package dev.latchkey.registry;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Privilege;
import dev.latchkey.management.Doc;
import dev.latchkey.path.PathCharacter;
import java.util.List;
import java.util.function.Predicate;

/** Everything that a verifier needs to decide about requests to an API. */
public record ApiPolicy(
        String api,
        String audience,
        String basePath,

        @Doc("Characters that its paths may contain beyond the usual ones")
        List<String> pathCharacters,

        @Doc("The places where it takes API keys") ApiKeysBody apiKeys,

        @Doc("Without those with the method MCP, which only the gate decides about")
        List<EndpointBody> endpoints,

        List<PolicyRole> roles) {

    /** The effective privileges of a role on an API. */
    public record PolicyRole(String name, List<String> privileges) {}

    static ApiPolicy of(Api api, AccessPolicy now) {
        return new ApiPolicy(
                api.name(),
                api.audience(),
                api.basePath(),
                PathCharacter.spellings(api.endpoints().pathCharacters()),
                ApiKeysBody.of(api.keyPlaces()),
                // A verifier would take them for endpoints with a method of HTTP.
                api.endpoints().all().stream()
                        .filter(Predicate.not(Endpoint::isMcp))
                        .map(EndpointBody::of)
                        .toList(),
                now.roles().stream()
                        .map(role -> new PolicyRole(
                                role.name(),
                                now.effective(role.name()).all().stream()
                                        .filter(privilege -> privilege.api().equals(api.name()))
                                        .map(Privilege::name)
                                        .toList()))
                        .toList());
    }
}
