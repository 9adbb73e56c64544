package dev.latchkey.account;

import dev.latchkey.access.Role;
import dev.latchkey.account.User.Status;
import dev.latchkey.database.SearchIndex;
import dev.latchkey.database.Transaction;
import dev.latchkey.problem.Page;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The statements of people, their roles and their invitations. */
final class UserStore {
    private static final String COLUMNS = "user_id, email, name, password_hash, created_at, created_by,"
            + " last_sign_in_at, disabled_at, removed_at, version";

    private static final String HAS_LEFT = "(disabled_at is not null or removed_at is not null)";

    /** A subquery for the ids of disabled and removed people. */
    static final String DEPARTED = "select user_id from person where " + HAS_LEFT;

    /** A person with the hash of their password; null before they have chosen one. */
    record Credentials(User user, @Nullable String passwordHash) {}

    Optional<Credentials> byId(Handle handle, String userId) {
        return one(handle, "user_id = :value", Map.of("value", userId));
    }

    /**
     * The person with this email, unless they were removed.
     *
     * @param email as {@link Email#normalized}; earlier versions stored some in another form
     */
    Optional<Credentials> byEmail(Handle handle, String email) {
        return one(
                handle,
                "email in (:value, :inDns) and removed_at is null order by case when email = :value then 0 else 1 end"
                        + " limit 1",
                Map.of("value", email, "inDns", Email.asInDns(email)));
    }

    private Optional<Credentials> one(Handle handle, String condition, Map<String, String> values) {
        return handle.createQuery("select " + COLUMNS + " from person where " + condition)
                .bindMap(values)
                .map((row, context) -> credentials(row, roles(handle, row.getString("user_id"))))
                .findOne();
    }

    /** The conditions that narrow a list. */
    private record Narrowing(List<String> conditions, Map<String, Object> bindings) {
        static Narrowing of(UserQuery query) {
            Narrowing narrowing = new Narrowing(new ArrayList<>(List.of("removed_at is null")), new LinkedHashMap<>());
            if (query.search() != null) {
                narrowing.conditions.add("search_text like :search escape '!'");
                narrowing.bindings.put(
                        "search", SearchIndex.pattern(query.search().toLowerCase(Locale.ROOT)));
            }
            if (query.role() != null) {
                narrowing.conditions.add("user_id in (select user_id from person_role where role_name = :role)");
                narrowing.bindings.put("role", query.role());
            }
            return narrowing;
        }

        String where() {
            return String.join(" and ", conditions);
        }
    }

    /** People who were not removed. */
    Page<User> list(Handle handle, UserQuery query, Page.Request page) {
        Narrowing narrowing = Narrowing.of(query);
        String key = query.sort().column();
        boolean descending = query.descending() != page.backwards();
        String direction = descending ? "desc" : "asc";
        if (page.after() != null) {
            narrowing.conditions.add("(" + key + ", user_id) " + (descending ? "<" : ">") + " (:afterKey, :afterId)");
            narrowing.bindings.put("afterKey", key(query, page.after().getFirst()));
            narrowing.bindings.put("afterId", page.after().getLast());
        }
        List<User> rows = handle.createQuery("select " + COLUMNS + " from person where " + narrowing.where()
                        + " order by " + key + " " + direction + ", user_id " + direction + " limit :limit")
                .bindMap(narrowing.bindings)
                .bind("limit", page.size() + 1)
                .map((row, context) -> credentials(row, roles(handle, row.getString("user_id")))
                        .user())
                .list();
        return Page.of(
                rows,
                page,
                user -> List.of(
                        query.sort().isNumber() ? Long.toString(user.createdAt().toEpochMilli()) : user.email(),
                        user.id()));
    }

    /** How many people are in the list; a number above the limit only means that there are more. */
    long count(Handle handle, UserQuery query, long limit) {
        Narrowing narrowing = Narrowing.of(query);
        return handle.createQuery("select count(*) from (select 1 from person where " + narrowing.where()
                        + " limit :limit) as found")
                .bindMap(narrowing.bindings)
                .bind("limit", limit + 1)
                .mapTo(Long.class)
                .one();
    }

    private static Object key(UserQuery query, String text) {
        return query.sort().isNumber() ? Page.number(text) : text;
    }

    private static String searchText(String email, String name) {
        return (email + " " + name).toLowerCase(Locale.ROOT);
    }

    /** The disabled and removed people among these. */
    Set<String> departed(Handle handle, Set<String> among) {
        return among.isEmpty()
                ? Set.of()
                : handle.createQuery(DEPARTED + " and user_id in (<among>)")
                        .bindList("among", among)
                        .mapTo(String.class)
                        .set();
    }

    /** How many people who can sign in have the role. */
    long activeWithRole(Handle handle, String role) {
        return handle.createQuery(
                        "select count(*) from person p join person_role r on r.user_id = p.user_id where r.role_name"
                                + " = :role and p.removed_at is null and p.disabled_at is null and p.password_hash is not null")
                .bind("role", role)
                .mapTo(Long.class)
                .one();
    }

