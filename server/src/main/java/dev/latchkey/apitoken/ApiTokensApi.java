package dev.latchkey.apitoken;

import static dev.latchkey.access.ManagementApi.TOKENS_CREATE;
import static dev.latchkey.access.ManagementApi.TOKENS_READ;
import static dev.latchkey.access.ManagementApi.TOKENS_REVOKE;

import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.apitoken.ApiToken.InAccessTokens;
import dev.latchkey.apitoken.ApiToken.Limits;
import dev.latchkey.apitoken.ApiToken.State;
import dev.latchkey.apitoken.ApiToken.Status;
import dev.latchkey.apitoken.ApiTokenQuery.Trait;
import dev.latchkey.apitoken.ApiTokens.NewApiToken;
import dev.latchkey.audit.AuditApi;
import dev.latchkey.crypto.Secret;
import dev.latchkey.http.AddressRange;
import dev.latchkey.http.Paging;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.management.Doc;
import dev.latchkey.management.ETag;
import dev.latchkey.management.Idempotency;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Operation.QueryParameter;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The management API's calls for API tokens. */
public final class ApiTokensApi {
    private static final Map<String, ApiTokenQuery.Sort> SORTS = Map.of(
            "created", ApiTokenQuery.Sort.CREATED,
            "lastAccess", ApiTokenQuery.Sort.LAST_ACCESS,
            "expires", ApiTokenQuery.Sort.EXPIRES,
            "description", ApiTokenQuery.Sort.DESCRIPTION,
            "role", ApiTokenQuery.Sort.ROLE,
            "status", ApiTokenQuery.Sort.STATUS,
            "clientId", ApiTokenQuery.Sort.CLIENT_ID);

    private final ApiTokens apiTokens;
    private final String issuer;

    /** @param issuer Latchkey's own public base URL, which outside tokens are for when nothing else is said */
    public ApiTokensApi(ApiTokens apiTokens, String issuer) {
        this.apiTokens = apiTokens;
        this.issuer = issuer;
    }

    /** Who created or revoked something. */
    public record WhoReply(
            @Doc(
                    "person, program or system; unknown for a revocation by an older version, of which the log does not tell")
            String kind,

            @Doc("A user id, a client id, or the name again")
            String id,

            @Doc("As it was then") String name) {
        static WhoReply of(ApiToken.Who who) {
            return new WhoReply(who.kind(), who.id(), who.name());
        }
    }

    /** Who answers for something today. */
    public record OwnerReply(
            @Doc("A user id") String id,
            String name,

            @Doc("Whether they were disabled or removed since")
            boolean departed) {}

