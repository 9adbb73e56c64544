package dev.latchkey.apitoken;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.X509CertUtils;
import dev.latchkey.apitoken.ClientAuthentication.CertificateName;
import dev.latchkey.apitoken.ClientAuthentication.ClientSecret;
import dev.latchkey.apitoken.ClientAuthentication.Federated;
import dev.latchkey.apitoken.ClientAuthentication.PrivateKeyJwt;
import dev.latchkey.apitoken.ClientAuthentication.SelfSignedCertificate;
import dev.latchkey.apitoken.ClientAuthentication.TlsCertificate;
import dev.latchkey.http.AddressRange;
import dev.latchkey.http.RemoteFiles;
import dev.latchkey.management.Doc;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Text;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.cert.X509Certificate;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How an API token authenticates, in the JSON of the management API and of the database. */
public record AuthenticationSettings(
        @Doc("client_secret, private_key_jwt, tls_client_auth, self_signed_tls_client_auth or federated")
        String method,

        @Doc("private_key_jwt, federated: the public keys, as a JWK set") @Nullable Map<String, Object> jwks,

        @Doc("private_key_jwt, federated: the address of the public keys") @Nullable String jwksUri,

        @Doc(
                "private_key_jwt: whether its assertions may name the token endpoint as their audience, as older libraries do;"
                        + " otherwise only the issuer (RFC 10070)")
        @Nullable Boolean tokenEndpointAudience,

        @Doc("tls_client_auth: the certificate's subject (RFC 4514)") @Nullable String subjectDn,

        @Doc("tls_client_auth: a DNS name in the certificate") @Nullable String sanDns,

        @Doc("tls_client_auth: a URI in the certificate") @Nullable String sanUri,

        @Doc("tls_client_auth: an IP address in the certificate") @Nullable String sanIp,

        @Doc("tls_client_auth: an email address in the certificate") @Nullable String sanEmail,

        @Doc("self_signed_tls_client_auth: 1 to 3 certificates in PEM") @Nullable List<String> certificates,

        @Doc("federated: the issuer of the outside tokens") @Nullable String issuer,

        @Doc("federated: the audience of the outside tokens; Latchkey's issuer when absent") @Nullable String audience,

        @Doc(
                "federated: the value that each claim must have: true, false, a number, or a text in which * matches anything. A"
                        + " name that begins with / is a JSON pointer. One claim must identify the token's owner")
        @Nullable Map<String, Object> claims) {
    private static final Logger log = LoggerFactory.getLogger(AuthenticationSettings.class);

    private static final int MAX_KEYS = 10;
    private static final int MAX_CERTIFICATES = 3;
    private static final int MAX_CLAIMS = 10;
    static final int MAX_TEXT = 500;
    private static final String SPIFFE = "spiffe://";

    /** The settings of this way of authenticating. */
    public static AuthenticationSettings of(ClientAuthentication authentication) {
        KeySource keys = switch (authentication) {
            case PrivateKeyJwt privateKeyJwt -> privateKeyJwt.keys();
            case Federated federated -> federated.keys();
            case ClientSecret secret -> null;
            case TlsCertificate certificate -> null;
            case SelfSignedCertificate certificate -> null;
        };
        SelfSignedCertificate own = authentication instanceof SelfSignedCertificate registered ? registered : null;
        Federated outside = authentication instanceof Federated federated ? federated : null;
        return new AuthenticationSettings(
                authentication.method(),
                jwks(keys),
                address(keys),
                authentication instanceof PrivateKeyJwt signed && signed.forTokenEndpoint() ? true : null,
                name(authentication, CertificateName.SUBJECT_DN),
                name(authentication, CertificateName.SAN_DNS),
                name(authentication, CertificateName.SAN_URI),
                name(authentication, CertificateName.SAN_IP),
                name(authentication, CertificateName.SAN_EMAIL),
                own == null ? null : own.certificates(),
                outside == null ? null : outside.issuer(),
                outside == null ? null : outside.audience(),
                outside == null ? null : outside.claims());
    }

    private static @Nullable String name(ClientAuthentication authentication, CertificateName kind) {
        return authentication instanceof TlsCertificate named && named.kind() == kind ? named.value() : null;
    }

    private static @Nullable Map<String, Object> jwks(@Nullable KeySource keys) {
        return keys instanceof KeySource.Fixed fixed ? fixed.keys().toJSONObject(true) : null;
    }

    private static @Nullable String address(@Nullable KeySource keys) {
        return keys instanceof KeySource.At at ? at.address().toString() : null;
    }

    /**
     * Checks and reads settings that someone sent.
     *
     * @param ownIssuer Latchkey's issuer, the default audience of outside tokens
     * @throws Problem 422 for what is missing, malformed or belongs to another method
     */
    public ClientAuthentication read(String ownIssuer) {
        List<Problem.FieldError> errors = new ArrayList<>();
        ClientAuthentication read = read(
                ownIssuer, (field, message) -> errors.add(new Problem.FieldError("authentication." + field, message)));
        if (!errors.isEmpty()) {
            throw Problem.invalid(errors);
        }
        return read;
    }

    /** Reads settings that were accepted before. Rules apply to new ones only: older ones must still be shown and revoked. */
    ClientAuthentication stored() {
        return read("", (field, message) -> {});
    }

    private ClientAuthentication read(String ownIssuer, BiConsumer<String, String> error) {
        Map<String, @Nullable Object> given = given();
        List<String> known = switch (method) {
            case "client_secret" -> List.of();
            case "private_key_jwt" -> List.of("jwks", "jwksUri", "tokenEndpointAudience");
            case "tls_client_auth" -> List.of("subjectDn", "sanDns", "sanUri", "sanIp", "sanEmail");
            case "self_signed_tls_client_auth" -> List.of("certificates");
            case "federated" -> List.of("jwks", "jwksUri", "issuer", "audience", "claims");
            default -> {
                error.accept(
                        "method",
                        "Send one of client_secret, private_key_jwt, tls_client_auth, self_signed_tls_client_auth,"
                                + " federated.");
                yield List.copyOf(given.keySet());
            }
        };
        given.forEach((field, value) -> {
            if (value != null && !known.contains(field)) {
                error.accept(field, "This does not belong to the method " + method + ".");
            }
        });
        return switch (method) {
            case "private_key_jwt" -> new PrivateKeyJwt(keys(false, error), Boolean.TRUE.equals(tokenEndpointAudience));
            case "tls_client_auth" -> tlsCertificate(error);
            case "self_signed_tls_client_auth" -> selfSigned(error);
            case "federated" -> federated(ownIssuer, error);
            default -> new ClientSecret();
        };
    }

    private Map<String, @Nullable Object> given() {
        Map<String, @Nullable Object> given = new TreeMap<>();
        given.put("jwks", jwks);
        given.put("jwksUri", jwksUri);
        given.put("tokenEndpointAudience", tokenEndpointAudience);
        given.put("subjectDn", subjectDn);
        given.put("sanDns", sanDns);
        given.put("sanUri", sanUri);
        given.put("sanIp", sanIp);
        given.put("sanEmail", sanEmail);
        given.put("certificates", certificates);
        given.put("issuer", issuer);
        given.put("audience", audience);
        given.put("claims", claims);
        return given;
    }

    private KeySource keys(boolean discoverable, BiConsumer<String, String> error) {
        if (jwks != null && jwksUri != null) {
            error.accept("jwksUri", "Send either jwks or jwksUri, not both.");
        } else if (jwks != null) {
            return fixed(jwks, error);
        } else if (jwksUri != null) {
            return new KeySource.At(webAddress("jwksUri", jwksUri, error));
        } else if (!discoverable) {
            error.accept("jwks", "Enter the public keys, or their address as jwksUri.");
        }
        return new KeySource.Discovered();
    }

    private static KeySource fixed(Map<String, Object> json, BiConsumer<String, String> error) {
        ForeignKeys read;
        try {
            read = ForeignKeys.read(json);
        } catch (ParseException e) {
            error.accept("jwks", String.valueOf(e.getMessage()));
            return new KeySource.Discovered();
        }
        String skipped = String.join(", ", read.skipped());
        if (read.holdSecrets()) {
            error.accept(
                    "jwks",
                    "Send public keys only. Treat the private or shared key that you have just sent as leaked: create a new one.");
        } else if (read.keys().isEmpty() || read.keys().size() > MAX_KEYS) {
            error.accept(
                    "jwks",
                    "Enter 1 to " + MAX_KEYS + " keys that can check signatures."
                            + (skipped.isEmpty() ? "" : " Not usable: " + skipped + "."));
        } else if (!skipped.isEmpty()) {
            log.info("These keys of a registered JWK set were left out: {}", skipped);
        }
        return new KeySource.Fixed(new JWKSet(read.keys()));
    }

    private static URI webAddress(String field, String text, BiConsumer<String, String> error) {
        try {
            URI address = new URI(text);
            boolean plain = "http".equals(address.getScheme());
            if (text.length() <= MAX_TEXT
                    && (plain || "https".equals(address.getScheme()))
                    && address.getHost() != null
                    && address.getRawUserInfo() == null
                    && address.getRawFragment() == null) {
                if (!RemoteFiles.isPrivate(address)) {
                    error.accept(
                            field,
                            "Enter an address that begins with https://: with http:// the keys could be swapped on the way.");
                }
                return address;
            }
        } catch (URISyntaxException e) {
            // reported below
        }
        error.accept(field, "Enter an address that begins with https://.");
        return URI.create("https://invalid.invalid/");
    }

    private TlsCertificate tlsCertificate(BiConsumer<String, String> error) {
        Map<CertificateName, @Nullable String> names = new EnumMap<>(CertificateName.class);
        names.put(CertificateName.SUBJECT_DN, subjectDn);
        names.put(CertificateName.SAN_DNS, sanDns);
        names.put(CertificateName.SAN_URI, sanUri);
        names.put(CertificateName.SAN_IP, sanIp);
        names.put(CertificateName.SAN_EMAIL, sanEmail);
        names.values().removeIf(value -> value == null);
        if (names.size() != 1) {
            error.accept("subjectDn", "Send exactly one of subjectDn, sanDns, sanUri, sanIp, sanEmail.");
            return new TlsCertificate(CertificateName.SUBJECT_DN, "");
        }
        CertificateName kind = names.keySet().iterator().next();
        String value = String.valueOf(names.get(kind)).strip();
        String wrong = value.isEmpty() || value.length() > MAX_TEXT
                ? "Enter 1 to " + MAX_TEXT + " characters."
                : switch (kind) {
                    case SUBJECT_DN -> whyNoName(value);
                    case SAN_IP -> isAddress(value) ? null : "Enter an IP address.";
                    case SAN_DNS, SAN_URI, SAN_EMAIL -> null;
                };
        if (wrong != null) {
            error.accept(field(kind), wrong);
        }
        return new TlsCertificate(kind, value);
    }

    /** The setting that holds a name of this kind. */
    public static String field(CertificateName kind) {
        return switch (kind) {
            case SUBJECT_DN -> "subjectDn";
            case SAN_DNS -> "sanDns";
            case SAN_URI -> "sanUri";
            case SAN_IP -> "sanIp";
            case SAN_EMAIL -> "sanEmail";
        };
    }

    private static @Nullable String whyNoName(String text) {
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

    private SelfSignedCertificate selfSigned(BiConsumer<String, String> error) {
        if (certificates == null || certificates.isEmpty() || certificates.size() > MAX_CERTIFICATES) {
            error.accept("certificates", "Enter 1 to " + MAX_CERTIFICATES + " certificates in PEM.");
            return new SelfSignedCertificate(List.of(), List.of());
        }
        List<String> pems = new ArrayList<>();
        List<String> thumbprints = new ArrayList<>();
        for (String pem : certificates) {
            X509Certificate certificate = pem.contains("PRIVATE KEY") ? null : X509CertUtils.parse(pem);
            if (certificate == null) {
                error.accept(
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

    private Federated federated(String ownIssuer, BiConsumer<String, String> error) {
        KeySource keys = keys(true, error);
        String from = issuer == null ? "" : issuer.strip();
        if (from.startsWith(SPIFFE)) {
            if (keys instanceof KeySource.Discovered) {
                error.accept("jwksUri", "Enter the address of the trust domain's bundle, or its keys as jwks.");
            }
        } else if (keys instanceof KeySource.Discovered) {
            webAddress("issuer", from, error);
        } else if (from.isEmpty() || from.length() > MAX_TEXT) {
            error.accept("issuer", "Enter the value of the outside tokens' claim iss.");
        }
        if (from.equals(ownIssuer)) {
            error.accept("issuer", "This is Latchkey itself. Its access tokens are not outside tokens.");
        }
        String to = audience == null ? ownIssuer : audience.strip();
        if (to.isEmpty() || to.length() > MAX_TEXT) {
            error.accept("audience", "Enter 1 to " + MAX_TEXT + " characters.");
        }
        Map<String, Object> conditions = claims == null ? Map.of() : claims;
        conditions.forEach(
                (name, value) -> conditionError(name, value).ifPresent(wrong -> error.accept("claims", wrong)));
        if (conditions.isEmpty() || conditions.size() > MAX_CLAIMS) {
            error.accept(
                    "claims",
                    "Enter 1 to " + MAX_CLAIMS + " claims that tell this program from all others of the issuer, such as"
                            + " sub.");
        } else {
            String tooWide = PlatformClaims.whyTooWide(from, conditions);
            if (tooWide != null) {
                error.accept("claims", tooWide);
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
