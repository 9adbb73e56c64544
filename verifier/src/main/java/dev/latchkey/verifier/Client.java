package dev.latchkey.verifier;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The program that calls, as its access token describes it.
 *
 * @param clientId the API token that it got the access token for
 * @param roles today one
 * @param account the key of the account that owns the API token
 * @param scopes the privileges that the access token names; what the role allows is decided by the policy
 */
public record Client(
        String clientId, Set<String> roles, @Nullable String account, Set<String> scopes) {}
