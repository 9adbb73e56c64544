package dev.latchkey.backup;

import dev.latchkey.crypto.Sha256;
import dev.latchkey.database.OwnersOnly;
import dev.latchkey.problem.Json;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A backup: a zip file with the copy of the database, the witness, and a manifest with their checksums. It contains
 * everything but the master key.
 */
final class BackupFile {
    private static final String MANIFEST = "manifest.json";
    private static final int LONGEST_MANIFEST = 1 << 20;

    private BackupFile() {}

    /**
     * Writes the whole file or none: the file gets its name only once it is on the disk.
     *
     * @param description creates the manifest once the checksums of all other files are known
     */
    static Manifest write(Path file, Map<String, Path> contents, Function<List<Manifest.Entry>, Manifest> description)
            throws IOException {
        Path draft = file.resolveSibling(file.getFileName() + ".partial");
        Files.deleteIfExists(draft);
        try {
            Manifest manifest;
            try (FileChannel channel = FileChannel.open(
                            draft,
                            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                            OwnersOnly.file(draft));
                    OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
                    ZipOutputStream zip = new ZipOutputStream(out, StandardCharsets.UTF_8)) {
                zip.setLevel(Deflater.BEST_SPEED);
                List<Manifest.Entry> entries = new ArrayList<>();
                for (Map.Entry<String, Path> content : new TreeMap<>(contents).entrySet()) {
                    entries.add(add(zip, content.getKey(), content.getValue()));
                }
                manifest = description.apply(entries);
                zip.putNextEntry(new ZipEntry(MANIFEST));
                zip.write(Json.write(manifest));
                zip.closeEntry();
                zip.finish();
                out.flush();
                channel.force(true);
            }
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
            return manifest;
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    private static Manifest.Entry add(ZipOutputStream zip, String name, Path content) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        try (DigestInputStream in = new DigestInputStream(Files.newInputStream(content), Sha256.begin())) {
            byte[] buffer = new byte[1 << 16];
            long bytes = 0;
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                zip.write(buffer, 0, read);
                bytes += read;
            }
            zip.closeEntry();
            return new Manifest.Entry(
                    name, bytes, HexFormat.of().formatHex(in.getMessageDigest().digest()));
        }
    }

    /**
     * The manifest of the file.
     *
     * @throws UnusableBackupException when it is not a backup, or one that this version does not support
     */
    private static Manifest manifest(Path file, ZipFile zip) throws IOException {
        ZipEntry entry = zip.getEntry(MANIFEST);
        if (entry == null) {
            throw new UnusableBackupException(file + " is not a Latchkey backup: it has no " + MANIFEST + ".", null);
        }
        Manifest manifest;
        try (InputStream in = zip.getInputStream(entry)) {
            manifest =
                    Json.readText(new String(in.readNBytes(LONGEST_MANIFEST), StandardCharsets.UTF_8), Manifest.class);
        } catch (RuntimeException | ZipException | EOFException e) {
            throw damaged(file, MANIFEST + " cannot be read", e);
        }
        if (manifest.format() != Manifest.FORMAT) {
            throw new UnusableBackupException(
                    file + " was made by a newer Latchkey (" + manifest.latchkey() + "). Use that version.", null);
        }
        return manifest;
    }

    /**
     * Reads the whole file and compares the checksums.
     *
     * @throws UnusableBackupException when something is missing, unexpected or altered; the message names it
     */
    static Manifest check(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new UnusableBackupException("There is no file " + file + ".", null);
        }
        try (ZipFile zip = new ZipFile(file.toFile())) {
            Manifest manifest = manifest(file, zip);
            Set<String> names = new TreeSet<>();
            zip.stream().map(ZipEntry::getName).forEach(names::add);
            names.remove(MANIFEST);
            for (Manifest.Entry entry : manifest.entries()) {
                names.remove(entry.name());
                copy(file, zip, entry, OutputStream.nullOutputStream());
            }
            if (!names.isEmpty()) {
                throw damaged(file, names.iterator().next() + " does not belong there", null);
            }
            return manifest;
        } catch (IOException e) {
            throw damaged(file, "it is not a whole zip file (" + e.getMessage() + ")", e);
        }
    }

    /** Extracts one file and compares its checksum. */
    static void extract(Path file, Manifest.Entry entry, Path target) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile());
                OutputStream out = Files.newOutputStream(
                        target,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            copy(file, zip, entry, out);
        }
    }

    private static void copy(Path file, ZipFile zip, Manifest.Entry entry, OutputStream target) throws IOException {
        ZipEntry found = zip.getEntry(entry.name());
        if (found == null) {
            throw damaged(file, entry.name() + " is missing", null);
        }
        DigestOutputStream out = new DigestOutputStream(target, Sha256.begin());
        try (InputStream in = zip.getInputStream(found)) {
            in.transferTo(out);
        } catch (ZipException | EOFException e) {
            throw damaged(file, entry.name() + " cannot be unpacked", e);
        }
        if (!HexFormat.of().formatHex(out.getMessageDigest().digest()).equals(entry.sha256())) {
            throw damaged(file, entry.name() + " was altered (its checksum differs)", null);
        }
    }

    private static UnusableBackupException damaged(Path file, String place, @Nullable Exception cause) {
        return new UnusableBackupException("The backup " + file + " is damaged: " + place + ".", cause);
    }
}
