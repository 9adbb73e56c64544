package dev.latchkey.oauth;

import com.nimbusds.jose.util.X509CertUtils;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ClientAuthentication;
import dev.latchkey.apitoken.ClientAuthentication.CertificateName;
import dev.latchkey.apitoken.ClientAuthentication.SelfSignedCertificate;
import dev.latchkey.apitoken.ClientAuthentication.TlsCertificate;
import dev.latchkey.apitoken.Credentials;
import dev.latchkey.apitoken.DistinguishedName;
import dev.latchkey.crypto.UnusableKeyException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Programs that present a TLS certificate instead of sending a secret (RFC 8705 section 2). */
public final class ClientCertificates implements ClientProof {
    private static final String CLIENT_AUTHENTICATION = "1.3.6.1.5.5.7.3.2";
    private static final String ANY_USE = "2.5.29.37.0";

    private final Credentials credentials;
    private final Set<TrustAnchor> authorities;
    private final Clock clock;

    private ClientCertificates(Credentials credentials, Set<TrustAnchor> authorities, Clock clock) {
        this.credentials = credentials;
        this.authorities = Set.copyOf(authorities);
        this.clock = clock;
    }

    /**
     * Reads the authorities whose certificates authenticate programs by the names in them.
     *
     * @param file their certificates in PEM; null for no authority
     * @throws UnusableKeyException when the file cannot be read or holds no certificate
     */
    public static ClientCertificates trusting(Credentials credentials, @Nullable Path file, Clock clock) {
        if (file == null) {
            return new ClientCertificates(credentials, Set.of(), clock);
        }
        try (InputStream in = Files.newInputStream(file)) {
            Set<TrustAnchor> authorities = CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                    .map(certificate -> new TrustAnchor((X509Certificate) certificate, null))
                    .collect(Collectors.toCollection(HashSet::new));
            if (!authorities.isEmpty()) {
                return new ClientCertificates(credentials, authorities, clock);
            }
        } catch (IOException | CertificateException e) {
            throw new UnusableKeyException(
                    "The file of client certificate authorities " + file + " cannot be read as PEM.", e);
        }
        throw new UnusableKeyException(
                "The file of client certificate authorities " + file + " holds no certificate.", null);
    }

    /** The value by which access tokens name the certificate that they are bound to (RFC 8705 section 3.1). */
    static String thumbprint(X509Certificate certificate) {
        return X509CertUtils.computeSHA256Thumbprint(certificate).toString();
    }

    @Override
    public List<String> methods() {
        return authorities.isEmpty()
                ? List.of("self_signed_tls_client_auth")
                : List.of("tls_client_auth", "self_signed_tls_client_auth");
    }

    @Override
    public String noun() {
        return "a TLS certificate";
    }

    @Override
    public List<String> parameters() {
        return List.of();
    }

    /**
     * RFC 8705 section 2: the request names the client id. Without it the certificate is presented for some other reason.
     */
    @Override
    public Presence presence(OAuthRequest request) {
        return !request.http().clientCertificates().isEmpty()
                        && request.namedClientId().isPresent()
                ? Presence.PRESENTED
                : Presence.NONE;
    }

    @Override
    public Checked check(OAuthRequest request) {
        List<X509Certificate> presented = request.http().clientCertificates();
        String clientId = request.namedClientId().orElse("");
        return new Checked(
                clientId,
                credentials.authenticate(
                        clientId,
                        request.origin(),
                        (apiToken, costly) -> costly.run(() -> Optional.ofNullable(whyNot(apiToken, presented)))),
                false);
    }

