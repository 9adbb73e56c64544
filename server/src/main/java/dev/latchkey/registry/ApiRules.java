package dev.latchkey.registry;

import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Endpoint.Requirement;
import dev.latchkey.access.Endpoints;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Resource;
import dev.latchkey.event.Change;
import dev.latchkey.management.Line;
import dev.latchkey.path.PathCharacter;
import dev.latchkey.path.PathTemplate;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Problem.FieldError;
import dev.latchkey.problem.Text;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What is valid for an API. */
final class ApiRules {
    static final int MAX_ENDPOINTS = 5_000;

    /** The most privileges that one endpoint may need. */
    static final int MAX_TOGETHER = 20;

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?");
    private static final Pattern HOST =
            Pattern.compile("(\\[[0-9a-f:.]+]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:[0-9]{1,5})?");
    private static final Pattern METHOD = Pattern.compile("[A-Z][A-Z-]{0,19}");

    /** The characters of a scope, since the name of a privilege is one (RFC 6749 section 3.3). */
    private static final Pattern PRIVILEGE = Pattern.compile("[!#-\\[\\]-~]{1,128}");

    private static final String ENDPOINTS = "endpoints";
    private static final int MAX_TEXT = 200;
    private static final int MAX_PATH = 500;
    private static final int MAX_HOSTS = 20;
    private static final int MAX_SCOPES = 50;
    private static final int MAX_ERRORS = 20;

    private final String managementAudience;

    ApiRules(String managementAudience) {
        this.managementAudience = managementAudience;
    }

    /**
     * The next version of the API, with these terms.
     *
     * @param others all APIs; the old version may be among them
     * @throws Problem 422 with everything that is not valid
     */
    Api validated(Api old, ApiTerms wanted, Collection<Api> others) {
        List<FieldError> errors = new ArrayList<>();
        if (!NAME.matcher(old.name()).matches() || old.name().equals(ManagementApi.NAME)) {
            errors.add(new FieldError(
                    "name",
                    "Use 1 to 40 of the characters a-z, 0-9 and -, beginning and ending with a letter or digit. The name"
                            + " latchkey is taken."));
        }
        requireLine(errors, "description", wanted.description());
        String audience = wanted.audience().strip();
        requireAudience(errors, audience);
        List<String> hosts = wanted.hosts().stream()
                .map(host -> Api.plainHost(host.strip()))
                .filter(host -> !host.isEmpty())
                .distinct()
                .sorted()
                .toList();
        requireHosts(errors, hosts);
        String basePath = basePath(errors, wanted.basePath().strip());
        Set<PathCharacter> pathCharacters = pathCharacters(errors, wanted.pathCharacters());
        for (Api other : others) {
            if (!other.name().equals(old.name())) {
                requireApart(errors, other, audience, hosts, basePath);
            }
        }
        SortedMap<String, String> privileges = new TreeMap<>();
        wanted.privileges().forEach((name, description) -> {
            requirePrivilege(errors, "privileges", name);
            requireLine(errors, "privileges", description);
            privileges.put(name, description.strip());
        });
        List<Endpoint> endpoints = endpoints(errors, old.name(), basePath, wanted.endpoints());
        for (Endpoint endpoint : endpoints) {
            if (endpoint.requirement() instanceof Requirement.Holds holds) {
                holds.names().forEach(name -> privileges.putIfAbsent(name, ""));
            }
        }
        SortedMap<String, String> scopes = scopes(errors, old, wanted.scopes(), privileges);
        if (!errors.isEmpty()) {
            throw Problem.invalid(errors.subList(0, Math.min(errors.size(), MAX_ERRORS)));
        }
        return new Api(
                old.name(),
                wanted.description().strip(),
                audience,
                hosts,
                basePath,
                privileges,
                scopes,
                new Endpoints(basePath, endpoints, pathCharacters),
                old.createdAt(),
                old.createdBy(),
                old.version() + 1);
    }

