package dev.latchkey.blueprint;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Role;
import dev.latchkey.access.RoleTerms;
import dev.latchkey.blueprint.Step.OfApi;
import dev.latchkey.blueprint.Step.OfRole;
import dev.latchkey.blueprint.Step.OfSecret;
import dev.latchkey.blueprint.Step.OfToken;
import dev.latchkey.blueprint.Step.Verb;
import dev.latchkey.client.FailedCallException;
import dev.latchkey.client.ManagementClient;
import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes the changes of a plan, one request for each. Every request names the version that was compared, so nothing is
 * overwritten that someone else has changed since. After an interruption, the next run does what is left.
 */
final class Applying {
    private final ServerState state;
    private final ManagementClient client;
    private final SecretDelivery secrets;
    private final PrintStream out;

    /** Roles that a change of something else has taken something from, so that their versions are others. */
    private final Set<String> touched = new HashSet<>();

    private AccessPolicy now;

    /** @param client gives itself the name that marks what it creates */
    Applying(ServerState state, ManagementClient client, SecretDelivery secrets, PrintStream out) {
        this.state = state;
        this.client = client;
        this.secrets = secrets;
        this.out = out;
        this.now = state.policy();
    }

    /** The descriptions of the tokens that get new secrets. */
    static List<String> withSecrets(Plan plan) {
        return plan.steps().stream()
                .flatMap(step -> switch (step) {
                    case OfToken token when token.hasSecret() -> List.of(token.description()).stream();
                    case OfSecret secret -> List.of(secret.description()).stream();
                    default -> List.<String>of().stream();
                })
                .toList();
    }

    void apply(Plan plan) {
        int done = 0;
        for (Step step : plan.ordered()) {
            try {
                make(step);
            } catch (FailedCallException e) {
                FailedCallException told = e.isOfAnotherVersion() ? changedSince(step) : e;
                throw told.with(done + " of " + plan.ordered().size()
                        + (plan.ordered().size() == 1 ? " step is" : " steps are") + " done; " + step.subject()
                        + " is not. Run the command again to do what is left.");
            }
            done++;
        }
    }

    private static FailedCallException changedSince(Step step) {
        return FailedCallException.refused("Someone else has changed the " + step.subject()
                + " since it was compared. Run the command again to see the new difference.");
    }

    private void make(Step step) {
        switch (step) {
            case Step.OfAccount account ->
                client.patchJson(Comparison.ACCOUNT_PATH, state.version(Comparison.ACCOUNT_PATH), account.body());
            case OfRole role -> role(role);
            case OfApi api -> api(api);
            case OfToken token -> token(token);
            case OfSecret secret -> secret(secret);
            case Step.OfTrial trial -> trial(trial);
        }
        AccessPolicy before = now;
        now = Order.applied(now, step);
        String own = step instanceof OfRole role ? role.name() : "";
        before.roles().stream()
                .filter(role -> !role.name().equals(own))
                .filter(role -> now.role(role.name())
                        .filter(after -> !after.terms().equals(role.terms()))
                        .isPresent())
                .forEach(role -> touched.add(role.name()));
    }

    private void role(OfRole step) {
        String path = ServerState.rolePath(step.name());
        if (step.verb() == Verb.CREATE) {
            Map<String, Object> body = new LinkedHashMap<>(step.body());
            body.put("name", step.name());
            state.note(path, client.create("/roles", body));
            return;
        }
        if (!isAsExpected(step.name(), step.before())) {
            throw changedSince(step);
        }
        if (step.verb() == Verb.REMOVE) {
            client.delete(path, state.version(path));
        } else {
            state.note(path, client.patchJson(path, state.version(path), step.body()));
        }
    }

    private void trial(Step.OfTrial step) {
        if (!isAsExpected(step.role(), null)) {
            throw changedSince(step);
        }
        client.create(TrialComparison.path(step.role()), state.version(ServerState.rolePath(step.role())), step.body());
    }

    /** Our own change of an API or another role may have changed this role; anyone else's may not. */
    private boolean isAsExpected(String name, @Nullable Role before) {
        if (!touched.remove(name)) {
            return true;
        }
        RoleTerms expected = now.role(name)
                .or(() -> Optional.ofNullable(before))
                .map(Role::terms)
                .orElse(null);
        return state.freshRole(name)
                .filter(role -> role.terms().equals(expected))
                .isPresent();
    }

    private void api(OfApi step) {
        String path = ServerState.apiPath(step.name());
        switch (step.verb()) {
            case CREATE -> {
                Map<String, Object> body = new LinkedHashMap<>(step.body());
                body.put("name", step.name());
                state.note(path, client.create("/apis", body));
            }
            case CHANGE -> state.note(path, client.patchJson(path, state.version(path), step.body()));
            case REMOVE -> client.delete(path, state.version(path));
        }
    }

    private void token(OfToken step) {
        String path = ServerState.tokenPath(step.clientId());
        switch (step.verb()) {
            case CREATE -> createToken(step);
            case CHANGE -> state.note(path, client.patchJson(path, state.version(path), step.body()));
            case REMOVE -> client.create(path + "/revoke", Map.of("reason", "No longer in its blueprint"));
        }
    }

    private void createToken(OfToken step) {
        if (step.hasSecret()) {
            secrets.prepare(step.description());
        }
        Map<String, Object> reply;
        try {
            reply = client.create("/tokens", step.body()).members();
        } catch (FailedCallException e) {
            if (step.hasSecret() && e.status() == 1) {
                secrets.cancel(step.description());
            }
            throw e;
        }
        String clientId = String.valueOf(reply.get("clientId"));
        if (!step.hasSecret()) {
            out.println("The API token \"" + step.description() + "\" is " + clientId + ".");
            return;
        }
        try {
            said(step.description(), clientId, secrets.deliver(step.description(), reply));
        } catch (FailedCallException e) {
            if (secrets.isRepeatable()) {
                throw e;
            }
            throw e.with(revoked(clientId));
        }
    }

    /** No program can use a token whose secret no one has, and it would keep the next run from making another. */
    private String revoked(String clientId) {
        try {
            client.create(
                    ServerState.tokenPath(clientId) + "/revoke", Map.of("reason", "Its secret could not be delivered"));
            return "The API token " + clientId + " is revoked again.";
        } catch (FailedCallException e) {
            return "The API token " + clientId + " exists, and no one has its secret: " + e.getMessage()
                    + " Revoke it before you run the command again.";
        }
    }

    /** The secret that reached no one goes: first if there is no room for another, otherwise once that one has arrived. */
    private void secret(OfSecret step) {
        String path = ServerState.tokenPath(step.clientId()) + "/secrets";
        List<?> live = Blueprint.items(client.get(path).members().get("items"));
        Deque<Object> unused = new ArrayDeque<>();
        live.forEach(item -> {
            Map<String, Object> secret = Blueprint.members(item);
            if (secret.get("lastUsedAt") == null) {
                unused.add(String.valueOf(secret.get("number")));
            }
        });
        if (live.size() > 1 && !unused.isEmpty()) {
            client.delete(path + "/" + unused.remove());
        }
        Map<String, Object> reply = client.create(path, Map.of()).members();
        said(step.description(), step.clientId(), secrets.deliver(step.description(), reply));
        unused.forEach(number -> client.delete(path + "/" + number));
    }

    private void said(String description, String clientId, String place) {
        out.println("The API token \"" + description + "\" is " + clientId + ". Its secret "
                + (place.isEmpty() ? "was discarded." : "went to " + place + "."));
    }
}
