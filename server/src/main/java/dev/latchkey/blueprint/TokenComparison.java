package dev.latchkey.blueprint;

import dev.latchkey.apitoken.ApiTokenJson.CreateToken;
import dev.latchkey.apitoken.ApiTokenJson.TokenReply;
import dev.latchkey.apitoken.ApiTokenJson.UpdateToken;
import dev.latchkey.apitoken.ApiTokenTerms;
import dev.latchkey.apitoken.AuthenticationSettings;
import dev.latchkey.blueprint.Step.OfToken;
import dev.latchkey.blueprint.Step.Verb;
import dev.latchkey.client.ManagementClient;
import dev.latchkey.event.Change;
import dev.latchkey.problem.Json;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Text;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares the API tokens of a blueprint with those on the server. A token is known by its description, unless the blueprint
 * gives its client id; revoked tokens do not exist here.
 */
final class TokenComparison {
    private static final String AUTHENTICATION = "authentication";
    private static final List<String> REPLY_FIELDS = Arrays.stream(TokenReply.class.getRecordComponents())
            .map(RecordComponent::getName)
            .toList();

    /** What neither lets anyone in nor keeps anyone out. */
    private static final Set<String> ONLY_WORDS =
            Set.of("description", "default resource", "name in access tokens", Format.LIMITS);

    private final Blueprint blueprint;
    private final ServerState state;
    private final String issuer;
    private final SecretDelivery secrets;
    private final Faults faults;

    /**
     * @param issuer Latchkey's own
     * @param secrets knows which secrets reached no one
     */
    TokenComparison(Blueprint blueprint, ServerState state, String issuer, SecretDelivery secrets, Faults faults) {
        this.blueprint = blueprint;
        this.state = state;
        this.issuer = issuer;
        this.secrets = secrets;
        this.faults = faults;
    }

    /** The client ids of the tokens that the blueprint names, and the steps to what it says about tokens. */
    record Result(Set<String> named, List<Step> steps) {}

    /** @param knownRoles the roles that there will be */
    Result compared(Set<String> knownRoles) {
        Set<String> named = new HashSet<>();
        List<Step> steps = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        List<Map<String, Object>> tokens = blueprint.tokens();
        for (int i = 0; i < tokens.size(); i++) {
            Map<String, Object> token = tokens.get(i);
            String role = String.valueOf(token.get(Format.ROLE));
            if (!knownRoles.contains(role)) {
                faults.add("There is no role " + Text.quote(role) + ".", Format.TOKENS, i, Format.ROLE);
            }
            String key = String.valueOf(token.getOrDefault(Format.CLIENT_ID, description(token)));
            if (!taken.add(key)) {
                faults.add(
                        "Another token of this file is named " + Text.quote(key)
                                + ". Change its description, or add the clientId of the one that you mean.",
                        Format.TOKENS,
                        i);
                continue;
            }
            Found found = found(token, i);
            if (found.ambiguous()) {
                continue;
            }
            @Nullable TokenReply old = found.token();
            if (old != null && !named.add(old.clientId())) {
                faults.add("Another token of this file is " + old.clientId() + " as well.", Format.TOKENS, i);
                continue;
            }
            try {
                step(token, i, old).ifPresent(steps::add);
                if (old != null && old.terms().secretForm() != null && secrets.reachedNoOne(old.description())) {
                    steps.add(new Step.OfSecret(old.description(), old.clientId()));
                }
            } catch (Problem problem) {
                faults.add(problem, Format.TOKENS, i);
            }
        }
        return new Result(named, steps);
    }

    private static String description(Map<String, Object> token) {
        return String.valueOf(token.get(Format.DESCRIPTION)).strip();
    }

    private record Found(@Nullable TokenReply token, boolean ambiguous) {
        static final Found NONE = new Found(null, false);
        static final Found UNCLEAR = new Found(null, true);
    }

    private Found found(Map<String, Object> token, int index) {
        if (token.get(Format.CLIENT_ID) instanceof String clientId) {
            Optional<TokenReply> reply = byClientId(clientId);
            if (reply.isEmpty()) {
                faults.add(
                        "There is no API token with the client id " + Text.quote(clientId)
                                + " that is not revoked. Remove clientId to have one created.",
                        Format.TOKENS,
                        index,
                        Format.CLIENT_ID);
                return Found.UNCLEAR;
            }
            return new Found(reply.get(), false);
        }
        String description = description(token);
        List<TokenReply> same =
                state.client().all("/tokens?status=active&search=" + ManagementClient.encoded(description)).stream()
                        .filter(reply -> description.equals(reply.get(Format.DESCRIPTION)))
                        .map(TokenComparison::reply)
                        .toList();
        if (same.size() > 1) {
            faults.add(
                    same.size() + " API tokens have this description: "
                            + String.join(
                                    ", ",
                                    same.stream()
                                            .limit(5)
                                            .map(TokenReply::clientId)
                                            .toList())
                            + ". Add the clientId of the one that you mean.",
                    Format.TOKENS,
                    index,
                    Format.DESCRIPTION);
            return Found.UNCLEAR;
        }
        return same.isEmpty()
                ? Found.NONE
                : new Found(byClientId(same.getFirst().clientId()).orElse(null), false);
    }

