package dev.latchkey.gate;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Credentials;
import java.time.Duration;
import java.time.Instant;
import tools.jackson.databind.JsonNode;

/** A registered API with two roles and a token for each: what the tests of decisions have in common. */
public final class Billing {
    public static final String AUDIENCE = "https://billing.example";

    public final RunningServer server;
    public final RunningServer.Api admin;
    public final Credentials reader;
    public final Credentials clerk;

    /** Registers it: {@code invoice_reader} may read invoices, {@code invoice_clerk} may do everything with them. */
    public Billing(RunningServer server) {
        this.server = server;
        this.admin = server.admin();
        admin.post("/apis", """
                {"name": "billing", "audience": "https://billing.example", "hosts": ["billing.example"], "basePath": "/v1",
                 "endpoints": [
                   {"method": "GET", "path": "/invoices", "privilege": "invoices:read"},
                   {"method": "POST", "path": "/invoices", "privilege": "invoices:write"},
                   {"method": "GET", "path": "/invoices/{id}", "privilege": "invoices:read"},
                   {"method": "DELETE", "path": "/invoices/{id}", "privilege": "invoices:write"},
                   {"method": "GET", "path": "/invoices/admin", "privilege": "invoices:admin"},
                   {"method": "GET", "path": "/files/{path...}", "privilege": "files:read"},
                   {"method": "GET", "path": "/invoices/{id}/copies", "privileges": ["invoices:write", "invoices:read"]},
                   {"method": "GET", "path": "/me", "access": "token"},
                   {"method": "GET", "path": "/status", "access": "public"}]}""").created();
        admin.post("/roles", """
                {"name": "invoice_reader",
                 "privileges": [{"api": "billing", "privilege": "invoices:read", "effect": "allow"}]}""").created();
        admin.post("/roles", """
                {"name": "invoice_clerk", "grantedRoles": ["invoice_reader"],
                 "privileges": [{"api": "billing", "privilege": "invoices:write", "effect": "allow"},
                                {"api": "billing", "privilege": "files:read", "effect": "allow"}]}""").created();
        this.reader = admin.createToken("Reporting", "invoice_reader");
        this.clerk = admin.createToken("Büro \\\"1\\\"", "invoice_clerk");
    }

    /** The API's own credential, with which it asks about its access tokens. */
    public Credentials ownCredential() {
        JsonNode created = admin.post(
                        "/tokens", "{\"description\":\"Billing\",\"role\":\"public\",\"actsFor\":\"billing\"}")
                .created()
                .json();
        return new Credentials(
                created.get("clientId").asString(), created.get("clientSecret").asString());
    }

    /** An API token whose program sends a key. */
    public record ApiKey(String clientId, String text) {}

    /** Makes the API take keys in these places, as {@code apiKeys} of the API names them; in none when null. */
    public void takeKeys(String places) {
        RunningServer.Answer changed = admin.send("PATCH", "/apis/billing", "{\"apiKeys\": " + places + "}");
        if (changed.status() != 200) {
            throw new AssertionError(changed.status() + " " + changed.body());
        }
    }

    /** @param more members of the request, each after a comma */
    public ApiKey apiKey(String role, String more) {
        JsonNode created = admin.post(
                        "/tokens", """
                        {"description": "Nightly curl", "role": "%s", "authentication": {"method": "api_key"},
                         "expiresAt": "%s"%s}""".formatted(role, Instant.now().plus(Duration.ofDays(30)), more))
                .created()
                .json();
        if (created.has("clientSecret")) {
            throw new AssertionError("a key has no client secret: " + created);
        }
        return new ApiKey(
                created.get("clientId").asString(), created.get("apiKey").asString());
    }

    /** An access token for this API. */
    public String accessToken(Credentials credentials) {
        return server.requestAccessToken(credentials, "&resource=" + AUDIENCE)
                .json()
                .get("access_token")
                .asString();
    }
}
