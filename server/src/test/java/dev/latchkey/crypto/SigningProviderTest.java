package dev.latchkey.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.Needs;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SigningProviderTest {

    @ParameterizedTest
    @ValueSource(strings = {"SHA256withECDSA", "Ed25519", "SHA256withRSA", "RSASSA-PSS"})
    void signaturesComeFromCorrettoWhereItHasNativeCode(String algorithm) {
        Needs.ifPossible(
                System.getProperty("os.name").equals("Linux")
                        && System.getProperty("os.arch").equals("amd64"),
                "Linux on amd64");
        assertThat(SigningProvider.forSignature(algorithm).getName()).isEqualTo("AmazonCorrettoCryptoProvider");
    }

    @Test
    void whatCorrettoDoesNotComputeComesFromTheJdk() {
        assertThat(SigningProvider.forSignature("Ed448").getName()).isEqualTo("SunEC");
    }

    @ParameterizedTest
    @CsvSource({"EC, SHA256withECDSA", "RSA, SHA256withRSA", "RSA, RSASSA-PSS"})
    void aKeyIsReadOnceAndIsThenTheProvidersOwn(String kind, String algorithm) throws Exception {
        KeyPair keys = KeyPairGenerator.getInstance(kind).generateKeyPair();
        for (Provider provider :
                List.of(SigningProvider.forSignature(algorithm), Security.getProviders("Signature." + algorithm)[0])) {
            PrivateKey own = SigningProvider.ownKey(provider, keys.getPrivate(), PrivateKey.class);
            assertThat(own.getEncoded()).isEqualTo(keys.getPrivate().getEncoded());
            assertThat(SigningProvider.ownKey(provider, own, PrivateKey.class)).isSameAs(own);
            PublicKey ownPublic = SigningProvider.ownKey(provider, keys.getPublic(), PublicKey.class);
            assertThat(ownPublic.getEncoded()).isEqualTo(keys.getPublic().getEncoded());
            assertThat(SigningProvider.ownKey(provider, ownPublic, PublicKey.class))
                    .isSameAs(ownPublic);
        }
    }

    @Test
    void itsSignaturesAreValidForTheJdkAndItIsNotInstalled() throws Exception {
        Provider provider = SigningProvider.forSignature("SHA256withECDSA");
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair keys = generator.generateKeyPair();
        byte[] message = "message".getBytes(StandardCharsets.UTF_8);

        Signature signing = Signature.getInstance("SHA256withECDSAinP1363Format", provider);
        signing.initSign(keys.getPrivate());
        signing.update(message);
        byte[] signature = signing.sign();
        assertThat(signature).hasSize(64);

        Signature verifying = Signature.getInstance("SHA256withECDSAinP1363Format", "SunEC");
        verifying.initVerify(keys.getPublic());
        verifying.update(message);
        assertThat(verifying.verify(signature)).isTrue();
        assertThat(Security.getProvider("AmazonCorrettoCryptoProvider")).isNull();
    }
}