    /** The token that is not revoked, read together with its version. */
    Optional<TokenReply> byClientId(String clientId) {
        return state.client()
                .find(ServerState.tokenPath(ManagementClient.encoded(clientId)))
                .filter(reply -> "active".equals(reply.members().get("status")))
                .map(reply -> {
                    state.note(ServerState.tokenPath(clientId), reply);
                    return reply(reply.members());
                });
    }

    static TokenReply reply(Map<String, Object> members) {
        return Json.readText(Json.writeText(ServerState.only(REPLY_FIELDS, members)), TokenReply.class);
    }

    private Optional<OfToken> step(Map<String, Object> token, int index, @Nullable TokenReply old) {
        Map<String, @Nullable Object> body = new LinkedHashMap<>(token);
        body.remove(Format.CLIENT_ID);
        String role = String.valueOf(token.get(Format.ROLE));
        String description = description(token);
        String json = Json.writeText(withoutNulls(body));
        LimitsPart.check(faults, LimitsPart.read(body.get(Format.LIMITS)), Format.TOKENS, index);
        if (old == null) {
            ApiTokenTerms terms = Json.read(json, CreateToken.class).terms(issuer);
            List<Change> changes = new ArrayList<>(List.of(Change.set("role", role)));
            terms.facts().forEach((name, value) -> {
                if (value != null && !name.equals("description")) {
                    changes.add(Change.set(name, shown(name, value, terms)));
                }
            });
            return Optional.of(new OfToken(
                    Verb.CREATE, description, "", role, withoutNulls(body), terms.secretForm() != null, true, changes));
        }
        if (!old.role().equals(role)) {
            faults.add(
                    "The API token " + Text.quote(description) + " has the role " + old.role()
                            + ", which cannot change. Change its description, so that a new one is"
                            + " created.",
                    Format.TOKENS,
                    index,
                    Format.ROLE);
            return Optional.empty();
        }
        body.remove(Format.ROLE);
        ApiTokenTerms before = old.terms();
        ApiTokenTerms after = Json.read(Json.writeText(withoutNulls(without(body, Format.ROLE))), UpdateToken.class)
                .applied(before, body.keySet(), issuer);
        if (!before.authentication().method().equals(after.authentication().method())) {
            faults.add(
                    "The API token " + Text.quote(description) + " authenticates by "
                            + before.authentication().method()
                            + ", which cannot change. Change its description, so that a new one is"
                            + " created.",
                    Format.TOKENS,
                    index,
                    AUTHENTICATION);
            return Optional.empty();
        }
        List<Change> changes = between(before, after);
        boolean matters = changes.stream().anyMatch(change -> !ONLY_WORDS.contains(change.field()));
        return changes.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new OfToken(Verb.CHANGE, description, old.clientId(), role, body, false, matters, changes));
    }

    private static Map<String, @Nullable Object> without(Map<String, @Nullable Object> body, String name) {
        Map<String, @Nullable Object> rest = new LinkedHashMap<>(body);
        rest.remove(name);
        return rest;
    }

    private static Map<String, @Nullable Object> withoutNulls(Map<String, @Nullable Object> body) {
        Map<String, @Nullable Object> some = new LinkedHashMap<>(body);
        some.values().removeIf(Objects::isNull);
        return some;
    }

    private static List<Change> between(ApiTokenTerms before, ApiTokenTerms after) {
        Map<String, @Nullable String> old = before.facts();
        List<Change> changes = new ArrayList<>();
        after.facts().forEach((name, value) -> {
            boolean same = name.equals(AUTHENTICATION)
                    // Not as text, in which the members of a key may be in another order.
                    ? AuthenticationSettings.of(before.authentication())
                            .equals(AuthenticationSettings.of(after.authentication()))
                    : Objects.equals(old.get(name), value);
            if (!same) {
                changes.add(Change.from(name, old.get(name), value));
            }
        });
        return changes;
    }

    private static String shown(String name, String value, ApiTokenTerms terms) {
        return name.equals(AUTHENTICATION) && terms.secretForm() != null
                ? terms.authentication().method()
                : value;
    }
}