    private void requireAudience(List<FieldError> errors, String audience) {
        try {
            URI uri = new URI(audience);
            // RFC 8707 section 2: an absolute URI without a fragment.
            if (uri.isAbsolute() && uri.getRawFragment() == null && audience.length() <= MAX_TEXT) {
                if (Resource.isSame(audience, managementAudience)) {
                    errors.add(new FieldError("audience", "This is Latchkey's own audience. Choose another."));
                }
                return;
            }
        } catch (URISyntaxException e) {
            // Reported below.
        }
        errors.add(new FieldError(
                "audience",
                "Enter an absolute URI without a fragment, such as https://billing.example, of at most " + MAX_TEXT
                        + " characters."));
    }

    private static void requireHosts(List<FieldError> errors, List<String> hosts) {
        if (hosts.size() > MAX_HOSTS) {
            errors.add(new FieldError("hosts", "Enter at most " + MAX_HOSTS + " hosts."));
        }
        for (String host : hosts) {
            if (host.length() > MAX_TEXT || !HOST.matcher(host).matches()) {
                errors.add(
                        new FieldError("hosts", Text.quote(host) + " is not a host name with or without a port."));
            }
        }
    }

    private static String basePath(List<FieldError> errors, String given) {
        String basePath = given.endsWith("/") ? given.substring(0, given.length() - 1) : given;
        if (basePath.isEmpty()) {
            return basePath;
        }
        try {
            if (basePath.length() <= MAX_PATH
                    && PathTemplate.parse(basePath).segments().stream()
                            .allMatch(segment -> segment instanceof PathTemplate.Segment.Literal literal
                                    && !literal.text().isEmpty())) {
                return basePath;
            }
            errors.add(new FieldError("basePath", "Enter a path without parameters, such as /v1, or nothing."));
        } catch (IllegalArgumentException e) {
            errors.add(new FieldError("basePath", message(e)));
        }
        return "";
    }

    private static Set<PathCharacter> pathCharacters(List<FieldError> errors, Collection<String> wanted) {
        if (wanted.stream().anyMatch(name -> PathCharacter.named(name).isEmpty())) {
            errors.add(new FieldError(
                    "pathCharacters",
                    "Only " + String.join(", ", PathCharacter.spellings(EnumSet.allOf(PathCharacter.class)))
                            + " can be allowed. Programs differ in how they read any other."));
        }
        return PathCharacter.allNamed(wanted);
    }

    private static void requireApart(
            List<FieldError> errors, Api other, String audience, List<String> hosts, String basePath) {
        if (Resource.isSame(other.audience(), audience)) {
            errors.add(new FieldError("audience", "The API " + other.name() + " has this audience already."));
        }
        if (other.basePath().equals(basePath)) {
            hosts.stream()
                    .filter(other.hosts()::contains)
                    .forEach(host -> errors.add(new FieldError(
                            "hosts",
                            "The API " + other.name() + " is already at " + host + " with the same base path.")));
        }
    }

    private static List<Endpoint> endpoints(
            List<FieldError> errors, String api, String basePath, Collection<Endpoint> wanted) {
        if (wanted.size() > MAX_ENDPOINTS) {
            errors.add(new FieldError(ENDPOINTS, "An API can have at most " + MAX_ENDPOINTS + " endpoints."));
            return List.of();
        }
        List<Endpoint> endpoints = new ArrayList<>();
        Map<String, Endpoint> byShape = new HashMap<>();
        for (Endpoint endpoint : wanted) {
            List<FieldError> wrong = faults(api, basePath, endpoint);
            if (wrong.isEmpty()) {
                Endpoint same = byShape.putIfAbsent(shape(basePath, endpoint), endpoint);
                if (same != null) {
                    wrong = List.of(new FieldError(
                            ENDPOINTS, endpoint.name() + " takes the same requests as " + same.name() + "."));
                }
            }
            errors.addAll(wrong);
            endpoints.add(endpoint);
        }
        return endpoints;
    }

