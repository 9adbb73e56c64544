package dev.latchkey.health;

/** What is looked at, in the order in which people read it, and where the documentation says more. */
public enum Topic {
    NODES("nodes", "docs/operations.md#health"),
    VERSIONS("versions", "docs/operations.md#upgrades"),
    CLOCKS("clocks", "docs/operations.md#clocks"),
    DATABASE("database", "docs/operations.md#when-the-database-goes-away"),
    HISTORY("history", "docs/operations.md#lost-changes"),
    WITNESS("witness", "docs/operations.md#the-witness"),
    BACKUP("backup", "docs/operations.md#backups-and-the-master-key"),
    SIGNING_KEYS("signing_keys", "docs/operations.md#signing-keys"),
    LANES("lanes", "docs/operations.md#when-it-is-busy");

    private final String text;
    private final String guide;

    Topic(String text, String guide) {
        this.text = text;
        this.guide = guide;
    }

    /** The topic in the management API. */
    public String text() {
        return text;
    }

    /** The part of the documentation that explains what to do. */
    public String guide() {
        return guide;
    }
}
