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
 * Chooses who computes signatures: Amazon Corretto Crypto Provider where it has native code for the platform (ES256
 * about nine times faster than the JDK's, Ed25519 fifteen times, RSA twice), the JDK elsewhere. It is passed to the
 * signer, never installed for the whole process.
 */
public final class SigningProvider {
    private static final Logger log = LoggerFactory.getLogger(SigningProvider.class);

    private SigningProvider() {}

    /** Loads and tests the native code, so that the first signature does not wait for it. */
    public static void preload() {
        random();
    }

    /** Whether the native provider can be used here; determined and logged once. */
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
     * Random bytes for what is created at every request. The native source takes a seed from the kernel and waits for
     * no other thread; the JDK's has one lock for the whole process.
     */
    public static SecureRandom random() {
        if (Corretto.LOADED) {
            try {
                return SecureRandom.getInstance("LibCryptoRng", AmazonCorrettoCryptoProvider.INSTANCE);
            } catch (NoSuchAlgorithmException e) {
                // A version with another name for it: the JDK's is as good, but slower.
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
     * The key in the provider's own form. It would convert any other for each signature, which takes the native
     * provider as long as the signature itself.
     *
     * @param kind what the key is, such as {@link java.security.interfaces.ECPublicKey}
     */
    public static <K extends Key> K ownKey(Provider provider, Key key, Class<K> kind) throws InvalidKeyException {
        try {
            return kind.cast(
                    KeyFactory.getInstance(key.getAlgorithm(), provider).translateKey(key));
        } catch (NoSuchAlgorithmException e) {
            throw new InvalidKeyException(provider.getName() + " does not support keys for " + key.getAlgorithm(), e);
        }
    }
}
