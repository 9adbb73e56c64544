package dev.latchkey.oauth;

import dev.latchkey.access.Api;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Resource;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.apitoken.LastAccess;
import dev.latchkey.apitoken.SenderConstraint;
import dev.latchkey.event.Origin;
import dev.latchkey.http.Handler;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.registry.CurrentPolicy;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /oauth/v2/token}: trades what an API token can prove for an access token (RFC 6749 section 4.4, RFC 8693, RFC
 * 7523 section 2.1).
 */
public final class TokenEndpoint implements Handler {
    public static final String PATH = "/oauth/v2/token";

    static final String CLIENT_CREDENTIALS = "client_credentials";
    static final String TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
    static final String JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    /** In the order of our metadata. */
    static final List<String> GRANT_TYPES = List.of(CLIENT_CREDENTIALS, TOKEN_EXCHANGE, JWT_BEARER);

    /** RFC 8693 section 3. */
    private static final String ACCESS_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:access_token";

    private static final List<String> OUTSIDE_TOKEN_TYPES =
            List.of("urn:ietf:params:oauth:token-type:jwt", "urn:ietf:params:oauth:token-type:id_token");

    /** Of these a request may hold one at most (RFC 6749 section 3.2). */
    private static final List<String> SINGLE = List.of(
            "grant_type",
            "client_id",
            "client_secret",
            "client_assertion",
            "client_assertion_type",
            "scope",
            "assertion",
            "subject_token",
            "subject_token_type",
            "requested_token_type");

    /** RFC 6749 section 3.3. */
    private static final Pattern SCOPE = Pattern.compile("[\\x21\\x23-\\x5b\\x5d-\\x7e]+");

    private final ClientAuthenticator clients;
    private final Federation federation;
    private final Renewals renewals;
    private final ApiTokens apiTokens;
    private final AccessTokens accessTokens;
    private final DpopProofs proofs;
    private final LastAccess lastAccess;
    private final CurrentPolicy policy;
    private final String managementAudience;
    private final List<String> urls;

    /**
     * @param managementAudience the audience of Latchkey's own API, the one that is meant when none is named
     * @param bases the public base URLs of this server
     */
    public TokenEndpoint(
            ClientAuthenticator clients,
            Federation federation,
            Renewals renewals,
            ApiTokens apiTokens,
            AccessTokens accessTokens,
            DpopProofs proofs,
            LastAccess lastAccess,
            CurrentPolicy policy,
            String managementAudience,
            List<String> bases) {
        this.clients = clients;
        this.federation = federation;
        this.renewals = renewals;
        this.apiTokens = apiTokens;
        this.accessTokens = accessTokens;
        this.proofs = proofs;
        this.lastAccess = lastAccess;
        this.policy = policy;
        this.managementAudience = managementAudience;
        this.urls = bases.stream().map(base -> base + PATH).toList();
    }

    @Override
    public Response handle(Request request) {
        List<String> dpop = request.headers().all(DpopProofs.FIELD);
        Response response;
        try {
            response = answer(request, dpop);
        } catch (OAuthError error) {
            response = error.toResponse();
        }
        if (dpop.isEmpty()) {
            return response;
        }
        // RFC 9449 section 8.2: whoever proves anything is told the nonce for the next time.
        boolean told = response.fields().stream().anyMatch(field -> field.name().equals("DPoP-Nonce"));
        return told ? response : response.with("DPoP-Nonce", proofs.nonce());
    }

    private Response answer(Request request, List<String> dpop) {
        // 1. Parse, once.
        Parameters form = OAuthForm.read(request, SINGLE);
        if (!dpop.isEmpty() && !proofs.hasNonce(dpop)) {
            throw OAuthError.useNonce(proofs.nonce());
        }

        // 2. Who is it? Before anything else is said about the request.
        String grantType = form.text("grant_type").orElse("");
        Granted granted = switch (grantType) {
            case TOKEN_EXCHANGE -> exchanged(request, form);
            case JWT_BEARER -> Granted.anything(vouchedFor(request, form));
            default -> Granted.anything(clients.authenticate(request, form));
        };
        ApiToken apiToken = granted.apiToken();

        // 3. What do they want?
        if (grantType.isEmpty()) {
            throw OAuthError.of(
                    OAuthError.Code.INVALID_REQUEST, "The parameter grant_type is missing. Send client_credentials.");
        }
        if (!GRANT_TYPES.contains(grantType)) {
            throw OAuthError.of(
                    OAuthError.Code.UNSUPPORTED_GRANT_TYPE,
                    "The grant types here are " + String.join(", ", GRANT_TYPES) + ".");
        }
        Target target = target(form, granted);
        Optional<Set<String>> scope = granted.narrowed(target.meant(scope(form)));
        Confirmation confirmation = granted.kept(confirmation(request, dpop, apiToken));

        // 4. Sign, and remember the use.
        AccessTokens.Minted minted =
                accessTokens.mint(apiToken, target.audience(), target.name(), scope, confirmation, granted.original());
        lastAccess.note(apiToken.clientId(), new Origin(request.remoteAddress(), request.userAgent()));

        // 5. Answer (RFC 6749 section 5.1).
        Map<String, Object> reply = new LinkedHashMap<>();
        reply.put("access_token", minted.compact());
        if (grantType.equals(TOKEN_EXCHANGE)) {
            // RFC 8693 section 2.2.1.
            reply.put("issued_token_type", ACCESS_TOKEN_TYPE);
        }
        // RFC 9449 section 5: a token that is bound to a key says so. One that is bound to a certificate does not.
        reply.put("token_type", confirmation instanceof Confirmation.ProofKey ? "DPoP" : "Bearer");
        reply.put("expires_in", minted.accessToken().life().toSeconds());
        // RFC 6749 section 3.3: there is no empty scope.
        if (!minted.scope().isEmpty()) {
            reply.put("scope", minted.scope());
        }
        return Response.json(200, reply).with("Cache-Control", "no-store").with("Pragma", "no-cache");
    }

