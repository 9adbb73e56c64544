package dev.latchkey.gate;

import dev.latchkey.access.Caller;
import dev.latchkey.access.Privilege;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.Credentials;
import dev.latchkey.event.Actor;
import dev.latchkey.problem.Problem;
import org.jspecify.annotations.Nullable;

/**
 * Who asks for decisions, and about which APIs they may.
 *
 * @param actsFor the API whose own credential asks, which may ask about no other; null when the asker is not an API
 */
public record Asker(Caller caller, @Nullable String actsFor) {

    public static Asker of(Caller caller, Credentials credentials) {
        return new Asker(
                caller,
                caller.kind() == Actor.Kind.PROGRAM
                        ? credentials.find(caller.id()).map(ApiToken::actsFor).orElse(null)
                        : null);
    }

    public boolean mayAskAbout(String api) {
        return actsFor == null || actsFor.equals(api);
    }

    /** @throws Problem 403 when the asker acts for another API */
    public void requireAbout(String api) {
        if (!mayAskAbout(api)) {
            throw new Problem(
                    403,
                    "other_api",
                    "Your API token acts for the API " + actsFor + " and may ask about no other API.");
        }
    }

    /** @throws Problem 403 that names the privilege */
    public void require(Privilege privilege) {
        caller.require(privilege);
    }
}
