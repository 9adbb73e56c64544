package dev.latchkey.gate;

import dev.latchkey.apitoken.Barred;
import dev.latchkey.apitoken.Credentials;
import dev.latchkey.apitoken.Credentials.Authentication;
import dev.latchkey.crypto.Secret;
import dev.latchkey.event.Origin;
import dev.latchkey.oauth.AccessTokenCheck;
import dev.latchkey.oauth.AccessTokenCheck.Challenge;
import dev.latchkey.registry.CurrentPolicy;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Checks API keys: live, of an API token that works now and from there. One of ours that was mistyped costs no look-up, and neither
 * does any other text while there are no keys that were issued elsewhere.
 */
final class ApiKeyCheck {
    private static final String NOT_VALID = "The API key is not valid.";

    private final Credentials credentials;
    private final CurrentPolicy policy;

    ApiKeyCheck(Credentials credentials, CurrentPolicy policy) {
        this.credentials = credentials;
        this.policy = policy;
    }

    /** Who presents the key. Its API takes keys; that is checked before. */
    Identification identify(String text, Origin origin) {
        Optional<Secret> ours = Secret.parse(text).filter(secret -> secret.form() == Secret.Form.API_KEY);
        if (ours.isEmpty() && (Secret.hasPrefix(text) || !credentials.hasForeignKeys())) {
            return refused("This is not an API key of this server. Was it copied whole?");
        }
        return switch (ours.isPresent()
                ? credentials.authenticate(ours.get(), origin)
                : credentials.authenticateForeign(text, origin)) {
            case Authentication.Accepted(var apiToken) ->
                new Identification.Program(Guard.caller(apiToken, policy.get().effective(apiToken.role()), origin));
            // Only someone who has the key learns why it does not work.
            case Authentication.Refused(String reason, Barred barred) ->
                barred == null ? refused(NOT_VALID) : refused(why(barred), barred);
            case Authentication.SlowDown(var retryAfter, String reason, Barred barred) -> refused(NOT_VALID, barred);
        };
    }

    private static String why(Barred barred) {
        return switch (barred.why()) {
            case OTHER_ADDRESS -> AccessTokenCheck.otherAddress("API key", barred.from());
            case NOT_YET_VALID -> "The API key is not valid yet.";
            default -> "The API key was revoked or has expired.";
        };
    }

    private static Identification refused(String reason) {
        return refused(reason, null);
    }

    private static Identification refused(String reason, @Nullable Barred barred) {
        return new Identification.Refused(Challenge.BEARER, reason, barred);
    }
}