    /** An API token. */
    public record TokenReply(
            String clientId,

            @Doc("Only in the reply that creates the token or the secret, and never again") @Nullable String clientSecret,

            String description,
            String role,

            @Doc("active or revoked, whatever its times say")
            String status,

            @Doc(
                    value =
                            "What it is good for now: active, expiring (active as well, and ends within 14 days), expired,"
                                    + " not_yet_valid or revoked",
                    observed = true)
            String state,

            Instant createdAt,
            WhoReply createdBy,

            @Doc("Absent when nobody answers for it") @Nullable OwnerReply owner,

            AuthenticationSettings authentication,

            @Doc("What its access tokens are bound to: none, dpop or certificate")
            String senderConstraint,

            @Doc("The registered API whose access tokens it may introspect") @Nullable String actsFor,

            @Doc("The audience of the API that is meant when its programs name none; absent for Latchkey's own")
            @Nullable String defaultResource,

            @Doc("A short name that its access tokens carry in the claim name, for systems that show one") @Nullable String nameInAccessTokens,

            @Nullable Instant notBefore,
            @Nullable Instant expiresAt,

            @Doc("From where it may be used, as networks (CIDR); empty for from anywhere")
            List<String> allowedAddresses,

            @Doc(value = "When it was last used with success", observed = true) @Nullable Instant lastAccessAt,

            @Doc(value = "From where", observed = true) @Nullable String lastAccessAddress,

            @Doc(value = "By what program, as it says itself", observed = true) @Nullable String lastAccessUserAgent,

            @Nullable Instant revokedAt,
            @Nullable WhoReply revokedBy,
            @Nullable String revokeReason) {

        /**
         * @param departed the owners who were disabled or removed
         * @param now the time that the state is of
         */
        static TokenReply of(ApiToken apiToken, @Nullable Secret secret, Set<String> departed, Instant now) {
            ApiToken.Owner owner = apiToken.owner();
            var access = apiToken.lastAccess();
            var revocation = apiToken.revocation();
            return new TokenReply(
                    apiToken.clientId(),
                    secret == null ? null : secret.value(),
                    apiToken.description(),
                    apiToken.role(),
                    apiToken.status().name().toLowerCase(Locale.ROOT),
                    apiToken.state(now).text(),
                    apiToken.createdAt(),
                    WhoReply.of(apiToken.createdBy()),
                    owner == null ? null : new OwnerReply(owner.id(), owner.name(), departed.contains(owner.id())),
                    AuthenticationSettings.of(apiToken.authentication()),
                    apiToken.senderConstraint().text(),
                    apiToken.actsFor(),
                    apiToken.inAccessTokens().defaultResource(),
                    apiToken.inAccessTokens().name(),
                    apiToken.limits().notBefore(),
                    apiToken.expiresAt(),
                    apiToken.limits().addresses().stream()
                            .map(AddressRange::toString)
                            .toList(),
                    access == null ? null : access.at(),
                    access == null ? null : access.from().address(),
                    access == null ? null : access.from().userAgent(),
                    revocation == null ? null : revocation.at(),
                    revocation == null ? null : WhoReply.of(revocation.by()),
                    revocation == null ? null : revocation.reason());
        }

        @Override
        public String toString() {
            return "TokenReply[" + clientId + "]";
        }
    }

    /** When a secret was made and last used. */
    public record SecretReply(
            long number, Instant createdAt, @Nullable Instant lastUsedAt) {}

    /** The live secrets of an API token, the oldest first. */
    public record SecretList(List<SecretReply> items) {}

    /** What was refused from one address after the revocation. */
    public record RefusedUse(
            String address, @Doc("Of the last one") String userAgent, long count, Instant firstAt, Instant lastAt) {}

    /** From where a revoked API token is still used. */
    public record RefusedUses(
            @Doc("When the node that answers began to count: its start")
            Instant since,

            @Doc("The latest first; at most 10 addresses") List<RefusedUse> items,

            @Doc("How many more uses came from further addresses")
            long elsewhere) {}

    /** A page of API tokens. */
    public record TokenPage(
            List<TokenReply> items, @Nullable String nextPageToken) {}