    /** Why the certificate does not authenticate the API token, in words for the log; null when it does. */
    private @Nullable String whyNot(ApiToken apiToken, List<X509Certificate> presented) {
        X509Certificate certificate = presented.getFirst();
        ClientAuthentication authentication = apiToken.authentication();
        return switch (authentication) {
            case TlsCertificate(CertificateName kind, String value) -> {
                String untrusted = whyNotTrusted(presented);
                yield untrusted != null ? untrusted : whyOtherName(certificate, kind, value);
            }
            case SelfSignedCertificate registered -> {
                if (!registered.thumbprints().contains(thumbprint(certificate))) {
                    yield "wrong certificate: it is not registered";
                }
                yield isTimely(certificate, clock.instant()) ? null : "wrong certificate: it has expired";
            }
            case ClientAuthentication.ClientSecret secret -> otherMethod(authentication);
            case ClientAuthentication.ApiKey key -> otherMethod(authentication);
            case ClientAuthentication.PrivateKeyJwt jwt -> otherMethod(authentication);
            case ClientAuthentication.Federated federated -> otherMethod(authentication);
            case ClientAuthentication.Unknown unknown -> otherMethod(authentication);
        };
    }

    private static String otherMethod(ClientAuthentication authentication) {
        return "authenticates by " + authentication.method() + ", not by a certificate";
    }

    private static boolean isTimely(X509Certificate certificate, Instant now) {
        return !now.isBefore(certificate.getNotBefore().toInstant())
                && !now.isAfter(certificate.getNotAfter().toInstant());
    }

    /** RFC 5280 section 6, without revocation lists: revoke the API token instead. */
    private @Nullable String whyNotTrusted(List<X509Certificate> presented) {
        if (authorities.isEmpty()) {
            return "wrong certificate: no authority is trusted (LATCHKEY_CLIENT_CA_FILE)";
        }
        try {
            List<String> uses = presented.getFirst().getExtendedKeyUsage();
            if (uses != null && !uses.contains(CLIENT_AUTHENTICATION) && !uses.contains(ANY_USE)) {
                return "wrong certificate: it is not for client authentication";
            }
            PKIXParameters parameters = new PKIXParameters(authorities);
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(clock.instant()));
            // A chain is validated from the certificate up to below an authority; the authority itself is not part of
            // it.
            List<X509Certificate> chain = presented.stream()
                    .filter(one -> authorities.stream().noneMatch(authority -> one.equals(authority.getTrustedCert())))
                    .toList();
            CertPathValidator.getInstance("PKIX")
                    .validate(CertificateFactory.getInstance("X.509").generateCertPath(chain), parameters);
            return chain.isEmpty() ? "wrong certificate: it is an authority's own" : null;
        } catch (CertPathValidatorException | CertificateParsingException e) {
            return "wrong certificate: " + e.getMessage();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("PKIX is part of every JDK", e);
        }
    }

    private static @Nullable String whyOtherName(X509Certificate certificate, CertificateName kind, String value) {
        try {
            return names(certificate, kind, value) ? null : "wrong certificate: it is for another name";
        } catch (IllegalArgumentException e) {
            // This concerns one of the two subjects: the registered one may be older than the rule for what can be
            // registered.
            return "wrong certificate: a subject cannot be compared. " + e.getMessage();
        }
    }

    /** RFC 8705 section 2.1.2. */
    private static boolean names(X509Certificate certificate, CertificateName kind, String value) {
        return switch (kind) {
            case SUBJECT_DN ->
                DistinguishedName.parse(value).equals(DistinguishedName.of(certificate.getSubjectX500Principal()));
            case SAN_EMAIL -> alternatives(certificate, 1).stream().anyMatch(value::equalsIgnoreCase);
            case SAN_DNS -> alternatives(certificate, 2).stream().anyMatch(value::equalsIgnoreCase);
            case SAN_URI -> alternatives(certificate, 6).contains(value);
            case SAN_IP -> alternatives(certificate, 7).stream().anyMatch(address -> sameAddress(address, value));
        };
    }

    /** @param type RFC 5280 section 4.2.1.6: the number of the kind of name */
    private static Set<String> alternatives(X509Certificate certificate, int type) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null
                    ? Set.of()
                    : names.stream()
                            .filter(name -> Integer.valueOf(type).equals(name.getFirst()))
                            .map(name -> String.valueOf(name.get(1)))
                            .collect(Collectors.toSet());
        } catch (CertificateParsingException e) {
            return Set.of();
        }
    }

    private static boolean sameAddress(String a, String b) {
        try {
            return InetAddress.ofLiteral(a.toLowerCase(Locale.ROOT)).equals(InetAddress.ofLiteral(b));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
