package dev.latchkey.account;

import dev.latchkey.http.Response;
import dev.latchkey.management.Doc;
import dev.latchkey.management.ETag;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A person. */
public record UserReply(
        String id,
        String email,
        String name,
        @Doc("active, invited, disabled or removed") String status,
        List<String> roles,
        Instant createdAt,
        String createdBy,

        @Doc(value = "When they last signed in", observed = true) @Nullable Instant lastSignInAt,

        @Doc("A one-time link to choose a password, valid for 7 days; only in the reply that makes it") @Nullable String invitationUrl) {

    /** @param invitationUrl the one-time link; null when none was made */
    static UserReply of(User user, @Nullable String invitationUrl) {
        return new UserReply(
                user.id(),
                user.email(),
                user.name(),
                user.status().name().toLowerCase(Locale.ROOT),
                List.copyOf(user.roles()),
                user.createdAt(),
                user.createdBy(),
                user.lastSignInAt(),
                invitationUrl);
    }

    /** The response with the person and their version. */
    static Response answer(User user) {
        return ETag.on(Response.json(200, of(user, null)), user.version());
    }
}
