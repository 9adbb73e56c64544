package dev.latchkey.console;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Where on its page a field stands, and what it is called there: refusals name fields as the management API does. */
final class FormPlaces {
    private static final Map<String, Form.Place> PLACES = new HashMap<>();

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
        put("authentication.claims", "claims", "Conditions");
        put("claims", "Conditions");
        put("authentication.audience", "audience", "Audience");
        put("audience", "Audience");
        put("allowedAddresses", "Usable from");
        put("notBefore", "Not before");
        put("senderConstraint", "Access tokens bound to");
        put("actsFor", "Acts for the API");
        put("defaultResource", "Access tokens are for");
        put("nameInAccessTokens", "Name in its access tokens");
        put("name", "Name");
        put("accountName", "Account name");
        put("email", "Email");
        put("password", "Password");
        put("currentPassword", "Current password");
        put("roles", "Roles");
        put("hosts", "Hosts");
        put("basePath", "Base path");
        put("pathCharacters", "More characters in paths");
        put("scopes", "Scopes");
        put("file", "File");
        put("main", "Main file in the zip");
        put("address", "Address");
        put("reason", "Reason");
        put("since", "Since");
        put("template", "What it may do");
        put("roleName", "Name of the role");
        put("longestTokenDays", "Longest life of a token");
        put("leadMinutes", "Published before it signs");
        put("rotationDays", "New key every");
        put("algorithm", "Algorithm");
    }

    private static void put(String field, String label) {
        put(field, field, label);
    }

    private static void put(String field, String id, String label) {
        PLACES.put(field, new Form.Place(id, label));
    }

    /** Empty for what has no field of its own, whose sentence stands at the top of the form. */
    static Optional<Form.Place> of(String field) {
        return Optional.ofNullable(PLACES.get(field));
    }

    /** What people call a field; its own name when nobody has said. */
    static String label(String field) {
        return of(field).map(Form.Place::label).orElse(field);
    }
}
