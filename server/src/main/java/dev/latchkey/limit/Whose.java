package dev.latchkey.limit;

/** Whose calls a limit is about. */
public enum Whose {
    /** The calls of one API token. */
    TOKEN("token", "The API token"),
    /** The calls of each API token that has a role, for itself. */
    ROLE("role", "Each API token with the role"),
    /** All calls of an API. */
    API("api", "The API"),
    /** All calls of the account. */
    ACCOUNT("account", "The account");

    private final String text;
    private final String subject;

    Whose(String text, String subject) {
        this.text = text;
        this.subject = subject;
    }

    /** The public name. */
    public String text() {
        return text;
    }

    /** As the subject of a sentence. */
    String subject() {
        return subject;
    }

    /** Whether several API tokens share it, so that how much is left tells what others do. */
    boolean isShared() {
        return this == API || this == ACCOUNT;
    }
}
