package dev.latchkey.crypto;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.security.Provider;
import java.security.Security;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses who computes signatures: Amazon Corretto Crypto Provider where it has native code for the platform (ES256 about
 * nine times faster than the JDK's), the JDK elsewhere. It is handed to the signer, never installed for the whole process.
 */
public final class SigningProvider {
    private static final Logger log = LoggerFactory.getLogger(SigningProvider.class);

    private SigningProvider() {}

    public static Provider choose() {
        try {
            AmazonCorrettoCryptoProvider corretto = AmazonCorrettoCryptoProvider.INSTANCE;
            if (corretto.getLoadingError() == null) {
                log.debug("Signatures are computed by {}", corretto);
                return corretto;
            }
            log.info("Signatures are computed by the JDK: no native code for this platform");
        } catch (LinkageError | RuntimeException e) {
            log.info("Signatures are computed by the JDK: the native provider does not load ({})", e.toString());
        }
        Provider jdk = Security.getProvider("SunEC");
        if (jdk == null) {
            throw new IllegalStateException("the JDK has no elliptic curve provider");
        }
        return jdk;
    }
}
