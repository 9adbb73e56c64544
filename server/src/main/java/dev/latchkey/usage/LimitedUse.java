package dev.latchkey.usage;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Api;
import dev.latchkey.access.Caller;
import dev.latchkey.access.Role;
import dev.latchkey.account.CurrentAccount;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.event.Actor;
import dev.latchkey.limit.CallLimits;
import dev.latchkey.limit.Limited;
import dev.latchkey.limit.Limiter;
import dev.latchkey.limit.Taken;
import dev.latchkey.limit.Use;
import dev.latchkey.limit.Whose;
import dev.latchkey.registry.CurrentPolicy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Knows which limits apply to the use of an API token: its own, those of its role, of the API and of the account. It is on the
 * path of every request, so nothing here writes or waits.
 */
public final class LimitedUse {
    private final Limiter limiter;
    private final CurrentPolicy policy;
    private final CurrentAccount account;

    public LimitedUse(Limiter limiter, CurrentPolicy policy, CurrentAccount account) {
        this.limiter = limiter;
        this.policy = policy;
        this.account = account;
    }

    /**
     * Takes a call out of all limits that apply to it. Nothing limits the calls of people.
     *
     * @param api the registered API that is called; null for Latchkey's own
     */
    public Taken call(Caller caller, @Nullable Api api) {
        if (caller.kind() != Actor.Kind.PROGRAM) {
            return Taken.UNLIMITED;
        }
        return limiter.call(
                applying(caller.id(), caller.limits(), caller.roles().getFirst().name(), api));
    }

    /**
     * Takes an access token that is about to be issued out of all limits that apply to it.
     *
     * @param api the name of the API that it is for
     */
    public Taken issue(ApiToken apiToken, String api) {
        return limiter.issue(applying(
                apiToken.clientId(),
                apiToken.terms().callLimits(),
                apiToken.role(),
                policy.get().api(api).orElse(null)));
    }

    /** How much of its own limits, and of those of its role, an API token has used. */
    public List<Use> own(ApiToken apiToken) {
        return limiter.uses(applying(apiToken.clientId(), apiToken.terms().callLimits(), apiToken.role(), null).stream()
                .filter(limited -> limited.whose() != Whose.ACCOUNT)
                .toList());
    }

    /** In the order in which a refusal names them. */
    private List<Limited> applying(String clientId, CallLimits own, String role, @Nullable Api api) {
        AccessPolicy now = policy.get();
        CallLimits ofRole = now.role(role).map(Role::limits).orElse(CallLimits.NONE);
        CallLimits ofApi = api == null ? CallLimits.NONE : api.limits();
        CallLimits ofAccount = account.limits();
        if (own.areNone() && ofRole.areNone() && ofApi.areNone() && ofAccount.areNone()) {
            return List.of();
        }
        List<Limited> all = new ArrayList<>(4);
        add(all, Limited.token(clientId, own));
        add(all, Limited.role(clientId, role, ofRole));
        if (api != null) {
            add(all, Limited.api(api.name(), ofApi));
        }
        add(all, Limited.account(ofAccount));
        return all;
    }

    private static void add(List<Limited> all, Limited limited) {
        if (!limited.limits().areNone()) {
            all.add(limited);
        }
    }
}
