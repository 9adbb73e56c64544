package dev.latchkey.gate;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Api;
import dev.latchkey.access.Caller;
import dev.latchkey.access.Caller.AssignedRole;
import dev.latchkey.access.Meaning;
import dev.latchkey.access.Role;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.Credentials;
import dev.latchkey.crypto.Secret;
import dev.latchkey.event.Actor;
import dev.latchkey.oauth.AccessTokenCheck;
import dev.latchkey.problem.Text;
import dev.latchkey.registry.CurrentPolicy;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the {@link Gate} would decide about a request that is not made: one with a fresh access token of an API token, which
 * has no scope of its own and is presented with every proof that it needs, or with a token that has a role. It writes nothing,
 * and no token is used by it.
 */
public final class Foresight {
    private final CurrentPolicy current;
    private final Credentials credentials;
    private final Api management;
    private final Clock clock;

    /** @param management Latchkey's own API */
    public Foresight(CurrentPolicy current, Credentials credentials, Api management, Clock clock) {
        this.current = current;
        this.credentials = credentials;
        this.management = management;
        this.clock = clock;
    }

    /** Who would make requests, as far as this does not depend on the request. */
    public sealed interface Standing {

        /**
         * A program whose requests depend on its role, and with an API key on whether the API takes keys.
         *
         * @param apiToken null for any token with a role
         */
        record Good(Caller caller, @Nullable ApiToken apiToken) implements Standing {
            boolean canBePresentedTo(Api api) {
                return apiToken == null || apiToken.canBePresentedTo(api);
            }
        }

        /**
         * A program without a valid credential, to which only public endpoints are open.
         *
         * @param code for programs
         * @param reason for administrators
         */
        record Bad(String code, String reason) implements Standing {}
    }

    private static String ended(ApiToken.State state) {
        return switch (state) {
            case REVOKED -> "The API token was revoked.";
            case EXPIRED -> "The API token has expired.";
            case NOT_YET_VALID -> "The API token is not valid yet.";
            case ACTIVE, EXPIRING -> "The API token was not saved.";
        };
    }

    /** Whether the gate would let any token with the role make the request, under a policy that may be only proposed. */
    public static boolean allows(AccessPolicy policy, String role, Api api, Meaning meaning) {
        return Gate.decided(api, meaning, () -> new Identification.Program(holder(policy, role)))
                instanceof Decision.Allowed;
    }

    private static Caller holder(AccessPolicy policy, String role) {
        return new Caller(
                Actor.Kind.PROGRAM, role, role, List.of(new AssignedRole(role, policy.effective(role))), null);
    }

    /** One moment: everything that is asked of it is answered from the same policy. */
    public Look look() {
        return new Look(current.get());
    }

    /** See {@link #look}. */
    public final class Look {
        private final AccessPolicy policy;

        private Look(AccessPolicy policy) {
            this.policy = policy;
        }

        /** All APIs by name, Latchkey's own among them. */
        public List<Api> apis() {
            List<Api> apis = new ArrayList<>(policy.apis());
            apis.add(management);
            apis.sort(Comparator.comparing(Api::name));
            return apis;
        }

        public Optional<Api> api(String name) {
            return name.equals(management.name()) ? Optional.of(management) : policy.api(name);
        }

        /** The names of all roles, in order. */
        public List<String> roles() {
            return policy.roles().stream().map(Role::name).toList();
        }

        /**
         * Where an API token stands.
         *
         * @param address where its program is; null when that is not known
         */
        public Standing token(String clientId, @Nullable String address) {
            return credentials
                    .find(clientId)
                    .map(apiToken -> token(apiToken, address))
                    .orElseGet(() -> new Standing.Bad(
                            "invalid_token",
                            "The API token " + Text.quote(Secret.masked(clientId)) + " was not found."));
        }

        /** The same for a token that is known. */
        public Standing token(ApiToken apiToken, @Nullable String address) {
            Instant now = clock.instant();
            if (apiToken.whyNot(now) != null) {
                return new Standing.Bad("invalid_token", ended(apiToken.state(now)));
            }
            if (!apiToken.limits().addresses().isEmpty() && address == null) {
                return new Standing.Bad(
                        "address_needed",
                        "The API token may be used only from some addresses. Send the caller's address.");
            }
            if (address != null && !apiToken.allows(address)) {
                return new Standing.Bad("address_not_allowed", "The API token may not be used from this address.");
            }
            return new Standing.Good(Guard.caller(apiToken, policy.effective(apiToken.role()), null), apiToken);
        }

        /** Where a token with the role would stand. */
        public Standing role(String name) {
            return policy.role(name).isEmpty()
                    ? new Standing.Bad("unknown_role", "The role " + Text.quote(name) + " was not found.")
                    : new Standing.Good(holder(policy, name), null);
        }

        /** What the gate would decide. */
        public Decision decide(Api api, Meaning meaning, Standing standing) {
            return Gate.decided(api, meaning, () -> switch (standing) {
                case Standing.Good good ->
                    good.canBePresentedTo(api)
                            ? new Identification.Program(good.caller())
                            : new Identification.Refused(
                                    AccessTokenCheck.Challenge.BEARER, "The API takes no API keys.");
                case Standing.Bad(String code, String reason) ->
                    new Identification.Refused(AccessTokenCheck.Challenge.BEARER, reason);
            });
        }

        /** Whether it would let the request pass. */
        public boolean allows(Api api, Meaning meaning, Standing standing) {
            return decide(api, meaning, standing) instanceof Decision.Allowed;
        }
    }
}