    /** What a new API token is to be. */
    public record CreateToken(
            @Doc("Who or what uses it, at most 120 characters; named after its role and the day when absent or empty")
            @Nullable String description,

            @Doc("A role that the caller's own privileges cover")
            String role,

            @Doc(
                    "The user id of who answers for it; the caller when absent, if it is a person. Naming somebody else needs"
                            + " users:read")
            @Nullable String owner,

            @Doc("How it authenticates; with a secret when absent") @Nullable AuthenticationSettings authentication,

            @Doc("none, dpop or certificate: what all its access tokens are bound to; none when absent") @Nullable String senderConstraint,

            @Doc("The registered API whose access tokens it may introspect") @Nullable String actsFor,

            @Doc("The audience of the API that is meant when its programs name none; Latchkey's own when absent")
            @Nullable String defaultResource,

            @Doc(
                    "A short name that its access tokens carry in the claim name, for systems that show one; it proves nothing")
            @Nullable String nameInAccessTokens,

            @Doc("It does not work before then") @Nullable Instant notBefore,

            @Doc("It stops working then") @Nullable Instant expiresAt,

            @Doc("From where it may be used: addresses and networks (CIDR), IPv4 and IPv6; from anywhere when absent")
            @Nullable List<String> allowedAddresses) {
        /**
         * What was written, checked field by field.
         *
         * @param issuer Latchkey's own
         */
        public NewApiToken read(String issuer) {
            return new NewApiToken(
                    description == null ? "" : description,
                    role,
                    owner,
                    authentication == null ? new ClientAuthentication.ClientSecret() : authentication.read(issuer),
                    constraint(senderConstraint),
                    actsFor,
                    new InAccessTokens(defaultResource, nameInAccessTokens),
                    new Limits(notBefore, expiresAt, ranges(allowedAddresses)));
        }

        private static SenderConstraint constraint(@Nullable String text) {
            return text == null
                    ? SenderConstraint.NONE
                    : Arrays.stream(SenderConstraint.values())
                            .filter(constraint -> constraint.text().equals(text))
                            .findFirst()
                            .orElseThrow(
                                    () -> Problem.invalid("senderConstraint", "Give one of none, dpop, certificate."));
        }

        private static List<AddressRange> ranges(@Nullable List<String> texts) {
            try {
                return texts == null
                        ? List.of()
                        : texts.stream().map(AddressRange::parse).toList();
            } catch (IllegalArgumentException e) {
                throw Problem.invalid(
                        "allowedAddresses", "Give addresses and networks such as 192.0.2.7 or 2001:db8::/32.");
            }
        }
    }

    /** What about an API token is to change; what is absent stays. */
    public record UpdateToken(
            @Doc("1 to 120 characters") @Nullable String description,

            @Doc(
                    value = "The user id of who answers for it. Naming somebody else than yourself needs users:read",
                    clearable = true)
            @Nullable String owner,

            @Doc("Other keys, certificates, names or conditions, whole; the method stays") @Nullable AuthenticationSettings authentication,

            @Doc("none, dpop or certificate") @Nullable String senderConstraint,

            @Doc(value = "The registered API whose access tokens it may introspect", clearable = true) @Nullable String actsFor,

            @Doc(value = "The audience of the API that is meant when its programs name none", clearable = true)
            @Nullable String defaultResource,

            @Doc(value = "A short name that its access tokens carry in the claim name", clearable = true) @Nullable String nameInAccessTokens,

            @Doc(value = "It does not work before then", clearable = true) @Nullable Instant notBefore,

            @Doc(value = "It stops working then", clearable = true) @Nullable Instant expiresAt,

            @Doc("From where it may be used; an empty list for from anywhere") @Nullable List<String> allowedAddresses) {

        /**
         * What the token is to become.
         *
         * @param given the names that are there, also those whose value is null
         * @param issuer Latchkey's own
         */
        public ApiTokenEdit applied(ApiToken apiToken, Set<String> given, String issuer) {
            ApiTokenEdit now = ApiTokenEdit.of(apiToken);
            return new ApiTokenEdit(
                    description == null ? now.description() : description,
                    given.contains("owner") ? owner : now.ownerId(),
                    authentication == null ? now.authentication() : authentication.read(issuer),
                    senderConstraint == null ? now.senderConstraint() : CreateToken.constraint(senderConstraint),
                    given.contains("actsFor") ? actsFor : now.actsFor(),
                    new InAccessTokens(
                            given.contains("defaultResource")
                                    ? defaultResource
                                    : now.inAccessTokens().defaultResource(),
                            given.contains("nameInAccessTokens")
                                    ? nameInAccessTokens
                                    : now.inAccessTokens().name()),
                    new Limits(
                            given.contains("notBefore")
                                    ? notBefore
                                    : now.limits().notBefore(),
                            given.contains("expiresAt")
                                    ? expiresAt
                                    : now.limits().expiresAt(),
                            allowedAddresses == null
                                    ? now.limits().addresses()
                                    : CreateToken.ranges(allowedAddresses)));
        }
    }