    void insert(Transaction transaction, User user, @Nullable String passwordHash) {
        transaction
                .update("insert into person (user_id, email, name, search_text, password_hash, created_at, created_by,"
                        + " version) values (:id, :email, :name, :searchText, :passwordHash, :createdAt, :createdBy,"
                        + " :version)")
                .bind("id", user.id())
                .bind("email", user.email())
                .bind("name", user.name())
                .bind("searchText", searchText(user.email(), user.name()))
                .bind("passwordHash", passwordHash)
                .bind("createdAt", user.createdAt().toEpochMilli())
                .bind("createdBy", user.createdBy())
                .bind("version", user.version())
                .execute();
        user.roles().forEach(role -> assign(transaction, user.id(), role));
    }

    /** Makes the person's row and roles those of the terms, except for the version. */
    void update(Transaction transaction, User old, UserTerms terms) {
        if (!old.name().equals(terms.name())) {
            set(transaction, old.id(), "name", terms.name());
            set(transaction, old.id(), "search_text", searchText(old.email(), terms.name()));
        }
        terms.rolesBeyond(old.roles()).forEach(role -> assign(transaction, old.id(), role));
        old.terms().rolesBeyond(terms.roles()).forEach(role -> unassign(transaction, old.id(), role));
    }

    private static void assign(Transaction transaction, String userId, String role) {
        transaction
                .update("insert into person_role (user_id, role_name) values (:user, :role)")
                .bind("user", userId)
                .bind("role", role)
                .execute();
    }

    private static void unassign(Transaction transaction, String userId, String role) {
        transaction
                .update("delete from person_role where user_id = :user and role_name = :role")
                .bind("user", userId)
                .bind("role", role)
                .execute();
    }

    void setPassword(Transaction transaction, String userId, String passwordHash) {
        set(transaction, userId, "password_hash", passwordHash);
    }

    void setDisabled(Transaction transaction, String userId, @Nullable Instant at) {
        set(transaction, userId, "disabled_at", at == null ? null : at.toEpochMilli());
    }

    void setRemoved(Transaction transaction, String userId, Instant at) {
        set(transaction, userId, "removed_at", at.toEpochMilli());
        set(transaction, userId, "password_hash", null);
        transaction
                .update("delete from person_role where user_id = :id")
                .bind("id", userId)
                .execute();
        deleteInvitations(transaction, userId);
    }

    void signedIn(Transaction transaction, String userId, Instant at) {
        transaction
                .update("update person set last_sign_in_at = :at where user_id = :id")
                .bind("at", at.toEpochMilli())
                .bind("id", userId)
                .execute();
    }

    void touch(Transaction transaction, String userId) {
        transaction
                .update("update person set version = version + 1 where user_id = :id")
                .bind("id", userId)
                .execute();
    }

    private static void set(Transaction transaction, String userId, String column, @Nullable Object value) {
        transaction
                .update("update person set " + column + " = :value where user_id = :id")
                .bindByType("value", value, value instanceof Long || column.endsWith("_at") ? Long.class : String.class)
                .bind("id", userId)
                .execute();
    }

    void insertInvitation(Transaction transaction, String linkHash, String userId, Instant now, Instant expiresAt) {
        transaction
                .update(
                        "insert into invitation (link_hash, user_id, created_at, expires_at) values (:hash, :user, :now,"
                                + " :expires)")
                .bind("hash", linkHash)
                .bind("user", userId)
                .bind("now", now.toEpochMilli())
                .bind("expires", expiresAt.toEpochMilli())
                .execute();
    }

    /** The id of the person whom the link is for, while it is valid. */
    Optional<String> invited(Handle handle, String linkHash, Instant now) {
        return handle.createQuery("select user_id from invitation where link_hash = :hash and expires_at > :now")
                .bind("hash", linkHash)
                .bind("now", now.toEpochMilli())
                .mapTo(String.class)
                .findOne();
    }

    /** Ends the links of everyone who has one of these roles; everyone has {@code public}. */
    long deleteInvitations(Transaction transaction, Set<String> roles) {
        if (roles.isEmpty()) {
            return 0;
        }
        if (roles.contains(Role.PUBLIC)) {
            return transaction.update("delete from invitation").execute();
        }
        return transaction
                .update("delete from invitation where user_id in (select user_id from person_role where role_name in"
                        + " (<roles>))")
                .bindList("roles", roles)
                .execute();
    }

    void deleteInvitations(Transaction transaction, String userId) {
        transaction
                .update("delete from invitation where user_id = :id")
                .bind("id", userId)
                .execute();
    }

    private static SortedSet<String> roles(Handle handle, String userId) {
        return new TreeSet<>(handle.createQuery("select role_name from person_role where user_id = :id")
                .bind("id", userId)
                .mapTo(String.class)
                .list());
    }

    private static Credentials credentials(ResultSet row, SortedSet<String> roles) throws SQLException {
        String passwordHash = row.getString("password_hash");
        Status status = instant(row, "removed_at") != null
                ? Status.REMOVED
                : instant(row, "disabled_at") != null
                        ? Status.DISABLED
                        : passwordHash == null ? Status.INVITED : Status.ACTIVE;
        return new Credentials(
                new User(
                        row.getString("user_id"),
                        row.getString("email"),
                        new UserTerms(row.getString("name"), roles),
                        status,
                        Instant.ofEpochMilli(row.getLong("created_at")),
                        row.getString("created_by"),
                        instant(row, "last_sign_in_at"),
                        row.getLong("version")),
                passwordHash);
    }

    static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? null : Instant.ofEpochMilli(millis);
    }
}
