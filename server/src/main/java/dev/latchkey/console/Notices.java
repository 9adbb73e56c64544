package dev.latchkey.console;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a page says after a change led to it. The address holds only the word, so nobody can put words on our pages. */
final class Notices {
    private static final Map<String, String> TEXTS = Map.ofEntries(
            Map.entry("saved", "The token is saved. It works now."),
            Map.entry("discarded", "The draft is discarded. It never worked for anything."),
            Map.entry("revoked", "The token is revoked. It no longer works."),
            Map.entry("secret-removed", "The secret is removed. It no longer gets access tokens."),
            Map.entry("created", "The token is created. It works now."),
            Map.entry("edited", "The token is changed. It counts from the next request."),
            Map.entry("revoked-together", "The tokens are revoked. They no longer work."),
            Map.entry("account-saved", "The account is saved."),
            Map.entry("role-created", "The role is created."),
            Map.entry("role-saved", "The role is saved. It takes effect with the next call."),
            Map.entry("role-deleted", "The role is deleted."),
            Map.entry("api-created", "The API is registered. Give it endpoints next: until then everything is denied."),
            Map.entry("api-saved", "The API is saved. It takes effect with the next call."),
            Map.entry("api-deleted", "The API is deleted. Its access tokens are refused from now on."),
            Map.entry("endpoint-saved", "The endpoint is saved. It takes effect with the next call."),
            Map.entry("endpoint-removed", "The endpoint is removed. Calls to it are denied from now on."),
            Map.entry("imported", "The endpoints are imported. They count from the next call."),
            Map.entry("user-saved", "The user is saved."),
            Map.entry("user-disabled", "The user is disabled and signed out everywhere."),
            Map.entry("user-enabled", "The user can sign in again."),
            Map.entry("user-removed", "The user is removed. Their tokens stay."),
            Map.entry(
                    "key-announced",
                    "The next key is published. It starts to sign once everybody has had time to read it."),
            Map.entry("key-withdrawn", "The key is withdrawn. Everything that it signed is refused."),
            Map.entry("signing-policy-saved", "Saved. It applies to the keys to come."),
            Map.entry("lost-settled", "Noted."),
            Map.entry(
                    "history-confirmed",
                    "Confirmed. The notice above every page is gone unless something else is open."),
            Map.entry("ended-since", "The tokens are revoked. They no longer work."),
            Map.entry("some-ended-since", "Some of the tokens are revoked. Go on for the others."),
            Map.entry("name", "Your name is changed."),
            Map.entry("password", "Your password is changed. Your other sessions have ended."),
            Map.entry("session-ended", "The session has ended."),
            Map.entry("sessions-ended", "All your other sessions have ended."),
            Map.entry("signed-out", "You are signed out."),
            Map.entry("welcome", "Welcome. Generate your first token to begin."));

    private Notices() {}

    static @Nullable String text(String word) {
        return TEXTS.get(word);
    }
}
