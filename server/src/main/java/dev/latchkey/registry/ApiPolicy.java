package dev.latchkey.registry;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Api;
import dev.latchkey.access.Privilege;
import dev.latchkey.management.Doc;
import dev.latchkey.path.PathCharacter;
import java.util.List;

/** All that is needed to decide about requests to an API elsewhere. */
public record ApiPolicy(
        String api,
        String audience,
        String basePath,

        @Doc("What its paths may have beyond the usual characters")
        List<String> pathCharacters,

        List<EndpointBody> endpoints,
        List<PolicyRole> roles) {

    /** What a role allows on an API in the end. */
    public record PolicyRole(String name, List<String> privileges) {}

    static ApiPolicy of(Api api, AccessPolicy now) {
        return new ApiPolicy(
                api.name(),
                api.audience(),
                api.basePath(),
                PathCharacter.spellings(api.endpoints().pathCharacters()),
                api.endpoints().all().stream().map(EndpointBody::of).toList(),
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
