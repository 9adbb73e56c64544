package dev.latchkey.console;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Credentials;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A server whose every field contains what no table was designed for: as long as it may be, without a space, and in another
 * direction.
 */
final class HostileContent {
    /** 120 characters to which no browser finds a place for a line break. */
    static final String LONG =
            "arn_aws_iam_123456789012_role_service_role_".repeat(3).substring(0, 120);

    /** Right to left. Marks that turn the direction are not accepted anywhere. */
    static final String RIGHT_TO_LEFT = "מפתח_הגישה_של_המחסן_הלילי_مفتاح_الوصول_للمستودع_2";

    private static final String ROLE = "role_" + "abcdefghij".repeat(5) + "_with_all";
    private static final String API = "api-" + "abcdefghij".repeat(3) + "-hosti";
    private static final String PRIVILEGE = LONG + ":read";
    private static final String PATH = "/" + LONG + "/{id}/" + LONG;

    private final Map<String, String> pages = new LinkedHashMap<>();

    HostileContent(RunningServer server) {
        RunningServer.Api admin = server.admin();
        admin.post("/apis", """
                {"name": "%s", "description": "%s", "audience": "https://%s.example/%s", "basePath": "/%s",
                 "hosts": ["%s.example"],
                 "endpoints": [
                   {"method": "GET", "path": "%s", "privilege": "%s", "summary": "%s"},
                   {"method": "DELETE", "path": "/x/%s", "privileges": ["%s", "%s:write"]},
                   {"method": "GET", "path": "/status", "access": "public"}]}""".formatted(
                                API,
                                LONG,
                                "a".repeat(60),
                                LONG,
                                LONG,
                                "h".repeat(60),
                                PATH,
                                PRIVILEGE,
                                LONG,
                                LONG,
                                PRIVILEGE,
                                LONG))
                .created();
        admin.post("/roles", """
                {"name": "%s", "description": "%s", "grantedRoles": ["public"],
                 "privileges": [{"api": "%s", "privilege": "%s", "effect": "allow"},
                                {"api": "latchkey", "privilege": "tokens:read", "effect": "allow"}]}""".formatted(ROLE, LONG + LONG.substring(0, 70), API, PRIVILEGE))
                .created();
        admin.post(
                        "/roles",
                        "{\"name\":\"%s\",\"description\":\"%s\",\"grantedRoles\":[\"%s\"]}"
                                .formatted("x".repeat(64), RIGHT_TO_LEFT, ROLE))
                .created();
        String user = admin.post(
                        "/users",
                        "{\"email\":\"%s@%s.%s.example\",\"name\":\"%s\",\"roles\":[\"%s\",\"%s\"]}"
                                .formatted(
                                        "e".repeat(64),
                                        "d".repeat(60),
                                        "d".repeat(60),
                                        LONG.substring(0, 100),
                                        ROLE,
                                        "x".repeat(64)))
                .created()
                .json()
                .get("id")
                .asString();
        admin.post("/users", "{\"email\":\"short@example.com\",\"name\":\"%s\",\"roles\":[]}".formatted(RIGHT_TO_LEFT))
                .created();
        Credentials used = admin.createToken(LONG, ROLE);
        Credentials revoked = admin.createToken(LONG.substring(1) + "2", "x".repeat(64));
        admin.createToken(RIGHT_TO_LEFT, ROLE);
        admin.createToken("A", "public");
        String limited = admin.post("/tokens", """
                        {"description": "%s", "role": "%s", "owner": "%s", "actsFor": "%s", "nameInAccessTokens": "short",
                         "defaultResource": "https://%s.example/%s", "expiresAt": "2026-12-31T00:00:00Z",
                         "allowedAddresses": ["2001:db8:1234:5678:9abc:def0:1234:5678/128", "192.0.2.0/24"],
                         "authentication": {"method": "federated", "issuer": "https://%s.example/%s",
                           "claims": {"sub": "%s"}}}""".formatted(
                        LONG.substring(2) + "_3", ROLE, user, API, "a".repeat(60), LONG, "i".repeat(60), LONG, LONG))
                .created()
                .json()
                .get("clientId")
                .asString();
        server.send(HttpRequest.newBuilder(server.request("/oauth/v2/token").build(), (name, value) -> true)
                .header("Authorization", "Basic " + used.basic())
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("User-Agent", LONG + LONG)
                .POST(HttpRequest.BodyPublishers.ofString("grant_type=client_credentials"))
                .build());
        server.accessToken(revoked);
        admin.post(
                "/tokens/" + revoked.clientId() + "/revoke", "{\"reason\":\"" + LONG + LONG.substring(0, 80) + "\"}");
        server.requestAccessToken(revoked, "");
        Credentials byPerson = admin.createToken("B", "public");
        RunningServer.Browser browser =
                server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        browser.post("/tokens/" + byPerson.clientId() + "/revoke", Map.of("csrf", browser.csrf()));
        admin.delete("/users/" + user);

        long today = Instant.now().truncatedTo(ChronoUnit.DAYS).toEpochMilli();
        long hour = Instant.now().truncatedTo(ChronoUnit.HOURS).toEpochMilli();
        for (String row : new String[] {"usage_day values (" + today, "usage_hour values (" + hour}) {
            for (String outcome : new String[] {"allowed", "missing_privilege", "no_endpoint", "doubtful_request"}) {
                server.change("insert into " + row + ", '" + used.clientId() + "', '" + API + "', 'GET " + PATH + "', '"
                        + outcome + "', 1234567890, " + hour + ", " + hour + ")");
            }
        }

        for (String from : new String[] {"2001:db8:ffff:fff1::/64", "192.0.2.123", "others", ""}) {
            server.change("insert into usage_address values (" + today + ", '" + used.clientId() + "', '" + from
                    + "', 'wrong_address', 1234567890, " + hour + ", " + hour + ")");
        }

        pages.put("overview", "/overview");
        pages.put("find", "/find?search=a");
        pages.put("find a part of everything", "/find?search=" + LONG.substring(0, 12));
        pages.put("tokens", "/tokens");
        pages.put("tokens with every column", "/tokens?columns=owner&columns=expires&columns=authentication");
        pages.put("token that a person revoked", "/tokens/" + byPerson.clientId());
        pages.put("generate", "/tokens/new?role=" + ROLE);
        pages.put("token", "/tokens/" + used.clientId());
        pages.put("federated token", "/tokens/" + limited);
        pages.put("revoked token", "/tokens/" + revoked.clientId());
        pages.put("edit token", "/tokens/" + limited + "/edit");
        pages.put("revoke", "/tokens/" + used.clientId() + "/revoke");
        pages.put("revoke together", "/tokens/revoke?id=" + used.clientId() + "&id=" + limited);
        pages.put("roles", "/roles");
        pages.put("role", "/roles/" + ROLE);
        pages.put("role with nothing of its own", "/roles/" + "x".repeat(64));
        pages.put("delete role", "/roles/" + ROLE + "/delete");
        pages.put("APIs", "/apis");
        pages.put("API", "/apis/" + API);
        pages.put(
                "usage of an endpoint",
                "/apis/" + API + "?usage=30d&called=" + URLEncoder.encode("GET " + PATH, StandardCharsets.UTF_8));
        pages.put("API settings", "/apis/" + API + "/settings");
        pages.put("delete API", "/apis/" + API + "/delete");
        pages.put(
                "endpoint",
                "/apis/" + API + "/endpoint?method=GET&path=" + URLEncoder.encode(PATH, StandardCharsets.UTF_8));
        pages.put("import", "/apis/" + API + "/import");
        pages.put("explain", "/explain?api=" + API + "&path=DELETE+/" + LONG + "/x/" + LONG + "&role=" + ROLE);
        pages.put("users", "/users");
        pages.put("invite", "/users/new");
        pages.put("signing keys", "/signing-keys");
        pages.put("rotate", "/signing-keys/rotate");
        pages.put("signing policy", "/signing-keys/policy");
        pages.put("audit", "/audit");
        pages.put("lost changes", "/audit/lost");
        pages.put("profile", "/profile");
        pages.put("settings", "/settings");
        pages.put("quick start", "/quick-start");
        pages.put("reference", "/api");
        pages.put("nothing found", "/tokens?search=" + LONG + "nothing");
        pages.put("not found", "/tokens/" + LONG);
    }

    /** The addresses of the pages that show it, by what they are. */
    Map<String, String> pages() {
        return pages;
    }

    /** The page for importing an equally hostile document. */
    String importPage() {
        return pages.get("import");
    }

    /** Such a document. */
    static String document() {
        return """
                openapi: 3.1.0
                info: {title: Hostile, version: '2'}
                paths:
                  /%1$s: {get: {tags: [%1$s], summary: %1$s}, post: {security: [{o: ["two words %1$s"]}]}}
                  /y/%1$s/{id}: {get: {security: [{o: ['%1$s:a', '%1$s:b']}]}}
                """.formatted(LONG);
    }
}
