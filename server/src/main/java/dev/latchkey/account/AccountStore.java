package dev.latchkey.account;

import dev.latchkey.database.Transaction;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The statements of the account and its setup link. */
final class AccountStore {

    Optional<Account> find(Handle handle) {
        return handle.createQuery("select account_key, name, created_at, longest_token_days, version from account")
                .map((row, context) -> new Account(
                        row.getString("account_key"),
                        row.getString("name"),
                        Instant.ofEpochMilli(row.getLong("created_at")),
                        row.getString("longest_token_days") == null ? null : row.getInt("longest_token_days"),
                        row.getLong("version")))
                .findOne();
    }

    void update(Transaction transaction, String name, @Nullable Integer longestTokenDays) {
        transaction
                .update("update account set name = :name, longest_token_days = :days, version = version + 1")
                .bind("name", name)
                .bind("days", longestTokenDays)
                .execute();
    }

    void insert(Transaction transaction, Account account) {
        transaction
                .update("insert into account (account_key, name, created_at) values (:key, :name, :createdAt)")
                .bind("key", account.key())
                .bind("name", account.name())
                .bind("createdAt", account.createdAt().toEpochMilli())
                .execute();
    }

    void replaceSetupLink(Transaction transaction, String linkHash, Instant expiresAt) {
        deleteSetupLink(transaction);
        transaction
                .update("insert into setup_link (link_hash, expires_at) values (:hash, :expires)")
                .bind("hash", linkHash)
                .bind("expires", expiresAt.toEpochMilli())
                .execute();
    }

    void deleteSetupLink(Transaction transaction) {
        transaction.update("delete from setup_link").execute();
    }

    boolean isSetupLink(Handle handle, String linkHash, Instant now) {
        return handle.createQuery("select count(*) from setup_link where link_hash = :hash and expires_at > :now")
                        .bind("hash", linkHash)
                        .bind("now", now.toEpochMilli())
                        .mapTo(Long.class)
                        .one()
                > 0;
    }
}
