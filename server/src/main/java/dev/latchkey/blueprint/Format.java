package dev.latchkey.blueprint;

import static dev.latchkey.blueprint.Shape.member;
import static dev.latchkey.blueprint.Shape.members;
import static dev.latchkey.blueprint.Shape.text;

import dev.latchkey.blueprint.Shape.Anything;
import dev.latchkey.blueprint.Shape.Either;
import dev.latchkey.blueprint.Shape.Flag;
import dev.latchkey.blueprint.Shape.Items;
import dev.latchkey.blueprint.Shape.Members;
import dev.latchkey.blueprint.Shape.Named;
import dev.latchkey.blueprint.Shape.OneOf;
import dev.latchkey.blueprint.Shape.Text;
import dev.latchkey.blueprint.Shape.Whole;
import java.util.List;

/**
 * The format of blueprints. Names and values are those of the management API, except where a file for people can be shorter: what
 * is named is an object by name, and an endpoint is a line.
 */
final class Format {
    static final int VERSION = 1;

    static final String VERSION_FIELD = "version";
    static final String NAME = "name";
    static final String ACCOUNT = "account";
    static final String APIS = "apis";
    static final String ROLES = "roles";
    static final String TOKENS = "tokens";

    static final String ALLOW = "allow";
    static final String DENY = "deny";
    static final String TRY = "try";
    static final String OPENAPI = "openapi";
    static final String ENDPOINTS = "endpoints";
    static final String PRIVILEGES = "privileges";
    static final String DOCUMENT = "document";
    static final String MAIN = "main";
    static final String NEEDS = "needs";
    static final String CLIENT_ID = "clientId";
    static final String DESCRIPTION = "description";
    static final String ROLE = "role";
    static final String LIMITS = "limits";

    private static final Text ROLE_NAME = new Text("[a-z0-9_]{1,64}", "the name of a role (a-z, 0-9 and _)");
    private static final Text API_NAME =
            new Text("[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", "the name of an API (a-z, 0-9 and -)");
    private static final Text PRIVILEGE = new Text("[!#-\\[\\]-~]{1,128}", "the name of a privilege");
    private static final Text ENDPOINT = new Text("[A-Z][A-Z-]{0,19} /.*", "an endpoint such as GET /invoices/{id}");
    private static final Text TIME = new Text("\\d{4}-\\d\\d-\\d\\dT.*", "a time such as 2027-01-31T00:00:00Z");
    private static final Whole DAYS = new Whole(1, 3653);
    private static final Items TEXTS = new Items(text());
    private static final Items PRIVILEGES_OF_API = new Items(PRIVILEGE);

    private static final Members LIMITS_SHAPE = members(
            member("perSecond", new Whole(1, 100_000), "Calls a second, in the long run"),
            member(
                    "burst",
                    new Whole(1, 1_000_000),
                    "So many calls may come at once; as many as perSecond when absent"),
            member("perDay", new Whole(1, 1_000_000_000_000L), "Calls in a day of UTC"),
            member("perMonth", new Whole(1, 1_000_000_000_000L), "Calls in a month of UTC"),
            member("accessTokensPerHour", new Whole(1, 100_000_000), "Access tokens that are issued in an hour"));

    private static final Members ACCOUNT_SHAPE = members(
            member("name", text(), "The account's name, 1 to 100 characters"),
            member("longestTokenDays", DAYS, "The longest life of a new API token; null for no limit")
                    .orNull(),
            member("longestKeyDays", DAYS, "The longest life of a new API key; null for that of any token")
                    .orNull(),
            member(
                    "keysNeedAddresses",
                    new Flag(),
                    "Whether a new API key must name the addresses that it is used from"),
            member(LIMITS, LIMITS_SHAPE, "How much may be called, with all API tokens together, in full; null for none")
                    .orNull());

    private static final Either ENDPOINT_SHAPE = new Either(
            PRIVILEGE,
            members(
                    member(
                            "access",
                            new OneOf(List.of("privilege", "privileges", "token", "public")),
                            "token: any token for the API; public: anyone. A privilege when absent"),
                    member("privilege", PRIVILEGE, "What a caller's role must have"),
                    member(PRIVILEGES, PRIVILEGES_OF_API, "What a caller's role must have, all of it"),
                    member("summary", text(), "One line for people")));

    private static final Either OPENAPI_SHAPE = new Either(
            new Text("(?s).+", "the path of an OpenAPI document"),
            members(
                    member(DOCUMENT, text(), "A file, or a folder with its parts, seen from this file")
                            .needed(),
                    member(MAIN, text(), "The main document in the folder, when Latchkey does not find it"),
                    member(
                            NEEDS,
                            new Named(
                                    ENDPOINT,
                                    new Either(
                                            PRIVILEGE,
                                            members(member(
                                                            PRIVILEGES,
                                                            PRIVILEGES_OF_API,
                                                            "What a caller's role must have, all of it")
                                                    .needed()))),
                            "The privileges of operations that an import leaves out")));

