package dev.latchkey.registry;

import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Endpoint.Requirement;
import dev.latchkey.access.Privilege;
import dev.latchkey.management.Line;
import dev.latchkey.problem.Problem.FieldError;
import dev.latchkey.problem.Text;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** What is valid for the endpoints of an API: each alone, and all together. */
final class EndpointRules {
    private static final int MAX_ENDPOINTS = 5_000;

    /** So that a request body may hold all endpoints of an API. */
    static final int MAX_BODY = 4 * 1024 * 1024;

    /** The most privileges that one endpoint may need. */
    private static final int MAX_TOGETHER = 20;

    private static final int MAX_PATH = 500;
    private static final int MAX_SUMMARY = 200;
    private static final String ENDPOINTS = "endpoints";
    private static final Pattern METHOD = Pattern.compile("[A-Z][A-Z-]{0,19}");

    private EndpointRules() {}

    /** The endpoints; what is wrong with them, alone or together, goes to the errors. */
    static List<Endpoint> validated(List<FieldError> errors, String api, String basePath, Collection<Endpoint> wanted) {
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
                    ENDPOINTS,
                    Text.quote(endpoint.name()) + ": the method must be up to 20 capital letters, such as GET."));
            return errors;
        }
        if (endpoint.path().length() > MAX_PATH) {
            errors.add(new FieldError(
                    ENDPOINTS, Text.quote(endpoint.name()) + ": the path is longer than " + MAX_PATH + " characters."));
            return errors;
        }
        if (endpoint.requirement() instanceof Requirement.Holds holds) {
            requirePrivileges(errors, endpoint, holds, api);
        }
        Line.error(ENDPOINTS, endpoint.summary(), MAX_SUMMARY).ifPresent(errors::add);
        try {
            endpoint.template("");
            endpoint.template(basePath);
        } catch (IllegalArgumentException e) {
            errors.add(new FieldError(ENDPOINTS, String.valueOf(e.getMessage())));
        }
        return errors;
    }

    /** Two endpoints of the same shape take the same requests. */
    static String shape(String basePath, Endpoint endpoint) {
        return endpoint.method() + " " + endpoint.template(basePath).shape();
    }

    private static void requirePrivileges(
            List<FieldError> errors, Endpoint endpoint, Requirement.Holds holds, String api) {
        if (holds.privileges().size() > MAX_TOGETHER) {
            errors.add(
                    new FieldError(ENDPOINTS, endpoint.name() + " needs more than " + MAX_TOGETHER + " privileges."));
        }
        for (Privilege privilege : holds.privileges()) {
            if (!privilege.api().equals(api)) {
                throw new IllegalArgumentException("an endpoint needs privileges of its own API");
            }
            requirePrivilege(errors, ENDPOINTS, privilege.name());
        }
    }

    /** Adds an error unless the name can be that of a privilege. */
    static void requirePrivilege(List<FieldError> errors, String field, String name) {
        if (!Privilege.isName(name)) {
            errors.add(new FieldError(
                    field,
                    Text.quote(name) + " is not a name for a privilege. Use 1 to 128 visible ASCII characters without"
                            + " space, quote and backslash."));
        }
    }
}
