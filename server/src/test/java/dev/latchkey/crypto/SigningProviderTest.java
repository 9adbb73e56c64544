package dev.latchkey.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.Security;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import org.junit.jupiter.api.Test;

class SigningProviderTest {

    @Test
    void es256ComesFromCorrettoWhereItHasNativeCode() {
        assumeTrue(System.getProperty("os.name").equals("Linux")
                && System.getProperty("os.arch").equals("amd64"));
        assertThat(SigningProvider.forSignature("SHA256withECDSAinP1363Format").getName())
                .isEqualTo("AmazonCorrettoCryptoProvider");
    }

    @Test
    void itsSignaturesAreValidForTheJdkAndItIsNotInstalled() throws Exception {
        Provider provider = SigningProvider.forSignature("SHA256withECDSAinP1363Format");
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