    /** RFC 8693 section 2.1: an outside token is exchanged for one of ours, or one of ours for another one. */
    private Granted exchanged(Request request, Parameters form) {
        String type = required(form, "subject_token_type");
        if (!OUTSIDE_TOKEN_TYPES.contains(type) && !type.equals(ACCESS_TOKEN_TYPE)) {
            throw OAuthError.of(
                    OAuthError.Code.INVALID_REQUEST,
                    "The subject_token_type must be " + String.join(" or ", OUTSIDE_TOKEN_TYPES) + ", or "
                            + ACCESS_TOKEN_TYPE + " for an access token of its own.");
        }
        if (form.has("actor_token") || form.has("actor_token_type")) {
            throw OAuthError.of(
                    OAuthError.Code.INVALID_REQUEST, "Programs act for themselves here; leave actor_token out.");
        }
        if (!form.text("requested_token_type").orElse(ACCESS_TOKEN_TYPE).equals(ACCESS_TOKEN_TYPE)) {
            throw OAuthError.of(
                    OAuthError.Code.INVALID_REQUEST, "The only requested_token_type is " + ACCESS_TOKEN_TYPE + ".");
        }
        if (type.equals(ACCESS_TOKEN_TYPE)) {
            return renewals.exchanged(request, form, required(form, "subject_token"));
        }
        // Section 2.2.2 wants invalid_request for a subject token that does not count.
        return Granted.anything(outside(request, form, "subject_token", OAuthError.Code.INVALID_REQUEST));
    }

    /** RFC 7523 section 2.1: an outside token as an authorization grant; section 3.1 has its error. */
    private ApiToken vouchedFor(Request request, Parameters form) {
        return outside(request, form, "assertion", OAuthError.Code.INVALID_GRANT);
    }

    private ApiToken outside(Request request, Parameters form, String parameter, OAuthError.Code code) {
        if (ClientAuthenticator.isAttempted(request, form)) {
            throw OAuthError.of(
                    OAuthError.Code.INVALID_REQUEST,
                    "With this grant the outside token is the proof. Name the API token with client_id, and send no"
                            + " secret or assertion of the client.");
        }
        Supplier<OAuthError> refusal = () -> OAuthError.of(
                code,
                "The outside token does not open this API token, or the API token does not count now or not from here."
                        + " The audit log says why.");
        Assertion assertion = Assertion.parse(required(form, parameter)).orElseThrow(refusal);
        Origin origin = new Origin(request.remoteAddress(), request.userAgent());
        boolean grant = code == OAuthError.Code.INVALID_GRANT;
        String clientId =
                ClientAuthenticator.namedClientId(request, form).orElseGet(() -> meant(assertion, grant, origin));
        return clients.accepted(
                clientId,
                apiTokens.authenticate(
                        clientId,
                        origin,
                        (apiToken, costly) ->
                                Optional.ofNullable(federation.whyNot(apiToken, assertion, grant, costly))),
                origin,
                refusal);
    }

    /**
     * The one API token that can be meant by an outside token of a program that has no way to name it, such as the JWT-bearer
     * grant of Kafka; no client id when there is none, or more than one.
     */
    private String meant(Assertion assertion, boolean grant, Origin origin) {
        return apiTokens.nameless(origin, costly -> {
            List<ApiToken> fitting =
                    costly.run(() -> Federation.issuer(assertion).map(apiTokens::trusting).orElse(List.of()).stream()
                            .filter(apiToken -> federation.whyNotMeant(apiToken, assertion, grant) == null)
                            .toList());
            if (fitting.size() > 1) {
                // Others may trust the same words by another key.
                fitting = federation.signed(fitting, assertion, costly);
            }
            if (fitting.size() > 1) {
                clients.recordAmbiguous(fitting, origin);
            }
            return fitting.size() == 1 ? fitting.getFirst().clientId() : "";
        });
    }

