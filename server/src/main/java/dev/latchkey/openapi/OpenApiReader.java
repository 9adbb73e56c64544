package dev.latchkey.openapi;

import dev.latchkey.http.Problem;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Interim. */
public final class OpenApiReader {
    public static final int MAX_UPLOAD_BYTES = 32 * 1024 * 1024;

    public OpenApiReader(RemoteDocuments remote) {}

    public Description read(byte[] upload, String fileName) {
        JsonNode root = new YAMLMapper().readTree(upload);
        List<DescribedOperation> operations = new ArrayList<>();
        root.path("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(op -> {
                    if (op.getKey().matches("get|put|post|delete|patch|head|options")) {
                        List<String> tags = new ArrayList<>();
                        op.getValue().path("tags").forEach(tag -> tags.add(tag.asString()));
                        operations.add(new DescribedOperation(
                                op.getKey().toUpperCase(Locale.ROOT),
                                path.getKey(),
                                "",
                                tags,
                                op.getValue().path("summary").asString(""),
                                new Security.Unstated()));
                    }
                }));
        return new Description(root.path("info").path("title").asString(""), "1", List.of(), operations, List.of());
    }

    public Description read(byte[] upload, String fileName, String mainDocument) {
        return read(upload, fileName);
    }

    public Description readFrom(URI address) {
        throw Problem.invalid("address", "interim");
    }
}
