package dev.latchkey.console;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Where a field is on its page, and its label there: refusals name fields as the management API does. */
public final class FormPlaces {
    private static final Map<String, Place> PLACES = new HashMap<>();

    /**
     * A field on its page.
     *
     * @param id of its element
     */
    public record Place(String id, String label) {}

    private FormPlaces() {}

    static {
        put("description", "Description");
        put("role", "r", "Role");
        put("expiresAt", "Expires");
        put("expires", "expiresAt", "Expires");
        put("expiresOn", "expiresAt", "Expires on");
        put("owner", "Owner");
        put("authentication.method", "method", "How it authenticates");
        put("method", "How it authenticates");
        put("authentication.jwks", "jwks", "Public keys");
        put("jwks", "Public keys");
        put("authentication.jwksUri", "jwksUri", "Address of the keys");
        put("jwksUri", "Address of the keys");
        put("issuerJwks", "The issuer's public keys");
        put("issuerJwksUri", "Address of the issuer's keys");
        put("authentication.certificates", "certificates", "Certificates");
        put("certificates", "Certificates");
        for (String name : new String[] {"subjectDn", "sanDns", "sanUri", "sanIp", "sanEmail"}) {
            put("authentication." + name, "name", "Name in the certificate");
        }
        put("nameKind", "Name in the certificate");
        put("authentication.issuer", "issuer", "Issuer");
        put("issuer", "Issuer");
        put("authentication.claims", "claims", "Claims");
        put("claims", "Claims");
        put("authentication.audience", "audience", "Audience");
        put("audience", "Audience");
        put("allowedAddresses", "Usable from");
        put("notBefore", "Not before");
        put("senderConstraint", "Access tokens bound to");
        put("actsFor", "Acts for the API");
        put("defaultResource", "Access tokens are for");
        TokenLines.ALL.forEach(line -> put(line.name(), line.label()));
        LimitLines.ALL.forEach(line -> put(line.error(), line.name(), line.label()));
        put("name", "Name");
        put("accountName", "Account name");
        put("email", "Email");
        put("password", "Password");
        put("currentPassword", "Current password");
        put("roles", "Roles");
        put("hosts", "Hosts");
        put("basePath", "Base path");
        put("pathCharacters", "Extra characters in paths");
        put("mcp", "MCP endpoint");
        put("scopes", "Scopes");
        put("apiKeys.header", "keyHeader", "API keys in the header");
        put("apiKeys.query", "keyQuery", "API keys in the query parameter");
        put("file", "File");
        put("main", "Main file in the zip");
        put("address", "Address");
        put("reason", "Reason");
        put("since", "Since");
        put("template", "What it may do");
        put("roleName", "Role name");
        put("longestTokenDays", "Longest token lifetime");
        put("longestKeyDays", "Longest API key lifetime");
        put("leadMinutes", "Published before it signs");
        put("rotationDays", "New key every");
        put("algorithm", "Algorithm");
    }

    private static void put(String field, String label) {
        put(field, field, label);
    }

    private static void put(String field, String id, String label) {
        PLACES.put(field, new Place(id, label));
    }

    /** The place of a field; empty for a name without a field, whose error is shown at the top of the form. */
    static Optional<Place> of(String field) {
        return Optional.ofNullable(PLACES.get(field));
    }

    /** The label of a field; the name of one without a label. */
    static String label(String field) {
        return of(field).map(Place::label).orElse(field);
    }
}
