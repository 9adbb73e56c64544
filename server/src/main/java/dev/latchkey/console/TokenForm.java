package dev.latchkey.console;

import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ApiTokenJson;
import dev.latchkey.apitoken.ApiTokenJson.CreateToken;
import dev.latchkey.apitoken.ApiTokenJson.UpdateToken;
import dev.latchkey.apitoken.AuthenticationSettings;
import dev.latchkey.apitoken.ClientAuthentication.CertificateName;
import dev.latchkey.apitoken.ClientAuthentication.TlsCertificate;
import dev.latchkey.http.AddressRange;
import dev.latchkey.http.Parameters;
import dev.latchkey.limit.CallLimits;
import dev.latchkey.management.LimitsBody;
import dev.latchkey.problem.Json;
import dev.latchkey.problem.Problem;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Turns the text fields of the forms for a token into requests of the management API, which has the rules, and back.
 */
public final class TokenForm {
    private static final DateTimeFormatter MINUTE = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm");
    private static final String CLAIMS = "authentication.claims";

    /** The kinds of names in a certificate, as the API calls them. */
    private static final List<String> CERTIFICATE_NAMES = Arrays.stream(CertificateName.values())
            .map(AuthenticationSettings::field)
            .toList();

    private TokenForm() {}

    static CreateToken create(Visit visit, @Nullable Instant expiresAt) {
        return CreateToken.of(
                name -> given(visit, name),
                authentication(visit),
                time(visit, "notBefore", null),
                expiresAt,
                addresses(visit),
                LimitsBody.of(LimitLines.read(visit, CallLimits.NONE)));
    }

    static UpdateToken update(Visit visit, ApiToken now) {
        return UpdateToken.of(
                name -> given(visit, name),
                TokenFacts.hasSecret(now) ? null : authentication(visit),
                time(visit, "notBefore", now.limits().notBefore()),
                time(visit, "expiresAt", now.expiresAt()),
                addresses(visit),
                LimitsBody.of(LimitLines.read(visit, now.terms().callLimits())));
    }

    /** The names in the management API of what the form says. Limits that it has no fields for are those that the token has. */
    static Set<String> given(Visit visit) {
        Set<String> given = new HashSet<>(visit.form().names());
        given.add("limits");
        return given;
    }

