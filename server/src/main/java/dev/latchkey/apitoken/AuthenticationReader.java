package dev.latchkey.apitoken;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.X509CertUtils;
import dev.latchkey.apitoken.ClientAuthentication.ApiKey;
import dev.latchkey.apitoken.ClientAuthentication.CertificateName;
import dev.latchkey.apitoken.ClientAuthentication.ClientSecret;
import dev.latchkey.apitoken.ClientAuthentication.Federated;
import dev.latchkey.apitoken.ClientAuthentication.Method;
import dev.latchkey.apitoken.ClientAuthentication.PrivateKeyJwt;
import dev.latchkey.apitoken.ClientAuthentication.SelfSignedCertificate;
import dev.latchkey.apitoken.ClientAuthentication.TlsCertificate;
import dev.latchkey.apitoken.ClientAuthentication.Unknown;
import dev.latchkey.http.AddressRange;
import dev.latchkey.http.RemoteFiles;
import dev.latchkey.problem.Json;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Problem.FieldError;
import dev.latchkey.problem.Text;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.cert.X509Certificate;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/** Reads how an API token authenticates from its settings, and finds everything that is wrong with them. */
final class AuthenticationReader {
    private static final Logger log = LoggerFactory.getLogger(AuthenticationReader.class);

    static final int MAX_TEXT = 500;
    private static final int MAX_KEYS = 10;
    private static final int MAX_CERTIFICATES = 3;
    private static final int MAX_CLAIMS = 10;
    private static final String SPIFFE = "spiffe://";

    private final AuthenticationSettings settings;
    private final String ownIssuer;
    private final List<FieldError> errors = new ArrayList<>();

    private AuthenticationReader(AuthenticationSettings settings, String ownIssuer) {
        this.settings = settings;
        this.ownIssuer = ownIssuer;
    }

    /**
     * Checks and reads settings that someone sent.
     *
     * @param ownIssuer Latchkey's issuer, the default audience of outside tokens
     * @throws Problem 422 for what is missing, malformed or belongs to another method
     */
    static ClientAuthentication read(AuthenticationSettings settings, String ownIssuer) {
        AuthenticationReader reader = new AuthenticationReader(settings, ownIssuer);
        ClientAuthentication read = reader.read();
        if (!reader.errors.isEmpty()) {
            throw Problem.invalid(reader.errors);
        }
        return read;
    }

    /**
     * Reads settings that were accepted before. Rules apply to new ones only: older ones must still be shown and revoked. So must
     * those of a newer node that this version does not understand.
     */
    static ClientAuthentication stored(String json) {
        AuthenticationSettings settings;
        try {
            settings = Json.readText(json, AuthenticationSettings.class);
        } catch (JacksonException e) {
            return new Unknown(json);
        }
        return Method.named(settings.method()).isEmpty()
                ? new Unknown(json)
                : new AuthenticationReader(settings, "").read();
    }

    private void wrong(String setting, String message) {
        errors.add(new FieldError("authentication." + setting, message));
    }

    private ClientAuthentication read() {
        Method method = Method.named(settings.method()).orElse(null);
        if (method == null) {
            wrong(
                    "method",
                    "Send one of "
                            + Arrays.stream(Method.values()).map(Method::text).collect(Collectors.joining(", ")) + ".");
            return new ClientSecret();
        }
        settings.given().forEach((setting, value) -> {
            if (value != null && !method.has(setting)) {
                wrong(setting, "This does not belong to the method " + method.text() + ".");
            }
        });
        return switch (method) {
            case CLIENT_SECRET -> new ClientSecret();
            case API_KEY -> new ApiKey(settings.importId());
            case PRIVATE_KEY_JWT ->
                new PrivateKeyJwt(keys(false), Boolean.TRUE.equals(settings.tokenEndpointAudience()));
            case TLS_CLIENT_AUTH -> tlsCertificate();
            case SELF_SIGNED_TLS_CLIENT_AUTH -> selfSigned();
            case FEDERATED -> federated();
        };
    }

