package dev.latchkey.apitoken;

import dev.latchkey.account.Account;
import dev.latchkey.crypto.RandomKey;
import java.security.SecureRandom;

/** The form of client ids: {@code <account key>.<token key>}. */
final class ClientId {
    private static final int TOKEN_KEY_LENGTH = 16;

    private ClientId() {}

    /** The second half of a client id, for a new token. */
    static String generateTokenKey(SecureRandom random) {
        return RandomKey.generate(random, TOKEN_KEY_LENGTH);
    }

    /** The client id of the account's token with this key. */
    static String of(String accountKey, String tokenKey) {
        return accountKey + "." + tokenKey;
    }

    /** The second half of a client id. */
    static String tokenKey(String clientId) {
        return clientId.substring(Account.KEY_LENGTH + 1);
    }

    /** Whether the text could be a client id. Called for each request. */
    static boolean isOne(String text) {
        return text.length() == Account.KEY_LENGTH + 1 + TOKEN_KEY_LENGTH
                && text.charAt(Account.KEY_LENGTH) == '.'
                && RandomKey.hasOnlyLetters(text, 0, Account.KEY_LENGTH)
                && RandomKey.hasOnlyLetters(text, Account.KEY_LENGTH + 1, text.length());
    }
}
