package dev.latchkey.management;

import dev.latchkey.access.Caller;
import dev.latchkey.crypto.Sha256;
import dev.latchkey.database.Transaction;
import dev.latchkey.http.Request;
import dev.latchkey.problem.Problem;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Lets a client repeat a create request whose answer it did not see, without creating anything twice: the
 * {@code Idempotency-Key} header. Only the name of what was created is kept, for a day; a repeated request is answered
 * with that resource as it is now, without the secret that the first answer may have carried.
 */
public final class Idempotency {
    private static final Duration KEPT = Duration.ofHours(24);
    private static final int MAX_KEY = 200;

    private Idempotency() {}

    /** A create request's key, and a hash of everything that it asks for. */
    public record Attempt(String key, String requestHash) {}

    /** What was created, now or by an earlier attempt. */
    public record Result<T>(T value, boolean replayed) {}

    /** The request's attempt; null when it has no key. */
    public static @Nullable Attempt attempt(Request request) {
        return request.header("Idempotency-Key")
                .map(key -> {
                    if (key.isBlank() || key.length() > MAX_KEY) {
                        throw Problem.badRequest("The Idempotency-Key must have 1 to " + MAX_KEY + " characters.");
                    }
                    return new Attempt(key, hash(request));
                })
                .orElse(null);
    }

    /**
     * The name of what an earlier attempt created; null when this is the first.
     *
     * @throws Problem 422 when the key was used for a different request
     */
    public static @Nullable String replayed(Transaction transaction, Caller caller, @Nullable Attempt attempt) {
        if (attempt == null) {
            return null;
        }
        record Kept(String requestHash, String resource) {}
        Kept kept = transaction
                .query("select request_hash, resource_id from idempotency where caller = :caller and idempotency_key ="
                        + " :key")
                .bind("caller", caller.id())
                .bind("key", attempt.key())
                .map((row, context) -> new Kept(row.getString("request_hash"), row.getString("resource_id")))
                .findOne()
                .orElse(null);
        if (kept == null) {
            return null;
        }
        if (!kept.requestHash().equals(attempt.requestHash())) {
            throw new Problem(
                    422,
                    "idempotency_key_reused",
                    "This Idempotency-Key was used for another request. Send a new one.");
        }
        return kept.resource();
    }

    public static void remember(
            Transaction transaction, Caller caller, @Nullable Attempt attempt, String resource, Instant now) {
        if (attempt == null) {
            return;
        }
        transaction
                .update("delete from idempotency where created_at < :before")
                .bind("before", now.minus(KEPT).toEpochMilli())
                .execute();
        transaction
                .update(
                        "insert into idempotency (caller, idempotency_key, request_hash, resource_id, created_at) values"
                                + " (:caller, :key, :hash, :resource, :now)")
                .bind("caller", caller.id())
                .bind("key", attempt.key())
                .bind("hash", attempt.requestHash())
                .bind("resource", resource)
                .bind("now", now.toEpochMilli())
                .execute();
    }

    private static String hash(Request request) {
        MessageDigest digest = Sha256.begin();
        digest.update((request.method() + " " + request.path() + "\n").getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(digest.digest(request.body()));
    }
}
