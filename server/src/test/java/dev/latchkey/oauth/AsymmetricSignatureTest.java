package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.apitoken.ForeignKeys;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class AsymmetricSignatureTest {
    private static boolean counts(int bits, BigInteger exponent) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(new RSAKeyGenParameterSpec(bits, exponent));
        KeyPair pair = generator.generateKeyPair();
        SignedJWT jwt = new SignedJWT(
                new JWSHeader(JWSAlgorithm.RS256),
                new JWTClaimsSet.Builder().subject("program").build());
        RSASSASigner signer = new RSASSASigner(pair.getPrivate(), true);
        jwt.sign(signer);
        return AsymmetricSignature.isBy(new RSAKey.Builder((RSAPublicKey) pair.getPublic()).build(), jwt);
    }

    @Test
    void rsaKeysOfUsualSizesCount() throws Exception {
        assertThat(counts(2_048, RSAKeyGenParameterSpec.F4)).isTrue();
        assertThat(counts(4_096, RSAKeyGenParameterSpec.F4)).isTrue();
    }

    @Test
    void aShortRsaKeyDoesNotCount() throws Exception {
        assertThat(counts(1_024, RSAKeyGenParameterSpec.F4)).isFalse();
    }

    @Test
    void anRsaKeyThatIsDearToCheckDoesNotCount() throws Exception {
        // Checking would cost as much as signing, and the caller chooses the key.
        BigInteger dear = BigInteger.ONE.shiftLeft(1_900).nextProbablePrime();
        assertThat(counts(2_048, dear)).isFalse();
    }

    /** With the exponent 1 every text is its own signature. */
    @Test
    void anRsaKeyThatAnyoneCanSignForIsRefused() throws Exception {
        RSAKey usual = new RSAKeyGenerator(2_048).generate();
        for (BigInteger exponent :
                List.of(BigInteger.ZERO, BigInteger.ONE, BigInteger.TWO, BigInteger.valueOf(65_538))) {
            RSAKey key = new RSAKey.Builder(usual.getModulus(), Base64URL.encode(exponent)).build();
            assertThat(ForeignKeys.whyUnusable(key)).as(exponent.toString()).contains("exponent");
        }
        assertThat(ForeignKeys.whyUnusable(usual)).isNull();
    }
}
