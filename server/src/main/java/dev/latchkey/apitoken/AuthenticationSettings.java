package dev.latchkey.apitoken;

import dev.latchkey.apitoken.ClientAuthentication.ApiKey;
import dev.latchkey.apitoken.ClientAuthentication.CertificateName;
import dev.latchkey.apitoken.ClientAuthentication.ClientSecret;
import dev.latchkey.apitoken.ClientAuthentication.Federated;
import dev.latchkey.apitoken.ClientAuthentication.PrivateKeyJwt;
import dev.latchkey.apitoken.ClientAuthentication.SelfSignedCertificate;
import dev.latchkey.apitoken.ClientAuthentication.TlsCertificate;
import dev.latchkey.apitoken.ClientAuthentication.Unknown;
import dev.latchkey.management.Doc;
import dev.latchkey.problem.Json;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How an API token authenticates, in the JSON of the management API and of the database. */
public record AuthenticationSettings(
        @Doc("client_secret, api_key, private_key_jwt, tls_client_auth, self_signed_tls_client_auth or federated")
        String method,

        @Doc("api_key: the import that brought the key, which was issued elsewhere; never sent by callers") @Nullable String importId,

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
    /** The settings of this way of authenticating. */
    public static AuthenticationSettings of(ClientAuthentication authentication) {
        KeySource keys = switch (authentication) {
            case PrivateKeyJwt privateKeyJwt -> privateKeyJwt.keys();
            case Federated federated -> federated.keys();
            case ClientSecret() -> null;
            case ApiKey key -> null;
            case TlsCertificate certificate -> null;
            case SelfSignedCertificate certificate -> null;
            case Unknown unknown -> null;
        };
        SelfSignedCertificate own = authentication instanceof SelfSignedCertificate registered ? registered : null;
        Federated outside = authentication instanceof Federated federated ? federated : null;
        return new AuthenticationSettings(
                authentication.method(),
                authentication instanceof ApiKey key ? key.importId() : null,
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

    /** The same as JSON. */
    static String json(ClientAuthentication authentication) {
        return authentication instanceof Unknown(String stored) ? stored : Json.writeText(of(authentication));
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

    /** All settings but the method, by name; null for those that are absent. */
    Map<String, @Nullable Object> given() {
        Map<String, @Nullable Object> given = new TreeMap<>();
        given.put("importId", importId);
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
}