    /** The form for an existing token. */
    static Form of(ApiToken apiToken) {
        AuthenticationSettings settings = AuthenticationSettings.of(apiToken.authentication());
        Map<String, String> values = new LinkedHashMap<>();
        ApiTokenJson.texts(apiToken.terms()).forEach((name, text) -> values.put(name, text(text)));
        values.put("method", settings.method());
        boolean outside = settings.method().equals("federated");
        values.put(jwksField(outside), settings.jwks() == null ? "" : Json.writeText(settings.jwks()));
        values.put(jwksUriField(outside), text(settings.jwksUri()));
        values.put("tokenEndpointAudience", settings.tokenEndpointAudience() == null ? "" : "true");
        values.put("certificates", settings.certificates() == null ? "" : String.join("\n", settings.certificates()));
        if (apiToken.authentication() instanceof TlsCertificate(CertificateName kind, String name)) {
            values.put("nameKind", AuthenticationSettings.field(kind));
            values.put("name", name);
        }
        values.put("issuer", text(settings.issuer()));
        values.put("audience", text(settings.audience()));
        values.put(
                "claims",
                settings.claims() == null
                        ? ""
                        : settings.claims().entrySet().stream()
                                .map(claim -> TokenFacts.claim(claim.getKey(), claim.getValue()))
                                .collect(Collectors.joining("\n")));
        values.put("notBefore", minute(apiToken.limits().notBefore()));
        values.put("expiresAt", minute(apiToken.expiresAt()));
        LimitLines.ALL.forEach(
                line -> values.put(line.name(), line.value(apiToken.terms().callLimits())));
        values.put(
                "allowedAddresses",
                apiToken.limits().addresses().stream()
                        .map(AddressRange::toString)
                        .collect(Collectors.joining("\n")));
        return Form.of(Parameters.of(values.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, value -> List.of(value.getValue())))));
    }

    /** Whether the form limits the token in any way. */
    public static boolean isLimited(Form form) {
        String bound = form.value("senderConstraint");
        return (!bound.isEmpty() && !bound.equals("none"))
                || form.hasAny("allowedAddresses", "notBefore", "actsFor", "defaultResource")
                || LimitLines.ALL.stream().anyMatch(line -> form.hasAny(line.name()))
                || TokenLines.ALL.stream().anyMatch(line -> form.hasAny(line.name()));
    }

    private static AuthenticationSettings authentication(Visit visit) {
        String method = visit.field("method").isEmpty() ? "client_secret" : visit.field("method");
        boolean keys = method.equals("private_key_jwt");
        boolean outside = method.equals("federated");
        String kind = method.equals("tls_client_auth") ? visit.field("nameKind") : "";
        if (method.equals("tls_client_auth") && !CERTIFICATE_NAMES.contains(kind)) {
            throw Problem.invalid("authentication.subjectDn", "Choose the kind of name in the certificate.");
        }
        String name = visit.field("name");
        return new AuthenticationSettings(
                method,
                null,
                keys || outside ? jwks(visit.field(jwksField(outside))) : null,
                keys || outside ? given(visit, jwksUriField(outside)) : null,
                keys && visit.field("tokenEndpointAudience").equals("true") ? true : null,
                kind.equals("subjectDn") ? name : null,
                kind.equals("sanDns") ? name : null,
                kind.equals("sanUri") ? name : null,
                kind.equals("sanIp") ? name : null,
                kind.equals("sanEmail") ? name : null,
                method.equals("self_signed_tls_client_auth") ? certificates(visit.field("certificates")) : null,
                outside ? given(visit, "issuer") : null,
                outside ? given(visit, "audience") : null,
                outside ? claims(visit.field("claims")) : null);
    }

    /** The form for a new token has fields for the program's keys and for the issuer's. */
    private static String jwksField(boolean outside) {
        return outside ? "issuerJwks" : "jwks";
    }

    private static String jwksUriField(boolean outside) {
        return outside ? "issuerJwksUri" : "jwksUri";
    }

    @SuppressWarnings("unchecked")
    private static @Nullable Map<String, Object> jwks(String text) {
        if (text.isEmpty()) {
            return null;
        }
        try {
            return Json.readText(text, Map.class);
        } catch (RuntimeException e) {
            throw Problem.invalid(
                    "authentication.jwks", "This is not a JWK set: {\"keys\":[...]} (RFC 7517 section 5).");
        }
    }

    /** Each certificate in PEM, from its first to its last line. */
    private static List<String> certificates(String text) {
        return Stream.of(text.split("(?<=-----END CERTIFICATE-----)", -1))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .toList();
    }

    private static Map<String, Object> claims(String text) {
        Map<String, Object> claims = new LinkedHashMap<>();
        for (String line : lines(text)) {
            int equals = line.indexOf('=');
            if (equals < 1) {
                throw Problem.invalid(CLAIMS, "Enter each condition on its own line: claim = value.");
            }
            String value = line.substring(equals + 1).strip();
            boolean json = line.charAt(equals - 1) == ':';
            claims.put(line.substring(0, json ? equals - 1 : equals).strip(), json ? scalar(value) : value);
        }
        return claims;
    }

    private static Object scalar(String json) {
        try {
            Object value = Json.readText(json, Object.class);
            if (value instanceof Boolean || value instanceof Number || value instanceof String) {
                return value;
            }
        } catch (RuntimeException e) {
            // Refused below.
        }
        throw Problem.invalid(CLAIMS, "Enter true, false, a number or a text in quotation marks after :=.");
    }

    private static List<String> addresses(Visit visit) {
        return lines(visit.field("allowedAddresses").replace(',', '\n'));
    }

    private static List<String> lines(String text) {
        return text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    }

    /** @param now the current value, of which the field shows only the minutes */
    private static @Nullable Instant time(Visit visit, String field, @Nullable Instant now) {
        String text = visit.field(field);
        if (text.isEmpty()) {
            return null;
        }
        if (text.equals(minute(now))) {
            return now;
        }
        try {
            return LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            throw Problem.invalid(field, "Enter a time such as 2030-12-31T23:59.");
        }
    }

    private static String minute(@Nullable Instant time) {
        return time == null ? "" : MINUTE.format(time.atOffset(ZoneOffset.UTC));
    }

    private static @Nullable String given(Visit visit, String field) {
        String text = visit.field(field);
        return text.isEmpty() ? null : text;
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }
}
