package dev.latchkey.openapi;

import dev.latchkey.http.RemoteFiles;
import dev.latchkey.problem.Text;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** Where a document and the files that it refers to come from. Files are named by their path, or by their address. */
sealed interface Source {

    /**
     * The content of a file.
     *
     * @throws UnusableDocumentException when there is none, or it may not be read
     */
    byte[] content(String file, String referredFrom);

    /** One uploaded file, which can refer to itself only. */
    record OneFile(String name, byte[] bytes) implements Source {
        @Override
        public byte[] content(String file, String referredFrom) {
            if (file.equals(name)) {
                return bytes;
            }
            throw new UnusableDocumentException(
                    referredFrom,
                    "it refers to another file, " + Text.quote(file) + ". Upload the document's folder as a zip");
        }
    }

    /** The files of an uploaded zip. */
    record Folder(Map<String, byte[]> files) implements Source {
        private static final int MAX_ENTRIES = 20_000;
        private static final int MAX_INFLATED_BYTES = 128 * 1024 * 1024;

        static boolean isZip(byte[] upload) {
            return upload.length > 4 && upload[0] == 'P' && upload[1] == 'K' && upload[2] == 3 && upload[3] == 4;
        }

        /** Unpacks in memory, without trusting the sizes that the zip states. */
        static Folder unzip(String name, byte[] upload) {
            Map<String, byte[]> files = new HashMap<>();
            long inflated = 0;
            int entries = 0;
            byte[] buffer = new byte[16 * 1024];
            try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(upload))) {
                for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                    if (++entries > MAX_ENTRIES) {
                        throw new UnusableDocumentException(name, "the zip has more than " + MAX_ENTRIES + " entries");
                    }
                    String path = Paths.inZip(name, entry.getName());
                    ByteArrayOutputStream content = new ByteArrayOutputStream();
                    boolean kept = !entry.isDirectory() && Paths.mayBeDocument(path);
                    for (int read = zip.read(buffer); read >= 0; read = zip.read(buffer)) {
                        inflated += read;
                        if (inflated > MAX_INFLATED_BYTES) {
                            throw new UnusableDocumentException(
                                    name, "the zip holds more than " + MAX_INFLATED_BYTES / 1024 / 1024 + " MiB");
                        }
                        if (kept) {
                            content.write(buffer, 0, read);
                        }
                    }
                    if (kept && files.put(path, content.toByteArray()) != null) {
                        throw new UnusableDocumentException(
                                name, "the zip holds " + Text.quote(path) + " more than once");
                    }
                }
            } catch (IOException | IllegalArgumentException e) {
                throw new UnusableDocumentException(name, "the zip is broken");
            }
            if (entries != declaredEntries(upload)) {
                throw new UnusableDocumentException(name, "the zip is broken: some of it is missing");
            }
            if (files.isEmpty()) {
                throw new UnusableDocumentException(name, "the zip holds no YAML or JSON file");
            }
            return new Folder(files);
        }

        /** How many entries the record at the zip's end states; a zip that was cut off has no such record. */
        private static int declaredEntries(byte[] upload) {
            for (int i = upload.length - 22; i >= Math.max(0, upload.length - 22 - 0xFFFF); i--) {
                if (upload[i] == 'P' && upload[i + 1] == 'K' && upload[i + 2] == 5 && upload[i + 3] == 6) {
                    return (upload[i + 10] & 0xFF) | (upload[i + 11] & 0xFF) << 8;
                }
            }
            return -1;
        }

        @Override
        public byte[] content(String file, String referredFrom) {
            byte[] content = files.get(file);
            if (content == null) {
                throw new UnusableDocumentException(
                        referredFrom, "it refers to " + Text.quote(file) + ", which is not in the upload");
            }
            return content;
        }
    }

    /** Documents at allowed hosts. */
    record Remote(RemoteFiles files) implements Source {
        @Override
        public byte[] content(String file, String referredFrom) {
            try {
                return files.fetch(URI.create(file));
            } catch (RemoteFiles.NotAllowedException e) {
                throw new UnusableDocumentException(referredFrom, String.valueOf(e.getMessage()));
            } catch (RemoteFiles.UnavailableException e) {
                // It may be available again in a moment: what it contains must not appear to be gone.
                throw UnusableDocumentException.ofWhole(referredFrom, String.valueOf(e.getMessage()));
            }
        }
    }
}
