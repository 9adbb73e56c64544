package dev.latchkey.oauth;

import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.Barred;
import dev.latchkey.http.Handler;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.limit.Standing;
import dev.latchkey.limit.Taken;
import dev.latchkey.problem.Problem;
import dev.latchkey.usage.Called;
import dev.latchkey.usage.LimitedUse;
import dev.latchkey.usage.Uses;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** {@code POST /oauth/v2/token}: issues access tokens to programs that authenticate (RFC 6749 section 3.2). */
public final class TokenEndpoint implements Handler {
    /** RFC 6749 section 3.3. */
    private static final Pattern SCOPE = Pattern.compile("[\\x21\\x23-\\x5b\\x5d-\\x7e]+");

    private final ClientAuthenticator clients;
    private final Grants grants;
    private final Targets targets;
    private final SenderBinding binding;
    private final ClientRefusals refusals;
    private final AccessTokens accessTokens;
    private final Uses uses;
    private final LimitedUse limits;
    private final TokenRequestRecorder recorder;
    private final List<String> single;

    public TokenEndpoint(
            ClientAuthenticator clients,
            Grants grants,
            Targets targets,
            SenderBinding binding,
            ClientRefusals refusals,
            AccessTokens accessTokens,
            Uses uses,
            LimitedUse limits,
            TokenRequestRecorder recorder) {
        this.clients = clients;
        this.grants = grants;
        this.targets = targets;
        this.binding = binding;
        this.refusals = refusals;
        this.accessTokens = accessTokens;
        this.uses = uses;
        this.limits = limits;
        this.recorder = recorder;
        this.single = Stream.concat(clients.parametersAnd("grant_type", "scope").stream(), grants.parameters())
                .toList();
    }

    @Override
    public Response handle(Request request) {
        List<String> dpop = request.headers().all(DpopProofs.FIELD);
        long began = System.nanoTime();
        Noted noted = new Noted();
        try {
            return binding.withNonce(answerOrRefusal(request, dpop, noted), dpop);
        } catch (Problem problem) {
            noted.outcome = TokenRequestRecorder.UNAVAILABLE;
            throw problem;
        } finally {
            recorder.answered(noted.grant, noted.method, noted.outcome, System.nanoTime() - began);
        }
    }

    /** What is known about a request when it ends. */
    private static final class Noted {
        private String grant = TokenRequestRecorder.OTHER_GRANT;
        private String method = TokenRequestRecorder.NO_METHOD;
        private String outcome = TokenRequestRecorder.FAILED;
    }

    private Response answerOrRefusal(Request request, List<String> dpop, Noted noted) {
        try {
            Response response = answer(request, dpop, noted);
            noted.outcome = TokenRequestRecorder.ISSUED;
            return response;
        } catch (OAuthError error) {
            noted.outcome = error.code();
            return error.toResponse();
        }
    }

    private Response answer(Request request, List<String> dpop, Noted noted) {
        // 1. Parse.
        OAuthRequest asked = OAuthRequest.read(request, single);
        note(asked, noted);
        binding.requireNonce(dpop);

        // 2. Who is calling? Strangers learn nothing else about the request.
        String type = asked.form().text("grant_type").orElse("");
        Grant grant = grants.find(type);
        if (grant == null) {
            clients.authenticate(asked);
            throw unsupported(type);
        }
        Granted granted = grant.granted(asked);
        ApiToken apiToken = granted.apiToken();

        // 3. What do they want?
        Targets.Target target = targets.named(asked.form(), granted);
        Optional<Set<String>> scope = granted.narrowed(target.meant(scope(asked.form())));
        Confirmation confirmation = confirmation(granted, asked, dpop);

        // 4. Issue, within its limits, and note the use.
        Called issuing = Called.issuing(target.name(), scope);
        return switch (limits.issue(apiToken, target.name())) {
            case Taken.Beyond beyond -> {
                uses.noteLimited(apiToken, asked.origin(), issuing);
                throw OAuthError.beyond(beyond);
            }
            case Taken.Within(List<Standing> standings) -> {
                AccessTokens.Minted minted = accessTokens.mint(
                        apiToken, target.audience(), target.name(), scope, confirmation, granted.original());
                uses.noteIssued(apiToken, asked.origin(), issuing);
                yield Standing.told(standings, reply(minted, confirmation, grant.issuedTokenType()));
            }
        };
    }

    private @Nullable Confirmation confirmation(Granted granted, OAuthRequest asked, List<String> dpop) {
        ApiToken apiToken = granted.apiToken();
        try {
            return granted.kept(
                    binding.confirmation(apiToken, dpop, asked.http().clientCertificates()));
        } catch (OAuthError error) {
            if (!error.isForNonce()) {
                refusals.count(new Barred(apiToken.clientId(), Barred.Why.KEY_NOT_PROVED, asked.origin()), asked);
            }
            throw error;
        }
    }

    private void note(OAuthRequest asked, Noted noted) {
        Grant grant = grants.find(asked.form().text("grant_type").orElse(""));
        if (grant != null) {
            noted.grant = grant.type();
        }
        noted.method = clients.method(asked);
    }

    private OAuthError unsupported(String type) {
        return type.isEmpty()
                ? OAuthError.of(
                        OAuthError.Code.INVALID_REQUEST,
                        "The parameter grant_type is missing. Send " + ClientCredentialsGrant.TYPE + ".")
                : OAuthError.of(
                        OAuthError.Code.UNSUPPORTED_GRANT_TYPE,
                        "The supported grant types are " + String.join(", ", grants.types()) + ".");
    }

    private static Optional<Set<String>> scope(Parameters form) {
        Optional<Set<String>> scope =
                form.text("scope").map(text -> new TreeSet<>(Arrays.asList(text.split(" +", -1))));
        if (scope.isPresent()
                && !scope.get().stream().allMatch(one -> SCOPE.matcher(one).matches())) {
            throw OAuthError.of(
                    OAuthError.Code.INVALID_SCOPE,
                    "The scope contains characters that the name of a privilege cannot have.");
        }
        return scope;
    }

    /** RFC 6749 section 5.1. */
    private static Response reply(
            AccessTokens.Minted minted, @Nullable Confirmation confirmation, @Nullable String issuedTokenType) {
        Map<String, Object> reply = new LinkedHashMap<>();
        reply.put("access_token", minted.compact());
        if (issuedTokenType != null) {
            reply.put("issued_token_type", issuedTokenType);
        }
        // RFC 9449 section 5: the type of a token that is bound to a key is DPoP. One that is bound to a certificate
        // stays
        // Bearer.
        reply.put("token_type", confirmation instanceof Confirmation.ProofKey ? "DPoP" : "Bearer");
        reply.put("expires_in", minted.accessToken().life().toSeconds());
        // RFC 6749 section 3.3: a scope is never empty.
        if (!minted.scope().isEmpty()) {
            reply.put("scope", minted.scope());
        }
        return Response.json(200, reply).with("Cache-Control", "no-store").with("Pragma", "no-cache");
    }
}