    /** Which API tokens are revoked, and why. */
    public record RevokeTokens(
            @Doc("1 to 100 client ids") List<String> clientIds,
            @Doc("At most 200 characters") @Nullable String reason) {}

    /** API tokens, in the order asked for. */
    public record TokenList(List<TokenReply> items) {}

    /** Why an API token is revoked. */
    public record RevokeToken(
            @Doc("At most 200 characters") @Nullable String reason) {}

    public List<Operation> operations() {
        List<QueryParameter> query = new ArrayList<>(List.of(
                new QueryParameter("search", "Part of a description or a client id"),
                new QueryParameter("status", "active or revoked, whatever their times say"),
                new QueryParameter(
                        "state",
                        "What they are good for now: active (those that are expiring included), expiring, expired,"
                                + " not_yet_valid or revoked"),
                new QueryParameter(
                        "only",
                        "never_used, idle (neither used nor created in the last 90 days) or powerful (the role may change"
                                + " who may do what); several for those that are all of them"),
                new QueryParameter("role", "The assigned role"),
                new QueryParameter(
                        "owner",
                        "The user id of who answers for it; none for nobody, departed for people who were disabled or"
                                + " removed"),
                new QueryParameter(
                        "sort",
                        "created, lastAccess, expires, description, role, status or clientId; with - before it descending;"
                                + " -created when absent")));
        query.addAll(Operation.PAGING);
        return List.of(
                new Operation(
                        "GET",
                        "/tokens",
                        TOKENS_READ,
                        "listTokens",
                        "Tokens",
                        "List API tokens",
                        "",
                        query,
                        null,
                        200,
                        TokenPage.class,
                        this::list),
                new Operation(
                        "POST",
                        "/tokens",
                        TOKENS_CREATE,
                        "createToken",
                        "Tokens",
                        "Create an API token",
                        "The only reply that ever carries the client secret. An Idempotency-Key makes a repeated request"
                                + " create nothing; its reply has no secret.",
                        List.of(),
                        CreateToken.class,
                        201,
                        TokenReply.class,
                        this::create),
                new Operation(
                        "GET",
                        "/tokens/{clientId}",
                        TOKENS_READ,
                        "getToken",
                        "Tokens",
                        "Get an API token",
                        "",
                        List.of(),
                        null,
                        200,
                        TokenReply.class,
                        (caller, request) -> reply(200, apiTokens.find(caller, clientId(request)))),
                new Operation(
                        "PATCH",
                        "/tokens/{clientId}",
                        TOKENS_CREATE,
                        "updateToken",
                        "Tokens",
                        "Change an API token",
                        "What is absent stays; null takes away. The caller must be able to assign the token's role. A new"
                                + " expiry counts from now, also for a token that has expired.",
                        List.of(),
                        UpdateToken.class,
                        200,
                        TokenReply.class,
                        this::update),
                new Operation(
                        "POST",
                        "/tokens/{clientId}/revoke",
                        TOKENS_REVOKE,
                        "revokeToken",
                        "Tokens",
                        "Revoke an API token",
                        "When this is answered, the token gets no access token and those it got are refused. Revoking"
                                + " twice is no error. The body may be left out.",
                        List.of(),
                        RevokeToken.class,
                        200,
                        TokenReply.class,
                        this::revoke),
                new Operation(
                        "POST",
                        "/tokens/revoke",
                        TOKENS_REVOKE,
                        "revokeTokens",
                        "Tokens",
                        "Revoke several API tokens",
                        "All at the same moment, or none when one is not there.",
                        List.of(),
                        RevokeTokens.class,
                        200,
                        TokenList.class,
                        this::revokeAll),
                new Operation(
                        "GET",
                        "/tokens/{clientId}/secrets",
                        TOKENS_READ,
                        "listTokenSecrets",
                        "Tokens",
                        "List an API token's secrets",
                        "Not the secrets themselves: when each was made and last used. One that was not used for days while"
                                + " the other was is safe to remove.",
                        List.of(),
                        null,
                        200,
                        SecretList.class,
                        (caller, request) -> Response.json(
                                200,
                                new SecretList(apiTokens.secrets(caller, clientId(request)).stream()
                                        .map(use -> new SecretReply(use.number(), use.createdAt(), use.lastUsedAt()))
                                        .toList()))),
                new Operation(
                        "POST",
                        "/tokens/{clientId}/secrets",
                        TOKENS_CREATE,
                        "addTokenSecret",
                        "Tokens",
                        "Give an API token a second secret",
                        "For changing secrets without downtime. The reply is the only one that carries it. At most two live"
                                + " at a time.",
                        List.of(),
                        null,
                        201,
                        TokenReply.class,
                        this::addSecret),
                new Operation(
                        "DELETE",
                        "/tokens/{clientId}/secrets/{number}",
                        TOKENS_REVOKE,
                        "removeTokenSecret",
                        "Tokens",
                        "Remove one of an API token's secrets",
                        "When this is answered, the secret gets no access token any more. Those that it got live out their"
                                + " ten minutes; revoke the token if that is too long. The last secret stays.",
                        List.of(),
                        null,
                        204,
                        null,
                        this::removeSecret),
                new Operation(
                        "GET",
                        "/tokens/{clientId}/uses-after-revocation",
                        TOKENS_READ,
                        "listTokenUsesAfterRevocation",
                        "Tokens",
                        "See from where a revoked API token is still used",
                        "Requests that proved to hold the token, or showed one of its access tokens, and were refused because"
                                + " it is revoked. Each node answers for what it refused since it started.",
                        List.of(),
                        null,
                        200,
                        RefusedUses.class,
                        this::usesAfterRevocation),
                new Operation(
                        "GET",
                        "/tokens/{clientId}/events",
                        TOKENS_READ,
                        "listTokenEvents",
                        "Tokens",
                        "List an API token's events",
                        "The newest first.",
                        Operation.PAGING,
                        null,
                        200,
                        AuditApi.EventPage.class,
                        (caller, request) -> Response.json(
                                200,
                                AuditApi.EventPage.of(
                                        apiTokens.events(caller, clientId(request), Paging.of(request.query(), 1))))));
    }

