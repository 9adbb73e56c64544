package dev.latchkey.verifier;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The program that calls, as its access token describes it.
 *
 * @param clientId the client id of its API token
 * @param roles currently always one
 * @param account the key of the account that owns the API token
 * @param scopes the privileges that the access token names; the policy decides what the role allows
 */
public record Client(
        String clientId, Set<String> roles, @Nullable String account, Set<String> scopes) {}
