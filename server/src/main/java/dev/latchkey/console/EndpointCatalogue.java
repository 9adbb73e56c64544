package dev.latchkey.console;

import dev.latchkey.access.Api;
import dev.latchkey.access.EffectivePrivileges;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.registry.CurrentPolicy;
import java.util.List;
import java.util.stream.Stream;

/** Finds the endpoints, of all APIs, that a set of privileges opens. */
public final class EndpointCatalogue {
    /** Pages show at most so many; the page of the API lists all of them. */
    public static final int MOST_SHOWN = 200;

    private final CurrentPolicy policy;
    private final Api management;

    EndpointCatalogue(CurrentPolicy policy, Api management) {
        this.policy = policy;
        this.management = management;
    }

    /** An endpoint that is open, and its API. */
    public record Opening(Api api, Endpoint endpoint) {
        /** Whether the API is registered and so has pages, unlike Latchkey's own. */
        public boolean isRegistered() {
            return !api.name().equals(ManagementApi.NAME);
        }
    }

    /** The registered APIs, and Latchkey's own at the end. */
    public List<Api> apis() {
        return Stream.concat(policy.get().apis().stream(), Stream.of(management))
                .toList();
    }

    public Api management() {
        return management;
    }

    public List<Opening> openedBy(EffectivePrivileges privileges) {
        return openedBy(privileges, false);
    }

    /** @param withKey whether the program sends an API key, which not every API takes */
    public List<Opening> openedBy(EffectivePrivileges privileges, boolean withKey) {
        return apis().stream()
                .filter(api -> !withKey || !api.keyPlaces().takesNone())
                .flatMap(api -> api.endpoints().all().stream()
                        .filter(endpoint -> endpoint.isOpenTo(privileges))
                        .map(endpoint -> new Opening(api, endpoint)))
                .toList();
    }

    public long count(EffectivePrivileges privileges) {
        return apis().stream().mapToLong(api -> count(api, privileges)).sum();
    }

    public long count(Api api, EffectivePrivileges privileges) {
        return api.endpoints().all().stream()
                .filter(endpoint -> endpoint.isOpenTo(privileges))
                .count();
    }

    public int total() {
        return apis().stream().mapToInt(api -> api.endpoints().count()).sum();
    }

    /** "9 of 24 endpoints". */
    public String summary(EffectivePrivileges privileges) {
        return count(privileges) + " of " + Amounts.of(total(), "endpoint");
    }

    /** "9 of 24 endpoints", of one API. */
    public String summary(Api api, EffectivePrivileges privileges) {
        return count(api, privileges) + " of " + Amounts.of(api.endpoints().count(), "endpoint");
    }
}
