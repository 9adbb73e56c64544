package dev.latchkey.http;

import dev.latchkey.problem.Problem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.MultiPart;
import org.eclipse.jetty.http.MultiPartFormData;
import org.eclipse.jetty.io.Content;

/** What a browser's form sent: its fields, and the files chosen in it (RFC 7578 for forms that take files). */
public record FormData(Parameters fields, Map<String, UploadedFile> files) {
    private static final int MOST_PARTS = 50;
    private static final int MOST_HEADER_BYTES = 4 * 1024;
    private static final int MOST_FIELD_BYTES = 64 * 1024;

    /** A file that was chosen in the form; {@code name} is only what the sender calls it. */
    public record UploadedFile(String name, byte[] content) {
        @Override
        public String toString() {
            return "UploadedFile[" + content.length + " bytes]";
        }
    }

    /** The file of a field; empty when none was chosen. */
    public Optional<UploadedFile> file(String field) {
        return Optional.ofNullable(files.get(field)).filter(file -> file.content().length > 0);
    }

    /**
     * Parses {@code multipart/form-data}.
     *
     * @throws Problem 400 when it is malformed or has too many parts
     */
    static FormData parse(String contentType, byte[] body) {
        Map<String, String> parameters = new HashMap<>();
        HttpField.getValueParameters(contentType, parameters);
        String boundary = parameters.get("boundary");
        if (boundary == null || boundary.isEmpty() || boundary.length() > 70) {
            throw malformed();
        }
        MultiPartFormData.Parser parser = new MultiPartFormData.Parser(boundary);
        parser.setMaxParts(MOST_PARTS);
        parser.setPartHeadersMaxLength(MOST_HEADER_BYTES);
        // The body is in memory already, and was bounded when it was read.
        parser.setMaxMemoryFileSize(-1);
        parser.setMaxFileSize(-1);
        parser.setMaxLength(-1);
        try (MultiPartFormData.Parts parts =
                parser.parse(Content.Source.from(ByteBuffer.wrap(body))).join()) {
            Map<String, List<String>> fields = new LinkedHashMap<>();
            Map<String, UploadedFile> files = new HashMap<>();
            for (MultiPart.Part part : parts) {
                if (part.getName() == null) {
                    throw malformed();
                }
                if (part.getFileName() != null) {
                    files.put(part.getName(), new UploadedFile(part.getFileName(), content(part)));
                } else if (part.getLength() > MOST_FIELD_BYTES) {
                    throw malformed();
                } else {
                    fields.computeIfAbsent(part.getName(), unused -> new ArrayList<>(1))
                            .add(part.getContentAsString(StandardCharsets.UTF_8));
                }
            }
            return new FormData(Parameters.of(fields), Map.copyOf(files));
        } catch (CompletionException e) {
            throw malformed();
        }
    }

    private static byte[] content(MultiPart.Part part) {
        try {
            ByteBuffer content = Content.Source.asByteBuffer(part.createContentSource());
            byte[] bytes = new byte[content.remaining()];
            content.get(bytes);
            return bytes;
        } catch (IOException e) {
            throw malformed();
        }
    }

    private static Problem malformed() {
        return Problem.badRequest("The form is malformed, or has too many parts.");
    }
}
