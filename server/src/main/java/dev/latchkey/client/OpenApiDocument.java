package dev.latchkey.client;

import dev.latchkey.database.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** An OpenAPI document on this machine, as it is sent to Latchkey. */
public final class OpenApiDocument {
    private OpenApiDocument() {}

    /**
     * The file as it is, or the documents of a folder as a zip.
     *
     * @throws FailedCallException when it cannot be read
     */
    public static byte[] bytes(Path document) {
        try {
            if (!Files.isDirectory(document)) {
                return Files.readAllBytes(document);
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ZipOutputStream zip = new ZipOutputStream(bytes);
                    Stream<Path> files = Files.walk(document)) {
                for (Path file : files.filter(Files::isRegularFile)
                        .filter(file -> file.toString().matches(".*\\.(ya?ml|json)"))
                        .sorted()
                        .toList()) {
                    zip.putNextEntry(
                            new ZipEntry(document.relativize(file).toString().replace('\\', '/')));
                    Files.copy(file, zip);
                    zip.closeEntry();
                }
            }
            return bytes.toByteArray();
        } catch (IOException e) {
            throw FailedCallException.impossible(
                    "The document " + document + " cannot be read (" + Reason.ofFile(e) + ").");
        }
    }
}
