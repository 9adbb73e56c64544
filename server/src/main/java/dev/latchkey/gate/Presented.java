package dev.latchkey.gate;

import dev.latchkey.access.KeyPlaces;
import dev.latchkey.crypto.Secret;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an allowed request presents, as its gateway needs to know it: the API must not get an API key, not even one that is not
 * valid.
 *
 * @param kind {@code access_token} or {@code api_key}
 * @param fields the header fields that hold a key, or may hold one
 * @param parameters the names of the query parameters that hold a key, or may hold one, as the query spells them
 * @param target what to pass on instead of the request's target; null for the target itself
 */
public record Presented(
        String kind,
        List<String> fields,
        List<String> parameters,
        @Nullable String target) {
    private static final String AUTHORIZATION = "Authorization";
    private static final Presented ACCESS_TOKEN = new Presented("access_token", List.of(), List.of(), null);

    /**
     * What the request presents; null for nothing, and for what is neither an access token of a known caller nor a key.
     *
     * @param identified whether the credential says who calls
     * @param places where the API takes keys
     */
    static @Nullable Presented of(PresentedCredential credential, boolean identified, KeyPlaces places, String target) {
        return switch (credential) {
            case PresentedCredential.None none -> null;
            case PresentedCredential.InAuthorization(String authorization) ->
                // A key may also be sent with a scheme that no one knows, or without one.
                identified ? ACCESS_TOKEN : Secret.isIn(authorization) ? key(List.of(AUTHORIZATION)) : null;
            case PresentedCredential.ApiKey(String text, PresentedCredential.Place place) ->
                switch (place) {
                    case AUTHORIZATION -> key(List.of(AUTHORIZATION));
                    case HEADER -> key(List.of(Objects.requireNonNull(places.header())));
                    case QUERY -> key(List.of(), Objects.requireNonNull(places.query()), target);
                    case RELAYED -> key(List.of());
                };
            // The others are allowed at public endpoints only, where no credential is needed.
            case PresentedCredential.MisplacedKey misplaced -> key(List.of(AUTHORIZATION));
            case PresentedCredential.UntakenKey untaken -> key(List.of());
            case PresentedCredential.Several several -> {
                List<String> fields =
                        places.header() == null ? List.of(AUTHORIZATION) : List.of(AUTHORIZATION, places.header());
                yield places.query() == null ? key(fields) : key(fields, places.query(), target);
            }
            case PresentedCredential.StuckInQuery stuck -> throw new IllegalArgumentException("never allowed");
        };
    }

    private static Presented key(List<String> fields) {
        return new Presented("api_key", fields, List.of(), null);
    }

    private static Presented key(List<String> fields, String parameter, String target) {
        return new Presented(
                "api_key",
                fields,
                PresentedCredential.spellings(target, parameter),
                PresentedCredential.withoutParameter(target, parameter));
    }
}
