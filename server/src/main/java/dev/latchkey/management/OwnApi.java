package dev.latchkey.management;

import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Endpoints;
import dev.latchkey.access.KeyPlaces;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.http.BasePath;
import dev.latchkey.limit.CallLimits;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Latchkey's own API in the form of a registered one, for pages and calls that show or explain APIs. */
public final class OwnApi {
    private OwnApi() {}

    public static Api of(List<Operation> operations, String audience) {
        SortedMap<String, String> privileges = new TreeMap<>();
        ManagementApi.PRIVILEGES.forEach(
                described -> privileges.put(described.privilege().name(), described.description()));
        List<Endpoint> endpoints = operations.stream()
                .map(operation -> new Endpoint(
                        operation.method(),
                        operation.path(),
                        operation.privilege() == null
                                ? new Endpoint.Requirement.AnyToken()
                                : new Endpoint.Requirement.Holds(operation.privilege()),
                        operation.summary()))
                .toList();
        String basePath = BasePath.of(audience).path();
        return new Api(
                ManagementApi.NAME,
                "Latchkey itself",
                audience,
                List.of(),
                basePath,
                privileges,
                new TreeMap<>(),
                // Never: a key is the whole credential, and this API is the one to attack.
                KeyPlaces.NONE,
                false,
                CallLimits.NONE,
                new Endpoints(basePath, endpoints),
                Instant.EPOCH,
                "Latchkey",
                1);
    }
}