    private static String required(Parameters form, String name) {
        return form.text(name)
                .orElseThrow(
                        () -> OAuthError.of(OAuthError.Code.INVALID_REQUEST, "The parameter " + name + " is missing."));
    }

    /** What the access token is to be bound to: what the API token demands, or what the program chose to prove. */
    private @Nullable Confirmation confirmation(Request request, List<String> dpop, ApiToken apiToken) {
        if (apiToken.senderConstraint() == SenderConstraint.CERTIFICATE) {
            if (!dpop.isEmpty()) {
                throw OAuthError.of(
                        OAuthError.Code.INVALID_DPOP_PROOF,
                        "Access tokens of this API token are bound to its TLS certificate, not to a key.");
            }
            if (request.clientCertificates().isEmpty()) {
                throw OAuthError.of(
                        OAuthError.Code.INVALID_REQUEST,
                        "Access tokens of this API token are bound to its TLS certificate. Show it (RFC 8705).");
            }
            return new Confirmation.Certificate(
                    ClientCertificates.thumbprint(request.clientCertificates().getFirst()));
        }
        if (dpop.isEmpty()) {
            if (apiToken.senderConstraint() == SenderConstraint.DPOP) {
                throw OAuthError.of(
                        OAuthError.Code.INVALID_DPOP_PROOF,
                        "Access tokens of this API token are bound to a key. Send a DPoP proof (RFC 9449).");
            }
            return null;
        }
        return switch (proofs.atTokenEndpoint(apiToken.clientId(), dpop, urls)) {
            case DpopProofs.Outcome.Proved(String thumbprint) -> new Confirmation.ProofKey(thumbprint);
            case DpopProofs.Outcome.NonceNeeded() -> throw OAuthError.useNonce(proofs.nonce());
            case DpopProofs.Outcome.Wrong(String reason) ->
                throw OAuthError.of(OAuthError.Code.INVALID_DPOP_PROOF, reason);
        };
    }

    /**
     * The API that an access token is to be for.
     *
     * @param api null for Latchkey's own
     */
    private record Target(String audience, @Nullable Api api) {
        String name() {
            return api == null ? ManagementApi.NAME : api.name();
        }

        /** What the scope that was asked for is at this API; empty when none of it limits anything. */
        Optional<Set<String>> meant(Optional<Set<String>> asked) {
            return api == null ? asked : asked.map(api::meant).filter(meant -> !meant.isEmpty());
        }
    }

    /**
     * RFC 8707 section 2: {@code resource} names the API; {@code audience} is what RFC 8693 and older clients send for the
     * same. One at a time: an access token for two APIs would let one call the other with it. Who names none means the API
     * token's own.
     */
    private Target target(Parameters form, Granted granted) {
        Set<String> named = HashSet.newHashSet(2);
        addPlain(named, form.all("resource"));
        addPlain(named, form.all("audience"));
        if (named.size() > 1) {
            throw OAuthError.of(
                    OAuthError.Code.INVALID_TARGET,
                    "An access token is for one API. Send one resource, and get another access token for the next.");
        }
        String audience = named.isEmpty()
                ? granted.usualAudience(managementAudience)
                : named.iterator().next();
        granted.requireAudience(audience);
        if (audience.equals(managementAudience)) {
            return new Target(managementAudience, null);
        }
        return policy.get()
                .apiFor(audience)
                .map(api -> new Target(api.audience(), api))
                .orElseThrow(() -> OAuthError.of(
                        OAuthError.Code.INVALID_TARGET,
                        named.isEmpty()
                                ? "The API that this API token is for by default is not registered any more. Edit the API"
                                        + " token, or send the resource."
                                : "There is no API with this audience. Leave it out for "
                                        + (granted.apiToken().inAccessTokens().defaultResource() == null
                                                ? "Latchkey's own API, " + managementAudience + "."
                                                : "the API token's own.")));
    }

    private static void addPlain(Set<String> named, List<String> resources) {
        for (String resource : resources) {
            if (!resource.isBlank()) {
                named.add(Resource.plain(resource));
            }
        }
    }

    private static Optional<Set<String>> scope(Parameters form) {
        Optional<Set<String>> scope =
                form.text("scope").map(text -> new TreeSet<>(Arrays.asList(text.split(" +", -1))));
        if (scope.isPresent()
                && !scope.get().stream().allMatch(one -> SCOPE.matcher(one).matches())) {
            throw OAuthError.of(
                    OAuthError.Code.INVALID_SCOPE, "The scope holds characters that no privilege has in its name.");
        }
        return scope;
    }
}
