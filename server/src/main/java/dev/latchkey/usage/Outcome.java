package dev.latchkey.usage;

import dev.latchkey.apitoken.Barred;
import java.util.Arrays;

/** What became of a call whose program is known. A caller that is not known has no usage. */
public enum Outcome {
    ALLOWED("allowed"),
    /** The token's role lacks a privilege that the endpoint needs. */
    MISSING_PRIVILEGE("missing_privilege"),
    /** The API has no endpoint for the request. */
    NO_ENDPOINT("no_endpoint"),
    /** The request could mean more than one thing. */
    DOUBTFUL_REQUEST("doubtful_request"),
    /** The role allows it, but a limit was reached. */
    LIMITED("limited"),
    /** The API token was revoked. What follows as well was proved by the token's program, or by a thief. */
    REVOKED("revoked"),
    /** The API token had expired. */
    EXPIRED("expired"),
    /** The API token is not valid yet. */
    NOT_YET_VALID("not_yet_valid"),
    /** The API token may not be used from the caller's address. */
    WRONG_ADDRESS("wrong_address"),
    /** The caller did not prove the key or the certificate that is needed. */
    KEY_NOT_PROVED("key_not_proved"),
    /** The access token had expired or was revoked. */
    ACCESS_TOKEN_ENDED("access_token_ended"),
    /** The access token is for another API. */
    WRONG_API("wrong_api"),
    /** Refused for a reason that only a newer version knows. */
    OTHER("other");

    private final String text;

    Outcome(String text) {
        this.text = text;
    }

    /** The public name. */
    public String text() {
        return text;
    }

    /** Whether the call was refused whatever it was, because the program may not call at all. Then it shows no need. */
    public boolean isOfBarred() {
        return switch (this) {
            case REVOKED, EXPIRED, NOT_YET_VALID, WRONG_ADDRESS, KEY_NOT_PROVED, ACCESS_TOKEN_ENDED, WRONG_API -> true;
            case ALLOWED, MISSING_PRIVILEGE, NO_ENDPOINT, DOUBTFUL_REQUEST, LIMITED, OTHER -> false;
        };
    }

    static Outcome of(Barred.Why why) {
        return switch (why) {
            case NOT_SAVED, NOT_YET_VALID -> NOT_YET_VALID;
            case EXPIRED -> EXPIRED;
            case REVOKED -> REVOKED;
            case OTHER_ADDRESS -> WRONG_ADDRESS;
            case KEY_NOT_PROVED -> KEY_NOT_PROVED;
            case ACCESS_TOKEN_ENDED -> ACCESS_TOKEN_ENDED;
            case OTHER_API -> WRONG_API;
        };
    }

    public static Outcome of(String text) {
        return Arrays.stream(values())
                .filter(outcome -> outcome.text.equals(text))
                .findFirst()
                .orElse(OTHER);
    }
}
