package dev.latchkey.console;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a page says after a change. Its address names the notice and does not hold the text, so no link can put words on our pages. */
enum Notice {
    SAVED("The token is saved. It works now."),
    DISCARDED("The draft is discarded. It never worked."),
    REVOKED("The token is revoked. It no longer works."),
    SECRET_REMOVED("The secret is removed. It no longer gets access tokens."),
    KEY_REMOVED("The key is removed. Calls with it are refused from now on."),
    CREATED("The token is created. It works now."),
    EDITED("The token is saved. Changes take effect with the next request."),
    REVOKED_TOGETHER("The tokens are revoked. They no longer work."),
    HANDED_OVER("The tokens have another owner. They continue to work."),
    HANDED_OVER_SOME(
            "Some of the tokens have another owner. The others were revoked in the meantime, or had that owner already."),
    HANDED_OVER_NONE("Nothing was changed: the tokens were revoked in the meantime, or had that owner already."),
    ACCOUNT_SAVED("The account is saved."),
    ROLE_CREATED("The role is created."),
    ROLE_SAVED("The role is saved. Changes take effect with the next call."),
    ADVICE_APPLIED("The advice is applied. It takes effect with the next call."),
    ADVICE_UNDONE("The role is as it was before the advice. That takes effect with the next call."),
    TRIAL_BEGUN("The trial has begun. The role stays as it is, and nothing is refused because of the trial."),
    TRIAL_STOPPED("The trial is stopped. The role stays as it is."),
    TRIAL_APPLIED("What was tried is applied. It takes effect with the next call."),
    ROLE_DELETED("The role is deleted."),
    API_CREATED("The API is registered. Add endpoints next: until then every call is denied."),
    API_SAVED("The API is saved. Changes take effect with the next call."),
    PRIVILEGES_REMOVED("The privileges are removed, also from all roles."),
    API_DELETED("The API is deleted. Its access tokens are refused from now on."),
    ENDPOINT_SAVED("The endpoint is saved. Changes take effect with the next call."),
    ENDPOINT_REMOVED("The endpoint is removed. Calls to it are denied from now on."),
    IMPORTED("The endpoints are imported. Changes take effect with the next call."),
    USER_SAVED("The user is saved."),
    USER_DISABLED("The user is disabled and signed out everywhere."),
    USER_ENABLED("The user can sign in again."),
    USER_REMOVED("The user is removed. Their tokens keep working."),
    KEY_ANNOUNCED("The next key is published. It starts to sign once every API has had time to read it."),
    KEY_WITHDRAWN("The key is withdrawn. Everything that it signed is refused."),
    SIGNING_POLICY_SAVED("The policy is saved. It applies to future keys."),
    LOST_SETTLED("The change is marked."),
    HISTORY_CONFIRMED("Confirmed. The notice at the top of every page is gone unless something else is open."),
    ENDED_SINCE("The tokens are revoked. They no longer work."),
    SOME_ENDED_SINCE("Some of the tokens are revoked. Continue with the others."),
    NAME("Your name is changed."),
    PASSWORD("Your password is changed. Your other sessions have ended."),
    SESSION_ENDED("The session has ended."),
    SESSIONS_ENDED("All your other sessions have ended."),
    SIGNED_OUT("You are signed out."),
    WELCOME("Welcome. Generate your first token to begin.");

    private static final Map<String, Notice> BY_WORD =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Notice::word, Function.identity()));

    private final String text;

    Notice(String text) {
        this.text = text;
    }

    /** The text of the notice with this word; null when there is none. */
    static @Nullable String text(String word) {
        Notice notice = BY_WORD.get(word);
        return notice == null ? null : notice.text;
    }

    private String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The address of a page that shows this notice. */
    String at(String address) {
        return Address.of(address).with("done", word()).text();
    }
}
