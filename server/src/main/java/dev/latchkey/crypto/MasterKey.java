package dev.latchkey.crypto;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one key that an installation keeps apart from its database: 256 bits. Every other key is derived from it for one
 * purpose (HKDF-SHA-256, RFC 5869), so a copy of the database alone checks no secret and signs nothing.
 */
public final class MasterKey {
    private static final Logger log = LoggerFactory.getLogger(MasterKey.class);
    private static final int BYTES = 32;
    private static final int MAX_FILE_BYTES = 1_000;

    private final SecretKey keyMaterial;

    private MasterKey(SecretKey keyMaterial) {
        this.keyMaterial = keyMaterial;
    }

    /**
     * Reads the key file.
     *
     * @throws UnusableKeyException when it cannot be read or holds no key
     */
    public static MasterKey load(Path file) {
        byte[] content;
        try (InputStream in = Files.newInputStream(file)) {
            content = in.readNBytes(MAX_FILE_BYTES);
        } catch (NoSuchFileException e) {
            throw new UnusableKeyException(
                    "There is no master key file " + file
                            + ". Put the master key that this database was made with there.",
                    e);
        } catch (IOException e) {
            throw new UnusableKeyException(
                    "The master key file " + file + " cannot be read. Check its permissions.", e);
        }
        warnWhenOthersCanRead(file);
        return parse(new String(content, StandardCharsets.ISO_8859_1), "the file " + file);
    }

    /**
     * Reads the key file; makes it, readable by its owner only, when there is none.
     *
     * @throws UnusableKeyException when it cannot be read or made, or holds no key
     */
    public static MasterKey loadOrCreate(Path file) {
        if (Files.notExists(file)) {
            create(file);
        }
        return load(file);
    }

    /** Puts a whole file in place at once, or none: a key that was half written, or replaced, would be lost for good. */
    private static void create(Path file) {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        Path folder = file.toAbsolutePath().getParent();
        try {
            Path draft = Files.createTempFile(folder, "master", ".key");
            try {
                Files.write(
                        draft,
                        (Base64.getEncoder().encodeToString(bytes) + "\n").getBytes(StandardCharsets.US_ASCII),
                        StandardOpenOption.WRITE,
                        StandardOpenOption.SYNC);
                putInPlace(draft, file);
            } finally {
                Files.deleteIfExists(draft);
            }
            try (FileChannel entry = FileChannel.open(folder, StandardOpenOption.READ)) {
                entry.force(true);
            } catch (IOException e) {
                log.debug("The folder {} cannot be forced to the disk", folder, e);
            }
        } catch (FileAlreadyExistsException e) {
            log.debug("The master key file was made at the same moment by somebody else");
        } catch (IOException e) {
            throw new UnusableKeyException(
                    "The master key file " + file + " cannot be written. Check that its folder exists and can be"
                            + " written.",
                    e);
        }
    }

    private static void putInPlace(Path draft, Path file) throws IOException {
        try {
            // A link, unlike a move, never replaces what another process has just made.
            Files.createLink(file, draft);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (UnsupportedOperationException | IOException e) {
            Files.move(draft, file);
        }
    }

    private static void warnWhenOthersCanRead(Path file) {
        try {
            if (Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
                log.warn("The master key file {} can be read by every user of this machine: chmod 600 it", file);
            }
        } catch (UnsupportedOperationException | IOException e) {
            log.debug("The permissions of {} are not known", file, e);
        }
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
            byte[] bytes = Base64.getDecoder().decode(base64.strip());
            if (bytes.length == BYTES) {
                return new MasterKey(new SecretKeySpec(bytes, "HKDF"));
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
