package dev.latchkey.registry;

import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Endpoint.Requirement;
import dev.latchkey.access.Endpoints;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Resource;
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
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What is valid for an API. */
public final class ApiRules {
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?");
    private static final Pattern HOST =
            Pattern.compile("(\\[[0-9a-f:.]+]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:[0-9]{1,5})?");

    private static final int MAX_TEXT = 200;
    private static final int MAX_PATH = 500;
    private static final int MAX_HOSTS = 20;
    private static final int MAX_SCOPES = 50;
    private static final int MAX_ERRORS = 20;

    private final String managementAudience;

    /** @param managementAudience the audience of Latchkey's own API, which no other may have */
    public ApiRules(String managementAudience) {
        this.managementAudience = managementAudience;
    }

    /**
     * The next version of the API, with these terms.
     *
     * @param others all APIs; the old version may be among them
     * @throws Problem 422 with everything that is not valid
     */
    public Api validated(Api old, ApiTerms wanted, Collection<Api> others) {
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
            EndpointRules.requirePrivilege(errors, "privileges", name);
            requireLine(errors, "privileges", description);
            privileges.put(name, description.strip());
        });
        List<Endpoint> endpoints = EndpointRules.validated(errors, old.name(), basePath, wanted.endpoints());
        for (Endpoint endpoint : endpoints) {
            if (endpoint.requirement() instanceof Requirement.Holds holds) {
                holds.names().forEach(name -> privileges.putIfAbsent(name, ""));
            }
        }
        SortedMap<String, String> scopes = scopes(errors, old, wanted.scopes(), privileges);
        String mcp = McpRules.path(errors, wanted.mcp(), endpoints);
        if (mcp != null) {
            McpRules.requireScope(errors, privileges.keySet(), scopes.keySet());
        }
        KeyPlaceRules.check(errors, wanted.keyPlaces());
        errors.addAll(wanted.limits().errors("limits."));
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
                wanted.keyPlaces(),
                wanted.assertion(),
                wanted.limits(),
                new Endpoints(basePath, endpoints, pathCharacters, mcp),
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
                errors.add(new FieldError("hosts", Text.quote(host) + " is not a host name with or without a port."));
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

    /** Drops a scope whose privilege went with an endpoint, or that became a privilege: this change did not ask for it. */
    private static SortedMap<String, String> scopes(
            List<FieldError> errors, Api old, SortedMap<String, String> wanted, SortedMap<String, String> privileges) {
        SortedMap<String, String> scopes = new TreeMap<>();
        if (wanted.size() > MAX_SCOPES) {
            errors.add(new FieldError("scopes", "Enter at most " + MAX_SCOPES + " scopes."));
        }
        wanted.forEach((scope, privilege) -> {
            if (!Privilege.isName(scope)) {
                errors.add(new FieldError(
                        "scopes",
                        Text.quote(scope)
                                + " is not a scope. Use 1 to 128 visible ASCII characters without space, quote"
                                + " and backslash."));
            } else if (privileges.containsKey(scope)) {
                if (!privilege.equals(old.scopes().get(scope))) {
                    errors.add(new FieldError(
                            "scopes", Text.quote(scope) + " is a privilege and stands for itself only."));
                }
            } else if (privilege.isEmpty() || privileges.containsKey(privilege)) {
                scopes.put(scope, privilege);
            } else if (!privilege.equals(old.scopes().get(scope))) {
                errors.add(new FieldError(
                        "scopes",
                        "The API has no privilege " + Text.quote(privilege) + " for " + Text.quote(scope)
                                + " to stand for."));
            }
        });
        return scopes;
    }

    private static void requireLine(List<FieldError> errors, String field, String text) {
        Line.error(field, text, MAX_TEXT).ifPresent(errors::add);
    }

    private static String message(IllegalArgumentException e) {
        return String.valueOf(e.getMessage());
    }
}