    /** What is wrong with an endpoint as such, whatever other endpoints there are; empty when it is valid. */
    static List<FieldError> faults(String api, String basePath, Endpoint endpoint) {
        List<FieldError> errors = new ArrayList<>();
        if (!METHOD.matcher(endpoint.method()).matches()) {
            errors.add(new FieldError(
                    ENDPOINTS, Text.quote(endpoint.name()) + ": the method must be up to 20 capital letters, such as GET."));
            return errors;
        }
        if (endpoint.path().length() > MAX_PATH) {
            errors.add(new FieldError(
                    ENDPOINTS,
                    Text.quote(endpoint.name()) + ": the path is longer than " + MAX_PATH + " characters."));
            return errors;
        }
        if (endpoint.requirement() instanceof Requirement.Holds holds) {
            requirePrivileges(errors, endpoint, holds, api);
        }
        requireLine(errors, ENDPOINTS, endpoint.summary());
        try {
            PathTemplate.parse(endpoint.path());
            PathTemplate.parse(basePath + endpoint.path());
        } catch (IllegalArgumentException e) {
            errors.add(new FieldError(ENDPOINTS, message(e)));
        }
        return errors;
    }

    /** Two endpoints of the same shape take the same requests. */
    static String shape(String basePath, Endpoint endpoint) {
        return endpoint.method() + " "
                + PathTemplate.parse(basePath + endpoint.path()).shape();
    }

    private static void requirePrivileges(
            List<FieldError> errors, Endpoint endpoint, Requirement.Holds holds, String api) {
        if (holds.privileges().size() > MAX_TOGETHER) {
            errors.add(new FieldError(
                    ENDPOINTS, endpoint.name() + " needs more than " + MAX_TOGETHER + " privileges."));
        }
        for (Privilege privilege : holds.privileges()) {
            if (!privilege.api().equals(api)) {
                throw new IllegalArgumentException("an endpoint needs privileges of its own API");
            }
            requirePrivilege(errors, ENDPOINTS, privilege.name());
        }
    }

    /** Drops a scope whose privilege went with an endpoint, or that became a privilege: this change did not ask for it. */
    private static SortedMap<String, String> scopes(
            List<FieldError> errors, Api old, SortedMap<String, String> wanted, SortedMap<String, String> privileges) {
        SortedMap<String, String> scopes = new TreeMap<>();
        if (wanted.size() > MAX_SCOPES) {
            errors.add(new FieldError("scopes", "Enter at most " + MAX_SCOPES + " scopes."));
        }
        wanted.forEach((scope, privilege) -> {
            if (!PRIVILEGE.matcher(scope).matches()) {
                errors.add(new FieldError(
                        "scopes",
                        Text.quote(scope) + " is not a scope. Use 1 to 128 visible ASCII characters without space, quote"
                                + " and backslash."));
            } else if (privileges.containsKey(scope)) {
                if (!privilege.equals(old.scopes().get(scope))) {
                    errors.add(new FieldError("scopes", Text.quote(scope) + " is a privilege and stands for itself only."));
                }
            } else if (privilege.isEmpty() || privileges.containsKey(privilege)) {
                scopes.put(scope, privilege);
            } else if (!privilege.equals(old.scopes().get(scope))) {
                errors.add(new FieldError(
                        "scopes",
                        "The API has no privilege " + Text.quote(privilege) + " for " + Text.quote(scope) + " to stand for."));
            }
        });
        return scopes;
    }

    private static void requirePrivilege(List<FieldError> errors, String field, String name) {
        if (!PRIVILEGE.matcher(name).matches()) {
            errors.add(new FieldError(
                    field,
                    Text.quote(name) + " is not a name for a privilege. Use 1 to 128 visible ASCII characters without"
                            + " space, quote and backslash."));
        }
    }

    private static void requireLine(List<FieldError> errors, String field, String text) {
        Line.error(field, text, MAX_TEXT).ifPresent(errors::add);
    }

    private static String message(IllegalArgumentException e) {
        return String.valueOf(e.getMessage());
    }

    /** The differences, for the log. */
    static List<Change> differences(Api old, Api api) {
        List<Change> changes = new ArrayList<>();
        add(changes, "description", old.description(), api.description());
        add(changes, "audience", old.audience(), api.audience());
        add(changes, "hosts", String.join(", ", old.hosts()), String.join(", ", api.hosts()));
        add(changes, "base path", old.basePath(), api.basePath());
        add(changes, "path characters", pathCharacters(old), pathCharacters(api));
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
