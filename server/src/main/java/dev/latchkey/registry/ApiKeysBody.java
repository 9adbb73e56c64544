package dev.latchkey.registry;

import dev.latchkey.access.KeyPlaces;
import dev.latchkey.management.Doc;
import org.jspecify.annotations.Nullable;

/** Where an API takes API keys, in the management API. What is absent is off. */
public record ApiKeysBody(
        @Doc("In Authorization: Bearer, next to access tokens") @Nullable Boolean bearer,

        @Doc("In a header field of this name, such as X-API-Key") @Nullable String header,

        @Doc("As the user name or the password of HTTP Basic") @Nullable Boolean basic,

        @Doc(
                "In a query parameter of this name. Addresses end up in logs and histories: only for callers that can send no"
                        + " header")
        @Nullable String query) {
    static ApiKeysBody of(KeyPlaces places) {
        return new ApiKeysBody(places.bearer(), places.header(), places.basic(), places.query());
    }

    KeyPlaces places() {
        return new KeyPlaces(Boolean.TRUE.equals(bearer), header, Boolean.TRUE.equals(basic), query);
    }
}
