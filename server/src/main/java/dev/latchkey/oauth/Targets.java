package dev.latchkey.oauth;

import dev.latchkey.access.Api;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Resource;
import dev.latchkey.http.Parameters;
import dev.latchkey.registry.CurrentPolicy;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds the API for which an access token is requested (RFC 8707). */
public final class Targets {
    private final CurrentPolicy policy;
    private final String managementAudience;

    public Targets(CurrentPolicy policy, PublicUrls urls) {
        this.policy = policy;
        this.managementAudience = urls.audience();
    }

    /**
     * The API for which an access token is requested.
     *
     * @param api null for Latchkey's own
     */
    record Target(String audience, @Nullable Api api) {
        String name() {
            return api == null ? ManagementApi.NAME : api.name();
        }

        /** What the requested scope means at this API; empty when it limits nothing. */
        Optional<Set<String>> meant(Optional<Set<String>> asked) {
            return api == null ? asked : asked.map(api::meant).filter(meant -> !meant.isEmpty());
        }
    }

    /**
     * RFC 8707 section 2: {@code resource} names the API; RFC 8693 and older clients send {@code audience} instead. Only one
     * is allowed, because with an access token for two APIs one could call the other. A request that names none is for the
     * API token's default.
     *
     * @throws OAuthError invalid_target
     */
    Target named(Parameters form, Granted granted) {
        Set<String> named = HashSet.newHashSet(2);
        addPlain(named, form.all("resource"));
        addPlain(named, form.all("audience"));
        if (named.size() > 1) {
            throw OAuthError.of(
                    OAuthError.Code.INVALID_TARGET,
                    "An access token is for one API. Send one resource, and request another access token for each other API.");
        }
        String audience = named.isEmpty()
                ? granted.usualAudience(managementAudience)
                : named.iterator().next();
        granted.requireAudience(audience);
        if (audience.equals(managementAudience)) {
            return new Target(managementAudience, null);
        }
        return policy.get()
                .apiFor(audience)
                .map(api -> new Target(api.audience(), api))
                .orElseThrow(() -> OAuthError.of(OAuthError.Code.INVALID_TARGET, unknown(named, granted)));
    }

    private String unknown(Set<String> named, Granted granted) {
        if (named.isEmpty()) {
            return "The default API of this API token is no longer registered. Edit the API token, or send the resource.";
        }
        return "There is no API with this audience. Leave it out for "
                + (granted.apiToken().inAccessTokens().defaultResource() == null
                        ? "Latchkey's own API, " + managementAudience + "."
                        : "the API token's default.");
    }

    private static void addPlain(Set<String> named, List<String> resources) {
        for (String resource : resources) {
            if (!resource.isBlank()) {
                named.add(Resource.plain(resource));
            }
        }
    }
}
