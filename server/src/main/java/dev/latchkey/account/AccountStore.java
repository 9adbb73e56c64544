package dev.latchkey.account;

import dev.latchkey.database.Transaction;
import dev.latchkey.limit.CallLimits;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The statements of the account and its setup link. */
final class AccountStore {

    Optional<Account> find(Handle handle) {
        return handle.createQuery("select account_key, name, created_at, longest_token_days, longest_key_days,"
                        + " keys_need_addresses, call_limits, version from account")
                .map((row, context) -> new Account(
                        row.getString("account_key"),
                        row.getString("name"),
                        Instant.ofEpochMilli(row.getLong("created_at")),
                        days(row, "longest_token_days"),
                        new KeyPolicy(days(row, "longest_key_days"), row.getInt("keys_need_addresses") != 0),
                        CallLimits.stored(row.getString("call_limits")),
                        row.getLong("version")))
                .findOne();
    }

    private static @Nullable Integer days(ResultSet row, String column) throws SQLException {
        return row.getString(column) == null ? null : row.getInt(column);
    }

    void update(Transaction transaction, AccountTerms terms) {
        transaction
                .update("update account set name = :name, longest_token_days = :days, longest_key_days = :keyDays,"
                        + " keys_need_addresses = :needAddresses, call_limits = :limits, version = version + 1")
                .bind("name", terms.name())
                .bind("days", terms.longestTokenDays())
                .bind("keyDays", terms.keyPolicy().longestDays())
                .bind("needAddresses", terms.keyPolicy().needsAddresses() ? 1 : 0)
                .bind("limits", terms.limits().stored())
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
