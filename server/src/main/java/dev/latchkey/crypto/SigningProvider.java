package dev.latchkey.crypto;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses who computes signatures: Amazon Corretto Crypto Provider where it has native code for the platform (ES256 about
 * nine times faster than the JDK's, Ed25519 fifteen times, RSA twice), the JDK elsewhere. It is handed to the signer, never
 * installed for the whole process.
 */
public final class SigningProvider {
    private static final Logger log = LoggerFactory.getLogger(SigningProvider.class);

    private SigningProvider() {}

    /** Loads and tests the native code, for which the first signature would wait otherwise. */
    public static void preload() {
        random();
    }

    /** Whether the native provider can be used here; found out once, and said once. */
    private static final class Corretto {
        static final boolean LOADED = load();

        private static boolean load() {
            try {
                AmazonCorrettoCryptoProvider corretto = AmazonCorrettoCryptoProvider.INSTANCE;
                Throwable error = corretto.getLoadingError();
                if (error == null) {
                    log.debug("Signatures are computed by {}", corretto);
                    return true;
                }
                log.info(
                        "Signatures are computed by the JDK: no native code for this platform, or none that loads ({})",
                        error.toString());
            } catch (LinkageError | RuntimeException e) {
                log.info("Signatures are computed by the JDK: the native provider does not load ({})", e.toString());
            }
            return false;
        }
    }

    /**
     * Random bytes for what is made at every request. The native source asks the kernel for a seed and no other thread for
     * leave; the JDK's has one lock for the whole process.
     */
    public static SecureRandom random() {
        if (Corretto.LOADED) {
            try {
                return SecureRandom.getInstance("LibCryptoRng", AmazonCorrettoCryptoProvider.INSTANCE);
            } catch (NoSuchAlgorithmException e) {
                // A version that names it otherwise: the JDK's is as good, and slower.
            }
        }
        return new SecureRandom();
    }

    /** @param algorithm as {@link java.security.Signature} names it, such as {@code SHA256withECDSA} */
    public static Provider forSignature(String algorithm) {
        if (Corretto.LOADED && AmazonCorrettoCryptoProvider.INSTANCE.getService("Signature", algorithm) != null) {
            return AmazonCorrettoCryptoProvider.INSTANCE;
        }
        Provider[] jdk = Security.getProviders("Signature." + algorithm);
        if (jdk == null) {
            throw new IllegalStateException("the JDK has no provider for " + algorithm);
        }
        return jdk[0];
    }

    /**
     * The key as the provider has its own. Any other it reads anew for each signature, which takes the native one as long as
     * the signature itself.
     *
     * @param kind what the key is, such as {@link java.security.interfaces.ECPublicKey}
     */
    public static <K extends Key> K ownKey(Provider provider, Key key, Class<K> kind) throws InvalidKeyException {
        try {
            return kind.cast(
                    KeyFactory.getInstance(key.getAlgorithm(), provider).translateKey(key));
        } catch (NoSuchAlgorithmException e) {
            throw new InvalidKeyException(provider.getName() + " has no keys for " + key.getAlgorithm(), e);
        }
    }
}
