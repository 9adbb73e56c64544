package dev.latchkey.apitoken;

import dev.latchkey.management.Doc;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The import of API keys in the management API: the request that brings a batch of them, and the reply that says what came of it. */
public final class KeyImportJson {
    private KeyImportJson() {}

    /** A batch of API keys that were issued elsewhere. */
    public record ImportKeys(
            @Doc("The name of the whole import: 1 to 60 letters, digits and . _ -. Its tokens and its events carry it")
            String importId,

            @Doc("The role of each key that names none; the caller's own privileges must cover it")
            String role,

            @Doc("The text that the other system put before each key before it hashed it; empty when absent") @Nullable String prefix,

            @Doc("The text that it put after each key; empty when absent") @Nullable String suffix,

            @Doc("The latest expiry: keys without one, or with a later one, get this one") @Nullable Instant expiresBy,

            @Doc("true to check everything and change nothing; false when absent") @Nullable Boolean dryRun,

            @Doc("1 to 1,000 keys") List<ForeignKey> keys) {
        HashRecipe recipe() {
            return new HashRecipe(prefix == null ? "" : prefix, suffix == null ? "" : suffix);
        }

        boolean isDryRun() {
            return Boolean.TRUE.equals(dryRun);
        }

        @Override
        public String toString() {
            return "ImportKeys[" + importId + "]";
        }
    }

    /** An API key that was issued elsewhere, by its hash. */
    public record ForeignKey(
            @Doc("The SHA-256 of the key, with the prefix and suffix of the import: 64 hexadecimal digits, or base64")
            String sha256,

            @Doc("Who or what uses it; cut to 120 characters; its role and the day when absent and without an id")
            @Nullable String description,

            @Doc(
                    "What identifies it in the other system, such as an id or its first characters. It is added to the description")
            @Nullable String id,

            @Doc(
                    "The user id or the email address of the person responsible for it; no one when absent. Naming anyone but"
                            + " yourself needs users:read")
            @Nullable String owner,

            @Doc("A role that the caller's own privileges cover; that of the import when absent") @Nullable String role,

            @Doc("When it was issued; now when absent") @Nullable Instant createdAt,

            @Doc("When it was last used; never when absent") @Nullable Instant lastAccessAt,

            @Doc("It stops working then; never when absent") @Nullable Instant expiresAt,

            @Doc("Where it may be used: IPv4 and IPv6 addresses and networks (CIDR); anywhere when absent") @Nullable List<String> allowedAddresses) {
        /** Without the hash, which a guess at the key could be tested with. */
        @Override
        public String toString() {
            return "ForeignKey";
        }
    }

    /** What came of a batch. */
    public record ImportedKeysReply(
            String importId,
            boolean dryRun,

            @Doc("How many keys became API tokens, or would")
            int imported,

            @Doc("How many had been imported before; they stay as they are, even if they were revoked since then")
            int existing,

            @Doc("The keys that were not imported, in the order of the request")
            List<RefusedKey> refused,

            @Doc("The first client id of the batch, in the order of client ids; absent when nothing was imported")
            @Nullable String firstClientId,

            @Doc("The last client id of the batch") @Nullable String lastClientId) {}

    /** A key that was not imported. */
    public record RefusedKey(
            @Doc("Its place in the request, from 0") int index, String reason) {}
}
