package dev.latchkey.gateway;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Credentials;
import java.util.List;

/** An API whose endpoints overlap, strict ones with weak ones, and a token that may call all of them. */
final class Shop {
    /** Method and template. */
    static final List<String> ENDPOINTS = List.of(
            "GET /",
            "GET /admin",
            "POST /admin",
            "GET /admin/{x}",
            "GET /users/me",
            "GET /users/{id}",
            "DELETE /users/{id}",
            "GET /files/{path...}",
            "GET /v/{x}.json",
            "GET /v/{x}",
            "GET /{x}");

    private static final String AUDIENCE = "https://shop.example";

    final String clientId;
    final String accessToken;

    Shop(RunningServer server) {
        RunningServer.Api admin = server.admin();
        StringBuilder endpoints = new StringBuilder();
        StringBuilder privileges = new StringBuilder();
        for (int i = 0; i < ENDPOINTS.size(); i++) {
            String[] parts = ENDPOINTS.get(i).split(" ");
            endpoints.append(i == 0 ? "" : ",").append("""
                    {"method": "%s", "path": "%s", "privilege": "p%d"}""".formatted(parts[0], parts[1], i));
            privileges.append(i == 0 ? "" : ",").append("""
                    {"api": "shop", "privilege": "p%d", "effect": "allow"}""".formatted(i));
        }
        admin.post("/apis", """
                {"name": "shop", "audience": "%s", "endpoints": [%s]}""".formatted(AUDIENCE, endpoints)).created();
        admin.post("/roles", "{\"name\": \"all\", \"privileges\": [" + privileges + "]}")
                .created();
        Credentials credentials = admin.createToken("All of it", "all");
        clientId = credentials.clientId();
        accessToken = server.requestAccessToken(credentials, "&resource=" + AUDIENCE)
                .json()
                .get("access_token")
                .asString();
    }
}
