package dev.latchkey.gateway;

import java.util.List;
import java.util.Random;

/** Valid requests to the {@link Shop}, spoiled at random in the ways that attackers try. */
final class Mutations {
    private static final List<String> SEEDS = List.of(
            "GET /users/42",
            "GET /users/me",
            "GET /admin",
            "GET /files/a/b",
            "GET /v/a.json",
            "GET /x",
            "POST /admin",
            "DELETE /users/42",
            "GET /",
            "HEAD /users/42",
            "GET /admin/x?a=b");

    private static final List<String> METHODS =
            List.of("POST", "HEAD", "DELETE", "OPTIONS", "PATCH", "TRACE", "get", "Post");

    private static final List<String> TRICKS = List.of(
            // Segments, dots and slashes.
            "/",
            "//",
            "/./",
            "/../",
            "..",
            ".",
            "/.",
            "/..",
            "...",
            "\\",
            "..\\",
            "*",
            "@",
            ":",
            "~",
            "+",
            "&",
            "=",
            // The same, encoded once, twice, needlessly, or badly.
            "%2f",
            "%2F",
            "%5c",
            "%2e",
            "%2e/",
            "%2e%2e",
            "%2e%2e/",
            "..%2f",
            "%2e%2e%5c",
            "%252e",
            "%252f",
            "%25",
            "%",
            "%zz",
            "%u002e",
            "%C0%AE",
            "%c0%af",
            "%E0%80%AE",
            "%61",
            "%41",
            "%4de",
            "%7E",
            "%2ejson",
            "%ff",
            "\u00E4",
            // What ends a path for some.
            ";",
            ";a=b",
            "..;/",
            "/;/",
            "%3b",
            "?",
            "#",
            "%3f",
            "%23",
            "%00",
            "%20",
            "%20/",
            " ",
            "%09",
            "%0a",
            "%0d%0a",
            // Letters that look or fold like others.
            "A",
            "ADMIN",
            "Me",
            ".JSON",
            "%E2%84%AA",
            "%C4%B1",
            "%C5%BF",
            "%C4%B0",
            "%E2%81%84",
            "%EF%BC%8F",
            // Pieces of other endpoints.
            "users",
            "admin",
            "files",
            "me",
            ".json",
            "http://x",
            "http://shop.example",
            "//shop.example",
            // Another method.
            "?_method=DELETE",
            "&_method=POST",
            "?%5Fmethod=DELETE",
            "?%255Fmethod=DELETE",
            "?.method=DELETE",
            "?_method%00x=DELETE",
            "?_METHOD=delete",
            "?+_method=DELETE",
            "?_method[]=DELETE",
            "?a;_method=DELETE",
            "?a=b%26_method=DELETE");

    private static final List<String> FIELDS = List.of(
            "X-HTTP-Method-Override: DELETE",
            "x-method-override: post",
            "X-HTTP-Method: GET",
            "X_HTTP_Method_Override: DELETE",
            "X-HTTP_Method-Override: DELETE",
            "X-HTTP-Method-Override: GET\nX-HTTP-Method-Override: DELETE",
            "X-Method_Override: DELETE",
            "X.HTTP.Method.Override: DELETE",
            "X#HTTP|Method: DELETE",
            "X^HTTP$Method'Override: DELETE",
            "X%Method&Override: DELETE",
            "X!Original+URL: /admin",
            "X*Rewrite~URL: /admin",
            "X`Rewrite-URL: /admin",
            "X-Original-URI: /x",
            "X-Original-URL: /admin",
            "X_Original-URL: /admin",
            "X-Rewrite-URL: /admin",
            "x_rewrite_url: http://shop.example/admin",
            "X-Forwarded-Uri: /x",
            "X-Forwarded-Method: GET",
            "Latchkey-Endpoint: GET /x",
            "latchkey_endpoint: GET /x",
            "Latchkey.Endpoint: GET /x",
            "Latchkey-Client_Id: forged",
            "LATCHKEY-ROLE: forged\nLatchkey-Role: forged",
            "Latchkey-Role : forged",
            "Connection: authorization",
            "Connection: latchkey-client-id, Latchkey-Endpoint, latchkey-role",
            "Connection: close\nConnection: Latchkey-Account",
            "Latchkey-Credential: forged",
            "Connection: latchkey-credential",
            "Connection: x-api-key",
            "X-API-Key: forged",
            "X_API_Key: forged",
            "Connection: x-forwarded-uri, x-forwarded-method, x-original-uri, x-original-method",
            "Connection: x-http-method-override\nX-HTTP-Method-Override: DELETE",
            "Upgrade: h2c\nHTTP2-Settings: AAMAAABkAAQAAP__\nConnection: Upgrade, HTTP2-Settings",
            "Upgrade: websocket, h2c\nConnection: Upgrade",
            "Content-Length: 0");

    private final Random random;

    Mutations(Random random) {
        this.random = random;
    }

    /** A request line and perhaps fields, one a line. */
    String next() {
        String[] seed = one(SEEDS).split(" ");
        StringBuilder target = new StringBuilder(seed[1]);
        for (int i = random.nextInt(4); i > 0; i--) {
            mutate(target);
        }
        String method = random.nextInt(10) == 0 ? one(METHODS) : seed[0];
        String field = random.nextInt(3) == 0 ? one(FIELDS) : "";
        if (method.equals("POST") && field.isEmpty()) {
            field = "Content-Length: 0";
        }
        return method + " " + target + " HTTP/1.1" + (field.isEmpty() ? "" : "\n" + field);
    }

    private void mutate(StringBuilder target) {
        int at = random.nextInt(target.length() + 1);
        switch (random.nextInt(6)) {
            case 0 -> target.insert(at, one(TRICKS));
            case 1 -> target.append(one(TRICKS));
            case 2 -> target.insert(0, one(TRICKS));
            case 3 -> target.replace(at, Math.min(target.length(), at + 1 + random.nextInt(3)), one(TRICKS));
            case 4 -> {
                if (at < target.length()) {
                    target.replace(at, at + 1, "%%%02x".formatted((int) target.charAt(at)));
                }
            }
            default -> {
                if (at < target.length()) {
                    char c = target.charAt(at);
                    target.setCharAt(
                            at, Character.isLowerCase(c) ? Character.toUpperCase(c) : Character.toLowerCase(c));
                }
            }
        }
    }

    private String one(List<String> all) {
        return all.get(random.nextInt(all.size()));
    }
}