    /** @param discoverable whether keys may be left out, because the issuer's metadata names them */
    private KeySource keys(boolean discoverable) {
        Map<String, Object> jwks = settings.jwks();
        String jwksUri = settings.jwksUri();
        if (jwks != null && jwksUri != null) {
            wrong("jwksUri", "Send either jwks or jwksUri, not both.");
        } else if (jwks != null) {
            return fixed(jwks);
        } else if (jwksUri != null) {
            return new KeySource.At(webAddress("jwksUri", jwksUri));
        } else if (!discoverable) {
            wrong("jwks", "Enter the public keys, or their address as jwksUri.");
        }
        return new KeySource.Discovered();
    }

    private KeySource fixed(Map<String, Object> json) {
        ForeignKeys read;
        try {
            read = ForeignKeys.read(json);
        } catch (ParseException e) {
            wrong("jwks", String.valueOf(e.getMessage()));
            return new KeySource.Discovered();
        }
        String skipped = String.join(", ", read.skipped());
        if (read.holdSecrets()) {
            wrong(
                    "jwks",
                    "Send public keys only. Treat the private or shared key that you have just sent as leaked:"
                            + " create a new one.");
        } else if (read.keys().isEmpty() || read.keys().size() > MAX_KEYS) {
            wrong(
                    "jwks",
                    "Enter 1 to " + MAX_KEYS + " keys that can check signatures."
                            + (skipped.isEmpty() ? "" : " Not usable: " + skipped + "."));
        } else if (!skipped.isEmpty()) {
            log.info("These keys of a registered JWK set were left out: {}", skipped);
        }
        return new KeySource.Fixed(new JWKSet(read.keys()));
    }

    private URI webAddress(String field, String text) {
        try {
            URI address = new URI(text);
            boolean plain = "http".equals(address.getScheme());
            if (text.length() <= MAX_TEXT
                    && (plain || "https".equals(address.getScheme()))
                    && address.getHost() != null
                    && address.getRawUserInfo() == null
                    && address.getRawFragment() == null) {
                if (!RemoteFiles.isPrivate(address)) {
                    wrong(
                            field,
                            "Enter an address that begins with https://: with http:// the keys could be swapped on"
                                    + " the way.");
                }
                return address;
            }
        } catch (URISyntaxException e) {
            // reported below
        }
        wrong(field, "Enter an address that begins with https://.");
        return URI.create("https://invalid.invalid/");
    }

    private TlsCertificate tlsCertificate() {
        Map<String, @Nullable Object> given = settings.given();
        List<CertificateName> kinds = Arrays.stream(CertificateName.values())
                .filter(kind -> given.get(AuthenticationSettings.field(kind)) != null)
                .toList();
        if (kinds.size() != 1) {
            wrong("subjectDn", "Send exactly one of subjectDn, sanDns, sanUri, sanIp, sanEmail.");
            return new TlsCertificate(CertificateName.SUBJECT_DN, "");
        }
        CertificateName kind = kinds.getFirst();
        String field = AuthenticationSettings.field(kind);
        String value = String.valueOf(given.get(field)).strip();
        String problem = value.isEmpty() || value.length() > MAX_TEXT
                ? "Enter 1 to " + MAX_TEXT + " characters."
                : switch (kind) {
                    case SUBJECT_DN -> whyNotASubject(value);
                    case SAN_IP -> isAddress(value) ? null : "Enter an IP address.";
                    case SAN_DNS, SAN_URI, SAN_EMAIL -> null;
                };
        if (problem != null) {
            wrong(field, problem);
        }
        return new TlsCertificate(kind, value);
    }

    private static @Nullable String whyNotASubject(String text) {
        try {
            DistinguishedName.parse(text);
            return null;
        } catch (IllegalArgumentException e) {
            return e.getMessage();
        }
    }

