package dev.latchkey.apitoken;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyType;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.X509CertUtils;
import dev.latchkey.access.Doc;
import dev.latchkey.apitoken.ClientAuthentication.CertificateName;
import dev.latchkey.apitoken.ClientAuthentication.ClientSecret;
import dev.latchkey.apitoken.ClientAuthentication.Federated;
import dev.latchkey.apitoken.ClientAuthentication.PrivateKeyJwt;
import dev.latchkey.apitoken.ClientAuthentication.SelfSignedCertificate;
import dev.latchkey.apitoken.ClientAuthentication.TlsCertificate;
import dev.latchkey.http.AddressRange;
import dev.latchkey.http.Problem;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.cert.X509Certificate;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import org.jspecify.annotations.Nullable;

/** How an API token authenticates, as it is written in the management API and in the database. */
public record AuthenticationSettings(
        @Doc("client_secret, private_key_jwt, tls_client_auth, self_signed_tls_client_auth or federated")
        String method,

        @Doc("private_key_jwt, federated: the public keys, as a JWK set") @Nullable Map<String, Object> jwks,

        @Doc("private_key_jwt, federated: the address of the public keys") @Nullable String jwksUri,

        @Doc("tls_client_auth: the certificate's subject (RFC 4514)") @Nullable String subjectDn,

        @Doc("tls_client_auth: a DNS name in the certificate") @Nullable String sanDns,

        @Doc("tls_client_auth: a URI in the certificate") @Nullable String sanUri,

        @Doc("tls_client_auth: an IP address in the certificate") @Nullable String sanIp,

        @Doc("tls_client_auth: an email address in the certificate") @Nullable String sanEmail,

        @Doc("self_signed_tls_client_auth: 1 to 3 certificates in PEM") @Nullable List<String> certificates,

        @Doc("federated: who issues the outside tokens") @Nullable String issuer,

        @Doc("federated: what the outside tokens must be for; Latchkey's issuer when absent") @Nullable String audience,

        @Doc("federated: what each claim must say; * stands for anything. A name that begins with / is a JSON pointer")
        @Nullable Map<String, String> claims) {

    private static final int MAX_KEYS = 10;
    private static final int MAX_CERTIFICATES = 3;
    private static final int MAX_CLAIMS = 10;
    private static final int MAX_TEXT = 500;
    private static final int MIN_RSA_BITS = 2_048;

    /** A way of authenticating in writing. */
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
     * Reads what was written.
     *
     * @param ownIssuer Latchkey's issuer, which outside tokens must be for when nothing else is said
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

    private ClientAuthentication read(String ownIssuer, BiConsumer<String, String> error) {
        Map<String, @Nullable Object> given = given();
        List<String> known = switch (method) {
            case "client_secret" -> List.of();
            case "private_key_jwt" -> List.of("jwks", "jwksUri");
            case "tls_client_auth" -> List.of("subjectDn", "sanDns", "sanUri", "sanIp", "sanEmail");
            case "self_signed_tls_client_auth" -> List.of("certificates");
            case "federated" -> List.of("jwks", "jwksUri", "issuer", "audience", "claims");
            default -> {
                error.accept(
                        "method",
                        "Give one of client_secret, private_key_jwt, tls_client_auth, self_signed_tls_client_auth,"
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
            case "private_key_jwt" -> new PrivateKeyJwt(keys(false, error));
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
            error.accept("jwksUri", "Give either jwks or jwksUri.");
        } else if (jwks != null) {
            return fixed(jwks, error);
        } else if (jwksUri != null) {
            return new KeySource.At(webAddress("jwksUri", jwksUri, error));
        } else if (!discoverable) {
            error.accept("jwks", "Give the public keys, or their address as jwksUri.");
        }
        return new KeySource.Discovered();
    }

    private static KeySource fixed(Map<String, Object> json, BiConsumer<String, String> error) {
        JWKSet keys;
        try {
            keys = JWKSet.parse(json);
        } catch (ParseException | RuntimeException e) {
            error.accept("jwks", "This is not a JWK set: {\"keys\":[...]} (RFC 7517 section 5).");
            return new KeySource.Discovered();
        }
        if (keys.isEmpty() || keys.size() > MAX_KEYS) {
            error.accept("jwks", "Give 1 to " + MAX_KEYS + " keys.");
        }
        for (JWK key : keys.getKeys()) {
            if (key.isPrivate() || key.getKeyType().equals(KeyType.OCT)) {
                error.accept(
                        "jwks",
                        "Give the public halves only. Whatever else you have just sent, treat as leaked: make a new"
                                + " key.");
            } else if (key instanceof RSAKey rsa && rsa.size() < MIN_RSA_BITS) {
                error.accept("jwks", "RSA keys need at least " + MIN_RSA_BITS + " bits (RFC 7518 section 3.3).");
            }
        }
        return new KeySource.Fixed(keys.toPublicJWKSet());
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
                return address;
            }
        } catch (URISyntaxException e) {
            // answered below
        }
        error.accept(field, "Give an address that begins with https://.");
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
            error.accept("subjectDn", "Give exactly one of subjectDn, sanDns, sanUri, sanIp, sanEmail.");
            return new TlsCertificate(CertificateName.SUBJECT_DN, "");
        }
        CertificateName kind = names.keySet().iterator().next();
        String value = String.valueOf(names.get(kind)).strip();
        String wrong = value.isEmpty() || value.length() > MAX_TEXT
                ? "Give 1 to " + MAX_TEXT + " characters."
                : switch (kind) {
                    case SUBJECT_DN -> isName(value) ? null : "Give a subject such as CN=billing,O=Example (RFC 4514).";
                    case SAN_IP -> isAddress(value) ? null : "Give an IP address.";
                    case SAN_DNS, SAN_URI, SAN_EMAIL -> null;
                };
        if (wrong != null) {
            error.accept(field(kind), wrong);
        }
        return new TlsCertificate(kind, value);
    }

    /** The component that holds a name of this kind. */
    public static String field(CertificateName kind) {
        return switch (kind) {
            case SUBJECT_DN -> "subjectDn";
            case SAN_DNS -> "sanDns";
            case SAN_URI -> "sanUri";
            case SAN_IP -> "sanIp";
            case SAN_EMAIL -> "sanEmail";
        };
    }

    private static boolean isName(String text) {
        try {
            return !new LdapName(text).isEmpty();
        } catch (InvalidNameException e) {
            return false;
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
            error.accept("certificates", "Give 1 to " + MAX_CERTIFICATES + " certificates in PEM.");
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
        if (keys instanceof KeySource.Discovered) {
            webAddress("issuer", from, error);
        } else if (from.isEmpty() || from.length() > MAX_TEXT) {
            error.accept("issuer", "Give what the outside tokens say in iss.");
        }
        if (from.equals(ownIssuer)) {
            error.accept("issuer", "This is Latchkey itself. Its access tokens are no outside tokens.");
        }
        String to = audience == null ? ownIssuer : audience.strip();
        if (to.isEmpty() || to.length() > MAX_TEXT) {
            error.accept("audience", "Give 1 to " + MAX_TEXT + " characters.");
        }
        Map<String, String> conditions = claims == null ? Map.of() : claims;
        boolean narrow = false;
        for (Map.Entry<String, String> condition : conditions.entrySet()) {
            String name = condition.getKey();
            String value = condition.getValue();
            if (name.isBlank()
                    || name.length() > MAX_TEXT
                    || value == null
                    || value.isEmpty()
                    || value.length() > MAX_TEXT) {
                error.accept("claims", "Give for each claim what it must say, in 1 to " + MAX_TEXT + " characters.");
            } else if (List.of("iss", "aud", "exp", "nbf", "iat").contains(name)) {
                error.accept("claims", "The claim " + name + " is checked anyway.");
            } else {
                narrow |= value.chars().anyMatch(c -> c != '*');
            }
        }
        if (conditions.size() > MAX_CLAIMS || !narrow) {
            error.accept(
                    "claims",
                    "Give 1 to " + MAX_CLAIMS + " claims that tell this program from all others of the issuer, such as"
                            + " sub.");
        }
        return new Federated(from, keys, to, new TreeMap<>(conditions));
    }
}
