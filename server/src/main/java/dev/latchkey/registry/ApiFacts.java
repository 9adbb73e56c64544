package dev.latchkey.registry;

import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoint;
import dev.latchkey.event.Change;
import dev.latchkey.event.Target;
import dev.latchkey.event.TargetKind;
import dev.latchkey.path.PathCharacter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What the log says about an API: what has changed, from what to what. */
public final class ApiFacts {
    private ApiFacts() {}

    /** The API as the subject of an event. */
    static Target target(String name) {
        return Target.named(TargetKind.API, name);
    }

    /** Everything that differs between two versions. */
    public static List<Change> between(Api old, Api api) {
        List<Change> changes = new ArrayList<>();
        add(changes, "description", old.description(), api.description());
        add(changes, "audience", old.audience(), api.audience());
        add(changes, "hosts", String.join(", ", old.hosts()), String.join(", ", api.hosts()));
        add(changes, "base path", old.basePath(), api.basePath());
        add(changes, "path characters", pathCharacters(old), pathCharacters(api));
        add(changes, "MCP endpoint", mcp(old), mcp(api));
        add(changes, "API keys", old.keyPlaces().text(), api.keyPlaces().text());
        add(changes, "signed assertion", old.assertion() ? "on" : "", api.assertion() ? "on" : "");
        add(changes, "limits", old.limits().text(), api.limits().text());
        SortedSet<String> names = new TreeSet<>(old.privileges().keySet());
        names.addAll(api.privileges().keySet());
        for (String name : names) {
            String before = old.privileges().get(name);
            String after = api.privileges().get(name);
            if (!Objects.equals(before, after)) {
                changes.add(Change.from("privilege " + name, described(before), described(after)));
            }
        }
        SortedSet<String> scopes = new TreeSet<>(old.scopes().keySet());
        scopes.addAll(api.scopes().keySet());
        for (String scope : scopes) {
            String before = old.scopes().get(scope);
            String after = api.scopes().get(scope);
            if (!Objects.equals(before, after)) {
                changes.add(Change.from("scope " + scope, meaning(before), meaning(after)));
            }
        }
        Map<String, Endpoint> before = byName(old);
        Map<String, Endpoint> after = byName(api);
        SortedSet<String> endpoints = new TreeSet<>(before.keySet());
        endpoints.addAll(after.keySet());
        for (String name : endpoints) {
            Endpoint one = before.get(name);
            Endpoint other = after.get(name);
            if (!Objects.equals(one, other)) {
                changes.add(Change.from("endpoint " + name, needs(one), needs(other)));
            }
        }
        return changes;
    }

    private static String pathCharacters(Api api) {
        return String.join(" ", PathCharacter.spellings(api.endpoints().pathCharacters()));
    }

    private static String mcp(Api api) {
        return Objects.requireNonNullElse(api.endpoints().mcp(), "");
    }

    private static void add(List<Change> changes, String field, String before, String after) {
        if (!before.equals(after)) {
            changes.add(Change.from(field, before.isEmpty() ? null : before, after.isEmpty() ? null : after));
        }
    }

    private static @Nullable String described(@Nullable String description) {
        return description == null ? null : description.isEmpty() ? "no description" : description;
    }

    private static @Nullable String meaning(@Nullable String privilege) {
        return privilege == null ? null : privilege.isEmpty() ? "means nothing" : privilege;
    }

    private static Map<String, Endpoint> byName(Api api) {
        Map<String, Endpoint> byName = new HashMap<>();
        api.endpoints().all().forEach(endpoint -> byName.put(endpoint.name(), endpoint));
        return byName;
    }

    private static @Nullable String needs(@Nullable Endpoint endpoint) {
        if (endpoint == null) {
            return null;
        }
        return endpoint.requirement().text() + (endpoint.summary().isEmpty() ? "" : " (" + endpoint.summary() + ")");
    }
}