    private static boolean isAddress(String text) {
        try {
            return text.indexOf('/') < 0 && AddressRange.parse(text).contains(text);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private SelfSignedCertificate selfSigned() {
        List<String> certificates = settings.certificates();
        if (certificates == null || certificates.isEmpty() || certificates.size() > MAX_CERTIFICATES) {
            wrong("certificates", "Enter 1 to " + MAX_CERTIFICATES + " certificates in PEM.");
            return new SelfSignedCertificate(List.of(), List.of());
        }
        List<String> pems = new ArrayList<>();
        List<String> thumbprints = new ArrayList<>();
        for (String pem : certificates) {
            X509Certificate certificate = pem.contains("PRIVATE KEY") ? null : X509CertUtils.parse(pem);
            if (certificate == null) {
                wrong(
                        "certificates",
                        "This is not one certificate in PEM (-----BEGIN CERTIFICATE-----). Never send a private key.");
            } else {
                pems.add(X509CertUtils.toPEMString(certificate));
                Base64URL thumbprint = X509CertUtils.computeSHA256Thumbprint(certificate);
                thumbprints.add(thumbprint.toString());
            }
        }
        return new SelfSignedCertificate(List.copyOf(pems), List.copyOf(thumbprints));
    }

    private Federated federated() {
        KeySource keys = keys(true);
        String issuer = settings.issuer();
        String from = issuer == null ? "" : issuer.strip();
        if (from.startsWith(SPIFFE)) {
            if (keys instanceof KeySource.Discovered) {
                wrong("jwksUri", "Enter the address of the trust domain's bundle, or its keys as jwks.");
            }
        } else if (keys instanceof KeySource.Discovered) {
            webAddress("issuer", from);
        } else if (from.isEmpty() || from.length() > MAX_TEXT) {
            wrong("issuer", "Enter the value of the outside tokens' claim iss.");
        }
        if (from.equals(ownIssuer)) {
            wrong("issuer", "This is Latchkey itself. Its access tokens are not outside tokens.");
        }
        String audience = settings.audience();
        String to = audience == null ? ownIssuer : audience.strip();
        if (to.isEmpty() || to.length() > MAX_TEXT) {
            wrong("audience", "Enter 1 to " + MAX_TEXT + " characters.");
        }
        Map<String, Object> claims = settings.claims();
        Map<String, Object> conditions = claims == null ? Map.of() : claims;
        conditions.forEach((name, value) -> conditionError(name, value).ifPresent(problem -> wrong("claims", problem)));
        if (conditions.isEmpty() || conditions.size() > MAX_CLAIMS) {
            wrong(
                    "claims",
                    "Enter 1 to " + MAX_CLAIMS + " claims that tell this program from all others of the issuer, such as"
                            + " sub.");
        } else {
            String tooWide = PlatformClaims.whyTooWide(from, conditions);
            if (tooWide != null) {
                wrong("claims", tooWide);
            }
        }
        return new Federated(from, keys, to, new TreeMap<>(conditions));
    }

    private static Optional<String> conditionError(String name, @Nullable Object value) {
        if (name.isBlank() || name.length() > MAX_TEXT) {
            return Optional.of("The name of a claim has 1 to " + MAX_TEXT + " characters.");
        }
        if (List.of("iss", "aud", "exp", "nbf", "iat").contains(name)) {
            return Optional.of("The claim " + name + " is always checked. Leave it out.");
        }
        try {
            ClaimPath.parse(name);
        } catch (IllegalArgumentException e) {
            return Optional.of(Text.quote(name) + " is not a JSON pointer (RFC 6901): ~ is written ~0 and / is ~1.");
        }
        boolean text = value instanceof String string && !string.isEmpty() && string.length() <= MAX_TEXT;
        return text || value instanceof Boolean || value instanceof Number
                ? Optional.empty()
                : Optional.of("Enter the value that each claim must have: true, false, a number, or 1 to " + MAX_TEXT
                        + " characters.");
    }
}
