package dev.latchkey.crypto;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/**
 * Encrypts what must be read again, such as private keys: AES-256-GCM under a key derived from the master key. The
 * owner of a sealed text must seal it again when the master key is replaced ({@code latchkey master-key rotate}).
 */
public final class Vault {
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final SecretKey key;
    private final SecureRandom random = new SecureRandom();

    /** @param purpose a name that no other use shares, such as {@code "signing keys"} */
    public Vault(MasterKey masterKey, String purpose) {
        this.key = masterKey.sealing(purpose);
    }

    /**
     * Encrypts the text.
     *
     * @param label what it is; it is authenticated, so that one sealed text cannot take another's place
     */
    public String seal(String text, String label) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, nonce, label);
            byte[] sealed = cipher.doFinal(text.getBytes(StandardCharsets.UTF_8));
            byte[] all = Arrays.copyOf(nonce, NONCE_BYTES + sealed.length);
            System.arraycopy(sealed, 0, all, NONCE_BYTES, sealed.length);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(all);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is part of every JDK", e);
        }
    }

    /**
     * Decrypts what {@link #seal} made with the same label.
     *
     * @throws UnusableKeyException when the master key is not the one it was sealed under, or the sealed text was
     *     altered
     */
    public String open(String sealed, String label) {
        try {
            byte[] all = Base64.getUrlDecoder().decode(sealed);
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(all, NONCE_BYTES), label);
            return new String(cipher.doFinal(all, NONCE_BYTES, all.length - NONCE_BYTES), StandardCharsets.UTF_8);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new UnusableKeyException(
                    "The master key does not belong to this database. Start with the key that the database was"
                            + " created with.",
                    e);
        }
    }

    private Cipher cipher(int mode, byte[] nonce, String label) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(label.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }
}
