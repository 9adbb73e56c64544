package dev.latchkey.signing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.SigningProvider;
import dev.latchkey.crypto.Vault;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Security;
import java.security.Signature;
import java.text.ParseException;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The cost of signing and verifying an access token, by algorithm, compared with the bare signature of each provider. */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up before anything else.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SigningBenchmark {
    private static final JOSEObjectType TYPE = new JOSEObjectType("at+jwt");
    private static final byte[] INPUT = "x".repeat(500).getBytes(StandardCharsets.US_ASCII);

    @Param({"ES256", "EdDSA", "RS256", "PS256"})
    public String algorithm = "";

    private final Instant now = Instant.now();
    private final Map<String, Object> claims = new LinkedHashMap<>();
    private KeyRing ring;
    private String compact;
    private PrivateKey key;
    private Provider fast;
    private Provider jdk;
    private String name;

    @Setup
    public void prepare() throws JOSEException, GeneralSecurityException {
        SigningAlgorithm chosen = SigningAlgorithm.named(algorithm).orElseThrow();
        JWK jwk = chosen.generate();
        MasterKey masterKey = MasterKey.parse(Base64.getEncoder().encodeToString(new byte[32]), "the bench");
        Vault vault = new Vault(masterKey, "signing keys");
        SigningKey signingKey = new SigningKey(jwk.getKeyID(), chosen, now, now, null, null, true);
        ring = new KeyRing(
                List.of(new SigningKeyStore.Row(
                        signingKey, jwk.toPublicJWK().toJSONString(), vault.seal(jwk.toJSONString(), jwk.getKeyID()))),
                new SigningPolicy(chosen, 30, 1),
                vault);
        claims.put("iss", "https://latchkey.example");
        claims.put("sub", "k7m2qd.0123456789abcdef");
        claims.put("client_id", "k7m2qd.0123456789abcdef");
        claims.put("aud", "https://billing.example");
        claims.put("iat", now.getEpochSecond());
        claims.put("exp", now.getEpochSecond() + 600);
        claims.put("jti", "0123456789abcdef0123456789");
        claims.put("roles", List.of("reader"));
        claims.put("account", "k7m2qd");
        claims.put("scope", "invoices:read");
        compact = ring.signing(now).sign(TYPE, claims);
        name = switch (chosen) {
            case ES256 -> "SHA256withECDSA";
            case EDDSA -> "Ed25519";
            case RS256, PS256 -> "SHA256withRSA";
        };
        // The actual key where it is available: providers differ by curve and size.
        key = switch (chosen) {
            case ES256 -> jwk.toECKey().toECPrivateKey();
            case RS256, PS256 -> jwk.toRSAKey().toRSAPrivateKey();
            case EDDSA ->
                KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate();
        };
        fast = SigningProvider.forSignature(name);
        jdk = Security.getProviders("Signature." + name)[0];
    }

    /** As the token endpoint does it: claims, JSON, Base64, signature. */
    @Benchmark
    public String mint() {
        return ring.signing(now).sign(TYPE, claims);
    }

    /** As for an access token that has not been seen before. */
    @Benchmark
    public boolean verify() throws ParseException, JOSEException {
        return ring.signed(now, SignedJWT.parse(compact));
    }

    @Benchmark
    public byte[] signatureOfTheFastProvider() throws GeneralSecurityException {
        return signature(fast);
    }

    @Benchmark
    public byte[] signatureOfTheJdk() throws GeneralSecurityException {
        return signature(jdk);
    }

    private byte[] signature(Provider provider) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(name, provider);
        signature.initSign(key);
        signature.update(INPUT);
        return signature.sign();
    }
}
