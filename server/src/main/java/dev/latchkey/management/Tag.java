package dev.latchkey.management;

/** The groups that the operations of the management API are shown in. */
public enum Tag {
    TOKENS("Tokens"),
    ROLES("Roles"),
    APIS("APIs"),
    USERS("Users"),
    ACCOUNT("Account"),
    SIGNING_KEYS("Signing keys"),
    AUDIT_LOG("Audit log"),
    ME("Me"),
    DECISIONS("Decisions"),
    SERVER("Server");

    private final String text;

    Tag(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }
}