    private Response usesAfterRevocation(Caller caller, Request request) {
        UsesAfterRevocation.Known known = apiTokens.usesAfterRevocation(caller, clientId(request));
        return Response.json(
                200,
                new RefusedUses(
                        known.since(),
                        known.uses().stream()
                                .map(use -> new RefusedUse(
                                        use.address(), use.userAgent(), use.count(), use.firstAt(), use.lastAt()))
                                .toList(),
                        known.elsewhere()));
    }

    /**
     * The list that the parameters of a query ask for.
     *
     * @throws Problem 422 for an unknown status, state, trait or order
     */
    public static ApiTokenQuery query(Parameters query) {
        String sort = query.text("sort").orElse("-created");
        boolean descending = sort.startsWith("-");
        ApiTokenQuery.Sort by = SORTS.get(descending ? sort.substring(1) : sort);
        if (by == null) {
            throw Problem.invalid(
                    "sort", "Give one of created, lastAccess, expires, description, role, status, clientId.");
        }
        Status status = query.text("status")
                .map(text -> switch (text) {
                    case "active" -> Status.ACTIVE;
                    case "revoked" -> Status.REVOKED;
                    default -> throw Problem.invalid("status", "Give active or revoked.");
                })
                .orElse(null);
        State state = query.text("state")
                .map(text -> named(State.values(), State::text, text)
                        .orElseThrow(() ->
                                Problem.invalid("state", "Give active, expiring, expired, not_yet_valid or revoked.")))
                .orElse(null);
        Set<Trait> traits = EnumSet.noneOf(Trait.class);
        for (String text : query.all("only")) {
            traits.add(named(Trait.values(), Trait::text, text)
                    .orElseThrow(() -> Problem.invalid("only", "Give never_used, idle or powerful.")));
        }
        return new ApiTokenQuery(
                query.text("search").orElse(null),
                status,
                state,
                query.text("role").orElse(null),
                query.text("owner").orElse(null),
                traits,
                by,
                descending);
    }

