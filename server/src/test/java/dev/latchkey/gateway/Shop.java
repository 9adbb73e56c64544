package dev.latchkey.gateway;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Credentials;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** An API whose endpoints overlap, strict ones with weak ones, and tokens that may call all of them. */
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

    /**
     * A caller who may call everything.
     *
     * @param field the header field that holds its credential
     * @param credential what {@code Latchkey-Credential} says that it is
     */
    record Sender(String clientId, String description, String field, String credential) {
        boolean hasKey() {
            return credential.equals("api_key");
        }

        /** Its credential itself. */
        String secret() {
            return field.substring(field.lastIndexOf(' ') + 1);
        }
    }

    final Sender withAccessToken;
    final Sender withKey;
    final Sender withKeyInItsOwnField;

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
                {"name": "shop", "audience": "%s", "apiKeys": {"bearer": true, "header": "X-API-Key"},
                 "endpoints": [%s]}""".formatted(AUDIENCE, endpoints)).created();
        admin.post("/roles", "{\"name\": \"all\", \"privileges\": [" + privileges + "]}")
                .created();
        Credentials credentials = admin.createToken("All of it", "all");
        String accessToken = server.requestAccessToken(credentials, "&resource=" + AUDIENCE)
                .json()
                .get("access_token")
                .asString();
        withAccessToken =
                new Sender(credentials.clientId(), "All of it", "Authorization: Bearer " + accessToken, "access_token");
        JsonNode key = admin.post("/tokens", """
                        {"description": "All by key", "role": "all", "authentication": {"method": "api_key"},
                         "expiresAt": "%s"}""".formatted(Instant.now().plus(Duration.ofDays(30))))
                .created()
                .json();
        String clientId = key.get("clientId").asString();
        String text = key.get("apiKey").asString();
        withKey = new Sender(clientId, "All by key", "Authorization: Bearer " + text, "api_key");
        withKeyInItsOwnField = new Sender(clientId, "All by key", "X-API-Key: " + text, "api_key");
    }
}
