package dev.latchkey.crypto;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;

/**
 * The one key that an installation keeps apart from its database: 256 bits. Every other key is derived from it for one
 * purpose (HKDF-SHA-256, RFC 5869), so a copy of the database alone checks no secret and signs nothing.
 */
public final class MasterKey {
    private static final int BYTES = 32;

    private final SecretKey keyMaterial;

    private MasterKey(SecretKey keyMaterial) {
        this.keyMaterial = keyMaterial;
    }

    /**
     * Reads the key file; makes it, readable by its owner only, when there is none.
     *
     * @throws UnusableKeyException when it cannot be read or made, or holds no key
     */
    public static MasterKey loadOrCreate(Path file) {
        try {
            return parse(Files.readString(file).strip(), "the file " + file);
        } catch (NoSuchFileException e) {
            return create(file);
        } catch (IOException e) {
            throw new UnusableKeyException(
                    "The master key file " + file + " cannot be read. Check its permissions.", e);
        }
    }

    private static MasterKey create(Path file) {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        String text = Base64.getEncoder().encodeToString(bytes);
        try {
            try (var channel = Files.newByteChannel(
                    file,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SYNC),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                channel.write(java.nio.ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.US_ASCII)));
            }
        } catch (FileAlreadyExistsException e) {
            return loadOrCreate(file);
        } catch (IOException e) {
            throw new UnusableKeyException(
                    "The master key file " + file + " cannot be written. Check that its folder exists and can be"
                            + " written.",
                    e);
        }
        return parse(text, "the file " + file);
    }

    /**
     * Reads a key given as text.
     *
     * @param base64 256 bits in base64
     * @param source where the text came from, for the error
     * @throws UnusableKeyException when it is anything else
     */
    public static MasterKey parse(String base64, String source) {
        try {
            byte[] bytes = Base64.getDecoder().decode(base64);
            if (bytes.length == BYTES) {
                return new MasterKey(new javax.crypto.spec.SecretKeySpec(bytes, "HKDF"));
            }
        } catch (IllegalArgumentException e) {
            // answered below, like a key of another length
        }
        throw new UnusableKeyException(
                "The master key in " + source + " is not 32 bytes of base64. Make one with: openssl rand -base64 32",
                null);
    }

    /** The key for one purpose; the same purpose always gives the same key. */
    SecretKey derive(String purpose, String algorithm) {
        try {
            KDF hkdf = KDF.getInstance("HKDF-SHA256");
            return hkdf.deriveKey(
                    algorithm,
                    HKDFParameterSpec.ofExtract()
                            .addIKM(keyMaterial)
                            .thenExpand(("latchkey " + purpose).getBytes(StandardCharsets.UTF_8), BYTES));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HKDF-SHA256 is part of every JDK from 25", e);
        }
    }

    @Override
    public String toString() {
        return "MasterKey";
    }
}
