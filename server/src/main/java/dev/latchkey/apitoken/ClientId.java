package dev.latchkey.apitoken;

import dev.latchkey.account.Account;
import dev.latchkey.crypto.RandomKey;
import java.security.SecureRandom;

/** The form of client ids: {@code <account key>.<token key>}. */
final class ClientId {
    private static final int TOKEN_KEY_LENGTH = 16;

    private ClientId() {}

    /** A client id for a new token of the account. */
    static String generate(String accountKey, SecureRandom random) {
        return accountKey + "." + RandomKey.generate(random, TOKEN_KEY_LENGTH);
    }

    /** Whether the text could be a client id. Called for each request. */
    static boolean isOne(String text) {
        return text.length() == Account.KEY_LENGTH + 1 + TOKEN_KEY_LENGTH
                && text.charAt(Account.KEY_LENGTH) == '.'
                && RandomKey.hasOnlyLetters(text, 0, Account.KEY_LENGTH)
                && RandomKey.hasOnlyLetters(text, Account.KEY_LENGTH + 1, text.length());
    }
}