    private static final Members API_SHAPE = members(
            member(DESCRIPTION, text(), "At most 200 characters"),
            member("audience", text(), "What its access tokens are for: an absolute URI"),
            member("hosts", TEXTS, "Where it is reached; when empty, the gateway must name the API"),
            member("basePath", text(), "The prefix of every path, such as /v1"),
            member("pathCharacters", TEXTS, "Characters that its paths may contain beyond the usual ones"),
            member("mcp", text(), "The path of its MCP endpoint, such as /mcp; null for none")
                    .orNull(),
            member(
                    PRIVILEGES,
                    new Named(PRIVILEGE, text()),
                    "Each privilege with its description. Those that endpoints need are there without being listed"),
            member(
                    "scopes",
                    new Named(PRIVILEGE, text()),
                    "Scopes that are not privileges, each with the privilege that it stands for, or an empty text"),
            member(
                            "apiKeys",
                            members(
                                    member("bearer", new Flag(), "In Authorization: Bearer"),
                                    member("header", text(), "In a header field of this name")
                                            .orNull(),
                                    member("basic", new Flag(), "As the user name or the password of HTTP Basic"),
                                    member("query", text(), "In a query parameter of this name")
                                            .orNull()),
                            "The places where it takes API keys, in full; null for none")
                    .orNull(),
            member("assertion", new Flag(), "Whether its gateway gets Latchkey-Assertion with each allowed call"),
            member(
                            LIMITS,
                            LIMITS_SHAPE,
                            "How much of it may be called, by all API tokens together, in full; null for none")
                    .orNull(),
            member(
                    ENDPOINTS,
                    new Named(ENDPOINT, ENDPOINT_SHAPE),
                    "All its endpoints, each with the privilege that it needs. What is not listed is denied"),
            member(OPENAPI, OPENAPI_SHAPE, "The OpenAPI document that its endpoints come from, instead of endpoints"));

    private static final Named GRANTS = new Named(API_NAME, PRIVILEGES_OF_API);

    private static final Members ROLE_SHAPE = members(
            member(DESCRIPTION, text(), "At most 200 characters"),
            member(
                    ALLOW,
                    GRANTS,
                    "All privileges that the role allows, by API; those of Latchkey's own are of latchkey"),
            member(DENY, GRANTS, "All privileges that it denies, by API. A deny wins over every allow"),
            member(
                    TRY,
                    GRANTS,
                    "Privileges that the role allows and is tried without, by API: nothing is refused, and what would be is recorded"),
            member("grantedRoles", new Items(ROLE_NAME), "The roles directly below this one"),
            member(LIMITS, LIMITS_SHAPE, "How much each API token with this role may call, in full; null for none")
                    .orNull());

    private static final Members AUTHENTICATION_SHAPE = members(
            member(
                            "method",
                            new OneOf(List.of(
                                    "client_secret",
                                    "api_key",
                                    "private_key_jwt",
                                    "tls_client_auth",
                                    "self_signed_tls_client_auth",
                                    "federated")),
                            "How it proves who it is; it cannot change later")
                    .needed(),
            member("jwks", new Anything(), "private_key_jwt, federated: the public keys, as a JWK set"),
            member("jwksUri", text(), "private_key_jwt, federated: the address of the public keys"),
            member(
                    "tokenEndpointAudience",
                    new Flag(),
                    "private_key_jwt: whether assertions may name the token endpoint"),
            member("subjectDn", text(), "tls_client_auth: the certificate's subject (RFC 4514)"),
            member("sanDns", text(), "tls_client_auth: a DNS name in the certificate"),
            member("sanUri", text(), "tls_client_auth: a URI in the certificate"),
            member("sanIp", text(), "tls_client_auth: an IP address in the certificate"),
            member("sanEmail", text(), "tls_client_auth: an email address in the certificate"),
            member("certificates", TEXTS, "self_signed_tls_client_auth: 1 to 3 certificates in PEM"),
            member("issuer", text(), "federated: the issuer of the outside tokens"),
            member("audience", text(), "federated: their audience; Latchkey's issuer when absent"),
            member("claims", new Anything(), "federated: the value that each claim must have"));

    private static final Members TOKEN_SHAPE = members(
            member(DESCRIPTION, new Text("(?s).{1,120}", "1 to 120 characters"), "Who or what uses it: its name here")
                    .needed(),
            member(CLIENT_ID, text(), "Names an existing token, so that its description can change"),
            member(ROLE, ROLE_NAME, "What it may do; it cannot change later").needed(),
            member("authentication", AUTHENTICATION_SHAPE, "How it proves who it is; by a secret when absent"),
            member(
                    "senderConstraint",
                    new OneOf(List.of("none", "dpop", "certificate")),
                    "What all its access tokens are bound to"),
            member("actsFor", API_NAME, "The registered API whose access tokens it may introspect")
                    .orNull(),
            member("defaultResource", text(), "The audience of its access tokens when its programs name none")
                    .orNull(),
            member("nameInAccessTokens", text(), "A short name in its access tokens")
                    .orNull(),
            member("notBefore", TIME, "It does not work before then").orNull(),
            member("expiresAt", TIME, "It stops working then").orNull(),
            member("allowedAddresses", TEXTS, "Where it may be used; anywhere when empty"),
            member(LIMITS, LIMITS_SHAPE, "How much may be called with it, in full; null for none")
                    .orNull());

    static final Members BLUEPRINT = members(
            member(VERSION_FIELD, new Whole(VERSION, VERSION), "The version of this format")
                    .needed(),
            member(
                            NAME,
                            new Text("[a-z0-9-]{1,40}", "1 to 40 of a-z, 0-9 and -"),
                            "Marks what it makes, for apply --prune: each file has a name of its own")
                    .needed(),
            member(ACCOUNT, ACCOUNT_SHAPE, "The account's settings"),
            member(APIS, new Named(API_NAME, API_SHAPE), "Registered APIs by name"),
            member(ROLES, new Named(ROLE_NAME, ROLE_SHAPE), "Roles by name"),
            member(TOKENS, new Items(TOKEN_SHAPE), "API tokens, never their secrets"));

    private Format() {}
}
