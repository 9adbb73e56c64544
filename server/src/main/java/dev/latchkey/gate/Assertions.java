package dev.latchkey.gate;

import com.nimbusds.jose.JOSEObjectType;
import dev.latchkey.access.Caller;
import dev.latchkey.access.Caller.AssignedRole;
import dev.latchkey.access.EffectivePrivileges;
import dev.latchkey.crypto.RandomKey;
import dev.latchkey.crypto.Sha256;
import dev.latchkey.crypto.SigningProvider;
import dev.latchkey.path.RequestPath;
import dev.latchkey.signing.CurrentKeys;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Signs what the gate says about a call, for APIs that want to check that a call came through their gateway: who calls, and
 * which call it is. The claims are named as in access tokens, but the type of the JWT keeps it from being taken for one.
 */
public final class Assertions {
    private static final JOSEObjectType TYPE = new JOSEObjectType("latchkey-assertion+jwt");
    private static final Duration LIFETIME = Duration.ofSeconds(60);

    /** A longer path is named by its digest: all header fields of a request together must be short enough for every server. */
    private static final int LONGEST_PATH = 500;

    private static final int ID_LENGTH = 26;

    private final CurrentKeys keys;
    private final String issuer;
    private final Clock clock;
    private final SecureRandom random = SigningProvider.random();

    /** @param issuer Latchkey's own public base URL */
    public Assertions(CurrentKeys keys, String issuer, Clock clock) {
        this.keys = keys;
        this.issuer = issuer;
        this.clock = clock;
    }

    /** The decision with an assertion for the API. Each costs a signature. */
    Decision.Allowed added(Decision.Allowed allowed, Caller caller, ForeignRequest request) {
        AssignedRole role = caller.roles().getFirst();
        long now = clock.instant().getEpochSecond();
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("iss", issuer);
        claims.put("sub", caller.id());
        claims.put("client_id", caller.id());
        claims.put("aud", allowed.api().audience());
        claims.put("iat", now);
        claims.put("exp", now + LIFETIME.toSeconds());
        claims.put("jti", RandomKey.generate(random, ID_LENGTH));
        claims.put("roles", List.of(role.name()));
        claims.put("account", Answer.account(caller));
        EffectivePrivileges.Scope scope = role.privileges().scope(allowed.api().name());
        if (!scope.names().isEmpty() && scope.isShort()) {
            claims.put("scope", scope.text());
        }
        Presented presented = allowed.presented();
        if (presented != null) {
            claims.put("credential", presented.kind());
        }
        claims.put("htm", request.method());
        String path = RequestPath.ofTarget(request.target());
        if (path.length() <= LONGEST_PATH) {
            claims.put("htu", path);
        } else {
            claims.put("htu#S256", digest(path));
        }
        return allowed.asserting(keys.sign(TYPE, claims));
    }

    private static String digest(String path) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Sha256.of(path.getBytes(StandardCharsets.UTF_8)));
    }
}