    private static <T> Optional<T> named(T[] values, Function<T, String> name, String text) {
        return Arrays.stream(values)
                .filter(value -> name.apply(value).equals(text))
                .findFirst();
    }

    private Response list(Caller caller, Request request) {
        Page<ApiToken> page = apiTokens.list(caller, query(request.query()), Paging.of(request.query(), 2));
        return Response.json(200, new TokenPage(replies(page.items()), page.nextPageToken()));
    }

    private Response create(Caller caller, Request request) {
        CreateToken body = request.json(CreateToken.class);
        var result = apiTokens.create(caller, body.read(issuer), Idempotency.attempt(request));
        ApiToken apiToken = result.value().apiToken();
        Response response = ETag.on(
                        Response.json(201, reply(apiToken, result.value().secret())), apiToken.version())
                .with("Location", ManagementApi.BASE_PATH + "/tokens/" + apiToken.clientId())
                .with("Cache-Control", "no-store");
        return result.replayed() ? response.with("Idempotency-Replayed", "true") : response;
    }

    private Response update(Caller caller, Request request) {
        UpdateToken body = request.json(UpdateToken.class);
        Set<String> given = request.jsonNames();
        return reply(
                200,
                apiTokens.edit(
                        caller,
                        clientId(request),
                        apiToken -> body.applied(apiToken, given, issuer),
                        ETag.expected(request)));
    }

    private Response revokeAll(Caller caller, Request request) {
        RevokeTokens body = request.json(RevokeTokens.class);
        return Response.json(200, new TokenList(replies(apiTokens.revoke(caller, body.clientIds(), body.reason()))));
    }

    private Response addSecret(Caller caller, Request request) {
        ApiTokens.Created created = apiTokens.addSecret(caller, clientId(request));
        return Response.json(201, reply(created.apiToken(), created.secret())).with("Cache-Control", "no-store");
    }

    private Response removeSecret(Caller caller, Request request) {
        apiTokens.removeSecret(caller, clientId(request), secretNumber(request));
        return Response.noContent();
    }

    /**
     * The number of a secret in the path.
     *
     * @throws Problem 404 when it is none
     */
    public static long secretNumber(Request request) {
        try {
            return Long.parseLong(request.pathParameter("number"));
        } catch (NumberFormatException e) {
            throw Problem.notFound("Secrets have numbers: 1, 2 and so on.");
        }
    }

    private Response revoke(Caller caller, Request request) {
        RevokeToken body = request.jsonIfPresent(RevokeToken.class);
        return reply(200, apiTokens.revoke(caller, clientId(request), body == null ? null : body.reason()));
    }

    private Response reply(int status, ApiToken apiToken) {
        return ETag.on(Response.json(status, reply(apiToken, null)), apiToken.version());
    }

    private TokenReply reply(ApiToken apiToken, @Nullable Secret secret) {
        return TokenReply.of(apiToken, secret, apiTokens.departedOwners(List.of(apiToken)), apiTokens.now());
    }

    private List<TokenReply> replies(List<ApiToken> listed) {
        Set<String> departed = apiTokens.departedOwners(listed);
        Instant now = apiTokens.now();
        return listed.stream()
                .map(apiToken -> TokenReply.of(apiToken, null, departed, now))
                .toList();
    }

    private static String clientId(Request request) {
        return request.pathParameter("clientId");
    }
}
