package dev.latchkey.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.Needs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Documents of large public APIs. They are not part of this project: LATCHKEY_TEST_OPENAPI names their folder, or they
 * are in {@code shared/openapi} next to the checkout. Without them these tests say so and are skipped.
 */
class RealDocumentsTest {
    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete", "options", "head", "patch");

    private final OpenApiReader reader = new OpenApiReader(OpenApiReader.remote(() -> Set.of()));

    private static Path document(String name) {
        String given = System.getenv("LATCHKEY_TEST_OPENAPI");
        if (given != null) {
            assertThat(Path.of(given, name)).exists();
            return Path.of(given, name);
        }
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            Path found = folder.resolve("shared/openapi").resolve(name);
            if (Files.exists(found)) {
                return found;
            }
        }
        Needs.ifPossible(false, "the OpenAPI documents, whose folder LATCHKEY_TEST_OPENAPI can name");
        throw new AssertionError();
    }

    private static long operationsIn(JsonNode root) {
        return root.get("paths").properties().stream()
                .flatMap(path -> path.getValue().properties().stream())
                .filter(entry -> METHODS.contains(entry.getKey()))
                .count();
    }

    @Test
    void twiliosDocumentInOneFile() throws IOException {
        byte[] content = Files.readAllBytes(document("twilio_api_v2010.json"));
        Description description = reader.read(content, "twilio.json");
        assertThat(description.operations())
                .hasSize((int) operationsIn(new YAMLMapper().readTree(content)))
                .hasSizeGreaterThan(150)
                .allSatisfy(operation -> assertThat(operation.security()).isEqualTo(new Security.Unstated()));
        assertThat(description.servers()).containsExactly("https://api.twilio.com");
    }

    @Test
    void digitalOceansDocumentOverThousandsOfFiles() throws IOException {
        Path folder = document("digitalocean/specification");
        Description description = reader.read(zipped(folder), "digitalocean.zip");
        JsonNode root = new YAMLMapper().readTree(Files.readAllBytes(folder.resolve("DigitalOcean-public.v2.yaml")));
        assertThat(description.operations()).hasSize((int) operationsIn(root)).hasSizeGreaterThan(500);
        assertThat(description.operations())
                .filteredOn(operation -> operation.path().equals("/v2/droplets/{droplet_id}")
                        && operation.method().equals("DELETE"))
                .singleElement()
                .satisfies(operation -> assertThat(operation.security())
                        .isEqualTo(new Security.Scopes(List.of(List.of("droplet:delete")))));
    }

    private static byte[] zipped(Path folder) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes);
                Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                zip.putNextEntry(
                        new ZipEntry("specification/" + folder.relativize(file).toString()));
                Files.copy(file, zip);
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }
}
