package dev.latchkey.apitoken;

import dev.latchkey.event.Origin;

/**
 * A program that proved which API token it has, and is refused because the token, or what it got for the token, does not work now,
 * from there, or without the key that it is bound to. A caller that only knows a client id is never one.
 *
 * @param from the place of the program, as far as it is known
 */
public record Barred(String clientId, Why why, Origin from) {
    /** Why it is refused. */
    public enum Why {
        /** The API token was not saved yet. */
        NOT_SAVED("not saved"),
        NOT_YET_VALID("not valid yet"),
        EXPIRED("expired"),
        REVOKED("revoked"),
        /** The API token may not be used from there. */
        OTHER_ADDRESS("address not allowed"),
        /** Neither the key nor the certificate was proved that is needed. */
        KEY_NOT_PROVED("key not proved"),
        /** The access token has expired or was revoked; the API token was not looked at. */
        ACCESS_TOKEN_ENDED("access token ended"),
        /** The access token is for another API. */
        OTHER_API("access token for another API");

        private final String text;

        Why(String text) {
            this.text = text;
        }

        /** For the audit log. */
        String text() {
            return text;
        }
    }
}
