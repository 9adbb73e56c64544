package dev.latchkey.crypto;

import dev.latchkey.database.DataFolder;
import dev.latchkey.database.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one key that an installation keeps apart from its database: 256 bits. Every other key is derived for one purpose
 * (HKDF-SHA-256, RFC 5869), so a copy of the database alone cannot check a secret or sign anything.
 *
 * <p>Keys that seal are derived from the master key itself. Keys that hash are derived from the hash root, which the
 * database holds sealed under the master key: when the master key is replaced, sealed values can be sealed again, but
 * hashes cannot be made again. {@link KeyCheck} combines the two.
 */
public final class MasterKey {
    private static final Logger log = LoggerFactory.getLogger(MasterKey.class);
    private static final int BYTES = 32;
    private static final int MAX_FILE_BYTES = 1_000;
    static final String USE_ITS_OWN = "Put the master key of this database there; no other key can open it.";
    private static final String MAKE_ONE = "Create one with: openssl rand -base64 32";
    private static final Set<PosixFilePermission> OTHERS =
            Set.of(PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE);
    private static final Set<PosixFilePermission> GROUP =
            Set.of(PosixFilePermission.GROUP_READ, PosixFilePermission.GROUP_WRITE);

    private final SecretKey keyMaterial;
    private final SecretKey hashRoot;

    private MasterKey(SecretKey keyMaterial, SecretKey hashRoot) {
        this.keyMaterial = keyMaterial;
        this.hashRoot = hashRoot;
    }

    /** The file of the next master key until it replaces this one. */
    public static Path next(Path file) {
        return file.resolveSibling(file.getFileName() + ".new");
    }

    /**
     * Reads the key file of an existing installation.
     *
     * @throws UnusableKeyException when it cannot be read or contains no key; the message never advises creating
     *     another one, which could open nothing
     */
    public static MasterKey load(Path file) {
        return load(file, USE_ITS_OWN);
    }

    private static MasterKey load(Path file, String advice) {
        byte[] content;
        try (InputStream in = Files.newInputStream(file)) {
            content = in.readNBytes(MAX_FILE_BYTES);
        } catch (NoSuchFileException e) {
            throw new UnusableKeyException("There is no master key file " + file + ". " + advice, e);
        } catch (IOException e) {
            throw new UnusableKeyException(
                    "The master key file " + file + " cannot be read (" + Reason.ofFile(e)
                            + "). Check its permissions.",
                    e);
        }
        warnWhenOthersCanRead(file);
        return parse(new String(content, StandardCharsets.ISO_8859_1), "the file " + file, advice);
    }

    /**
     * Reads the key file; creates it, readable by its owner only, if it is missing.
     *
     * @throws UnusableKeyException when it cannot be read or created, or contains no key
     */
    public static MasterKey loadOrCreate(Path file) {
        if (Files.notExists(file)) {
            create(file);
        }
        return load(file, MAKE_ONE);
    }

    /**
     * Puts the whole file in place at once, or none: a key that was half written, or overwritten, would be lost for
     * good.
     */
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
            DataFolder.force(file.toAbsolutePath().getParent());
        } catch (FileAlreadyExistsException e) {
            log.debug("Another process created the master key file at the same moment");
        } catch (IOException e) {
            throw new UnusableKeyException(
                    "The master key file " + file + " cannot be written (" + Reason.ofFile(e)
                            + "). Check that its folder exists and is writable, and that the disk is not full.",
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
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            if (permissions.stream().anyMatch(OTHERS::contains)) {
                log.warn(
                        "The master key file {} can be read or written by every user of this machine: chmod 600 it",
                        file);
            } else if (permissions.stream().anyMatch(GROUP::contains)) {
                log.warn(
                        "The master key file {} can be read or written by the group {}: chmod 600 it, unless this"
                                + " is intended",
                        file,
                        Files.readAttributes(file, PosixFileAttributes.class)
                                .group()
                                .getName());
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
        return parse(base64, source, MAKE_ONE);
    }

    /** @param advice what to do when it is not a key */
    static MasterKey parse(String base64, String source, String advice) {
        try {
            byte[] bytes = Base64.getDecoder().decode(base64.strip());
            if (bytes.length == BYTES) {
                return withRoots(bytes, bytes);
            }
        } catch (IllegalArgumentException e) {
            // answered below, like a key of another length
        }
        throw new UnusableKeyException("The master key in " + source + " is not 32 bytes of base64. " + advice, null);
    }

    private static MasterKey withRoots(byte[] keyMaterial, byte[] hashRoot) {
        return new MasterKey(new SecretKeySpec(keyMaterial, "HKDF"), new SecretKeySpec(hashRoot, "HKDF"));
    }

    /** The same master key with this hash root. */
    MasterKey withHashRoot(String base64) {
        return withRoots(keyMaterial.getEncoded(), Base64.getDecoder().decode(base64));
    }

    /** What the keys of hashes are derived from; the master key itself unless {@link #withHashRoot} set another. */
    String hashRoot() {
        return Base64.getEncoder().encodeToString(hashRoot.getEncoded());
    }

    static String randomHashRoot() {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** Whether it is the same key, whatever the hash roots; in constant time. */
    public boolean isSame(MasterKey other) {
        return MessageDigest.isEqual(keyMaterial.getEncoded(), other.keyMaterial.getEncoded());
    }

    /** The key that seals for one purpose; the same purpose always gives the same key. */
    SecretKey sealing(String purpose) {
        return derive(keyMaterial, "vault: " + purpose, "AES");
    }

    /** The key that hashes for one purpose; the same purpose always gives the same key. */
    SecretKey hashing(String purpose) {
        return derive(hashRoot, "hash: " + purpose, "HmacSHA256");
    }

    private static SecretKey derive(SecretKey root, String purpose, String algorithm) {
        try {
            KDF hkdf = KDF.getInstance("HKDF-SHA256");
            return hkdf.deriveKey(
                    algorithm,
                    HKDFParameterSpec.ofExtract()
                            .addIKM(root)
                            .thenExpand(("latchkey " + purpose).getBytes(StandardCharsets.UTF_8), BYTES));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HKDF-SHA256 is part of every JDK from 25", e);
        }
    }

    /**
     * Replaces the file with the next key's file, atomically, and keeps the old one.
     *
     * @return where the old key is kept
     * @throws UnusableKeyException when the files cannot be moved; then both keys are still there
     */
    public static Path replace(Path file, Path kept) {
        try {
            try {
                Files.createLink(kept, file);
            } catch (FileAlreadyExistsException e) {
                log.debug("An earlier attempt has already kept the old master key");
            } catch (UnsupportedOperationException | IOException e) {
                Files.copy(file, kept, StandardCopyOption.COPY_ATTRIBUTES);
            }
            DataFolder.force(file.toAbsolutePath().getParent());
            Files.move(next(file), file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            DataFolder.force(file.toAbsolutePath().getParent());
            return kept;
        } catch (IOException e) {
            throw new UnusableKeyException(
                    "The new master key " + next(file) + " cannot replace " + file + ". The database already needs"
                            + " the new key. Move the file by hand.",
                    e);
        }
    }

    @Override
    public String toString() {
        return "MasterKey";
    }
}
