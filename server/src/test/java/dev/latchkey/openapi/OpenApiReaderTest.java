package dev.latchkey.openapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import com.sun.net.httpserver.HttpServer;
import dev.latchkey.http.RemoteFiles;
import dev.latchkey.problem.Problem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenApiReaderTest {
    private static final String HEAD = "openapi: 3.1.0\ninfo: {title: Billing, version: '2'}\n";

    private final OpenApiReader reader = new OpenApiReader(OpenApiReader.remote(() -> Set.of()));

    private Description read(String document) {
        return reader.read(document.getBytes(StandardCharsets.UTF_8), "api.yaml");
    }

    private Problem refusal(String document) {
        return catchThrowableOfType(Problem.class, () -> read(document));
    }

    private static byte[] zip(Map<String, String> files) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, String> file : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue().getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toByteArray();
    }

    @Test
    void everyOperationIsReadWithWhatAnEndpointNeeds() {
        Description description = read(HEAD + """
                servers: [{url: 'https://{region}.billing.example/v1', variables: {region: {default: eu}}}]
                paths:
                  x-internal: {get: {}}
                  /invoices/{id}:
                    parameters: [{name: id, in: path}]
                    get: {operationId: getInvoice, tags: [Invoices, Other], summary: "Get\\n  one"}
                    delete: {security: [{oauth: [a, b], key: []}, {oauth: [c]}]}
                    head: {security: []}
                    put: {security: [{}]}
                    trace: {}
                """);
        assertThat(description.title()).isEqualTo("Billing");
        assertThat(description.version()).isEqualTo("2");
        assertThat(description.servers()).containsExactly("https://eu.billing.example/v1");
        assertThat(description.operations())
                .containsExactly(
                        new DescribedOperation(
                                "GET",
                                "/invoices/{id}",
                                "getInvoice",
                                List.of("Invoices", "Other"),
                                "Get one",
                                new Security.Unstated(),
                                "api.yaml, line 8, column 10",
                                ""),
                        new DescribedOperation(
                                "DELETE",
                                "/invoices/{id}",
                                "",
                                List.of(),
                                "",
                                new Security.Scopes(List.of(List.of("a", "b"), List.of("c"))),
                                "api.yaml, line 9, column 13",
                                ""),
                        new DescribedOperation(
                                "HEAD",
                                "/invoices/{id}",
                                "",
                                List.of(),
                                "",
                                new Security.Open(),
                                "api.yaml, line 10, column 11",
                                ""),
                        new DescribedOperation(
                                "PUT",
                                "/invoices/{id}",
                                "",
                                List.of(),
                                "",
                                new Security.Open(),
                                "api.yaml, line 11, column 10",
                                ""));
        assertThat(description.leftOut()).singleElement().satisfies(trace -> {
            assertThat(trace.method()).isEqualTo("TRACE");
            assertThat(trace.where()).isEqualTo("api.yaml, line 12, column 12");
        });
    }

    @Test
    void whatTheDocumentSaysOfSecurityCountsForOperationsThatSayNothing() {
        Description description = read(HEAD + """
                security: [{oauth: [all]}]
                paths: {/a: {get: {}, put: {security: []}, post: {security: [{key: []}]}}}
                """);
        assertThat(description.operations())
                .extracting(DescribedOperation::security)
                .containsExactly(
                        new Security.Scopes(List.of(List.of("all"))), new Security.Open(), new Security.Unstated());
    }

    @Test
    void jsonIsReadLikeYaml() {
        assertThat(
                        read("{\"openapi\":\"3.0.3\",\"info\":{\"title\":\"\\u00e4 \\/ \\ud83d\\ude00\",\"version\":\"1\"},\n"
                                        + "\t\"paths\":{\"/a\":{\"get\":{}}}}")
                                .title())
                .isEqualTo("ä / 😀");
    }

    @Test
    void jsonThatYamlParsersRefuseIsReadAsWell() {
        String document = "{\"openapi\"\n:\"3.0.3\",\"x-" + "k".repeat(3_000) + "\": 1,\n\"x-y\":[\n\t1,\n\t2],"
                + "\"paths\":{\"/a\":{\"get\":{\"summary\":\"\u007f\"}}}}";
        assertThat(read(document).operations()).hasSize(1);
        assertThat(refusal("{\"openapi\": \"3.0.3\",\n \"a\": 1, \"a\": 2}").detail())
                .contains("api.yaml, line 2, column 10: the name \"a\" occurs twice");
    }

    @Test
    void mergedFieldsCountAsIfTheyWereWritten() {
        Description description = read(HEAD + """
                x-common: &common {tags: [merged], security: [{o: [strict]}]}
                x-more: &more {summary: More}
                security: []
                paths: {/a: {get: {<<: *common}, put: {<<: [*more, *common], tags: [own]}}}
                """);
        assertThat(description.operations())
                .extracting(DescribedOperation::security)
                .containsOnly(new Security.Scopes(List.of(List.of("strict"))));
        assertThat(description.operations().get(1).tags()).containsExactly("own");
        assertThat(description.operations().get(1).summary()).isEqualTo("More");
    }

    @Test
    void aZipThatWasCutOffIsRefused() {
        Map<String, String> files = new LinkedHashMap<>();
        files.put("api.yaml", HEAD + "paths: {/a: {get: {}}}");
        files.put("b.yml", "x: y");
        byte[] whole = zip(files);
        assertThat(reader.read(whole, "upload").operations()).hasSize(1);
        assertThatThrownBy(() -> reader.read(Arrays.copyOf(whole, whole.length - 30), "upload"))
                .hasMessageContaining("the zip is broken");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                                                  | api.yaml: it is empty
            'a: [1'                                             | api.yaml, line 1, column
            'a: b: c'                                           | line 1
            'a: 1\\na: 2'                                       | api.yaml, line 2, column 1: the name "a" occurs twice
            '[]'                                                | its top level is not an object
            'swagger: "2.0"'                                    | Convert it to OpenAPI 3
            'info: {}'                                          | it has no field openapi
            'openapi: 3.3.0'                                    | OpenAPI "3.3.0" is not supported
            'openapi: 3.1.0'                                    | it has no paths
            'openapi: 3.1.0\\npaths: {}'                        | line 2, column 8: it has no operation
            'openapi: 3.1.0\\npaths: {/a: 1}'                   | the path "/a" is not an object
            'openapi: 3.1.0\\npaths: {/a: {get: 1}}'            | GET "/a" is not an object
            'openapi: 3.1.0\\npaths: {/a: {$ref: "#/missing"}}' | line 2, column 20: the reference "#/missing" leads nowhere
            'openapi: 3.1.0\\npaths: {/a: {$ref: "b.yml"}}'     | folder as a zip
            'openapi: 3.1.0\\npaths: {/a: {$ref: "/etc/passwd"}}' | points outside the upload
            'openapi: 3.1.0\\npaths: {/a: {$ref: "file:///etc/passwd"}}' | Only https and http
            'openapi: 3.1.0\\npaths: {/a: {$ref: "https://evil.example/x"}}' | allow the host "evil.example" with LATCHKEY_IMPORT_HOSTS
            'openapi: 3.1.0\\npaths: {/a: {$ref: "//169.254.169.254/x"}}' | Only https and http
            'openapi: 3.1.0\\npaths: {/a: {get: {security: 1}}}' | security is not a list
            'a: !!java.lang.Runtime {}\\n--- b'                 | more than one document
            '? [a]\\n: b'                                       | a name is not text
            'a: *b'                                             | refers to nothing
            """)
    void aBadDocumentIsRefusedSayingWhereItIsWrong(String document, String complaint) {
        Problem problem = refusal(document.replace("\\n", "\n"));
        assertThat(problem.status()).isEqualTo(422);
        assertThat(problem.code()).isEqualTo("invalid_openapi");
        assertThat(problem.detail()).contains(complaint);
        assertThat(problem.members()).containsKey("errors");
    }

    @Test
    void whenNothingCanBeUsedEveryBrokenOperationIsNamedAtOnce() {
        Problem problem = refusal(HEAD + "paths: {/a: {$ref: '#/x'}, /b: {get: {$ref: '#/y'}}, /c: 1}");
        assertThat((List<?>) problem.members().get("errors")).hasSize(3);
        assertThat(problem.detail()).endsWith("There are 2 more errors like this.");
    }

    @Test
    void anOperationThatCannotBeUsedIsLeftOutWithItsPlaceAndTheReasonAndTheOthersAreRead() {
        Description description = read(HEAD + """
                paths:
                  /a: {$ref: '#/x'}
                  /b: {get: {$ref: '#/y'}, put: {}, post: {security: 1}}
                  /c: 1
                  /d?x=1: {get: {}}
                  /e: {$ref: '#/x', get: {}}
                """);
        assertThat(description.operations())
                .extracting(operation -> operation.method() + " " + operation.path())
                .containsExactly("PUT /b", "GET /e");
        assertThat(description.leftOut())
                .extracting(LeftOut::method, LeftOut::path, LeftOut::where, LeftOut::reason, LeftOut::possible)
                .containsExactly(
                        tuple("", "/a", "api.yaml, line 4, column 14", "the reference \"#/x\" leads nowhere", false),
                        tuple("GET", "/b", "api.yaml, line 5, column 20", "the reference \"#/y\" leads nowhere", true),
                        tuple("POST", "/b", "api.yaml, line 5, column 54", "security is not a list", true),
                        tuple("", "/c", "api.yaml, line 6, column 7", "the path \"/c\" is not an object", false),
                        tuple("", "/d?x=1", "api.yaml, line 7, column 11", "the path has a query or a fragment", false),
                        tuple("", "/e", "api.yaml, line 8, column 14", "the reference \"#/x\" leads nowhere", false));
    }

    /** Each reading counts, so thousands of readings of one broken file would be too many parts. */
    @Test
    void aBrokenFileThatThousandsOfOperationsReferToIsReadOnce() {
        StringBuilder many = new StringBuilder(HEAD + "paths:\n  /fine: {get: {}}\n");
        for (int i = 0; i < 3_000; i++) {
            many.append("  /p").append(i).append(": {get: {$ref: 'b.yml'}}\n");
        }
        byte[] upload = zip(Map.of("api.yaml", many.toString(), "b.yml", "- [" + "x, ".repeat(1_000) + "]\n- [x"));
        Description description = reader.read(upload, "upload");
        assertThat(description.operations()).hasSize(1);
        assertThat(description.leftOut())
                .hasSize(3_000)
                .allSatisfy(one -> assertThat(one.where()).startsWith("b.yml, line "));
    }

    @ParameterizedTest
    @CsvSource({
        "/files/{proxy+}, /files/{proxy...}",
        "/objects/{path*}, /objects/{path...}",
        "/raw/{+path}, /raw/{path...}",
        "/pages/{*slug}, /pages/{slug...}",
        "/pages/{**slug}, /pages/{slug...}",
        "/media/{file_path:path}, /media/{file_path...}",
        "/media/{rest:.*}, /media/{rest...}",
        "/static/*, /static/{path...}",
        "/{path}/**, /{path}/{path2...}",
        "/ours/{path...}, /ours/{path...}",
        "/depots/{id}/doors/{id}, /depots/{id}/doors/{id2}",
        "/users/{id:[0-9]+}, /users/{id}",
        "/calls/{id}.json, /calls/{id}.json",
        "/operations/{id}:cancel, /operations/{id}:cancel"
    })
    void aPathIsTakenAsPlatformsMeanIt(String written, String taken) {
        assertThat(read(HEAD + "paths: {'" + written + "': {get: {}}}")
                        .operations()
                        .getFirst()
                        .path())
                .isEqualTo(taken);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/a/{path+}/b | nothing can follow {...}",
                "/a/x{path*} | {...} must be a whole segment",
                "/a/*/b | a * in a path can only be its last segment",
                "/a/*.json | a * in a path can only be its last segment",
                "/a/{?q} | has a query",
                "/a/{;x} | has a form that is not supported",
                "/a/{.x} | has a form that is not supported",
                "/a/{x?} | has a query",
                "/v1/{name=projects/*} | a * in a path can only be its last segment",
                "/a/{} | has no usable name",
                "/a//b | nothing between two slashes",
                "a | must begin with a slash"
            })
    void aPathThatNoEndpointCanHaveIsLeftOut(String path, String reason) {
        Description description = read(HEAD + "paths: {/fine: {get: {}}, '" + path + "': {get: {}}}");
        assertThat(description.operations()).hasSize(1);
        assertThat(description.leftOut())
                .singleElement()
                .satisfies(one -> assertThat(one.reason()).contains(reason));
    }

    @Test
    void whatAPathHasInAdditionToItsMethodsIsNotDroppedSilently() {
        Description description = read(HEAD + """
                paths:
                  /a: {get: {}, GET: {}, x-amazon-apigateway-any-method: {}, x-other: {}, summary: s, parameters: []}
                """);
        assertThat(description.operations()).hasSize(1);
        assertThat(description.notices())
                .singleElement()
                .satisfies(notice -> assertThat(notice.message()).contains("\"GET\" is not a member of a path"));
        assertThat(description.leftOut()).singleElement().satisfies(one -> {
            assertThat(one.method()).isEqualTo("ANY");
            assertThat(one.reason()).contains("an endpoint has one method");
        });
    }

    @Test
    void whatIsNextToAReferenceTakesPrecedenceOverItsTarget() {
        Description description = read(HEAD + """
                paths:
                  /a:
                    get: {$ref: '#/components/x', security: [{o: [strict]}]}
                components: {x: {summary: Shared, security: [{o: [lax]}]}}
                """);
        assertThat(description.operations().getFirst().summary()).isEqualTo("Shared");
        assertThat(description.operations().getFirst().security())
                .isEqualTo(new Security.Scopes(List.of(List.of("strict"))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "// by hand\n{\"openapi\": \"3.0.3\", \"paths\": {\"/a\": {\"get\": {}}}}",
                "/* by hand */ {\"openapi\": \"3.0.3\", \"paths\": {\"/a\": {\"get\": {}}}}"
            })
    void jsonWithCommentsIsNoJson(String document) {
        assertThat(refusal(document).detail())
                .contains("api.yaml, line 1, column", "it is not JSON, because it contains a comment");
        assertThat(refusal("{\n  \"openapi\": \"3.0.3\", // here\n \"paths\": {\"/a\": {\"get\": {}}}}")
                        .detail())
                .contains("api.yaml, line 2, column", "it is not JSON, because it contains a comment");
    }

    /** As large as the largest public ones; the parts cost the most. */
    @Test
    void aDocumentOf16MebibytesIsRead() {
        StringBuilder large = new StringBuilder("{\"openapi\":\"3.1.0\",\"paths\":{\"/a\":{\"get\":{}}},\"x\":[");
        while (large.length() < Budget.MAX_FILE_BYTES - 100) {
            large.append("{\"name\":\"parameter\",\"in\":\"query\"},");
        }
        large.append("1]}");
        assertThat(read(large.toString()).operations()).hasSize(1);
        assertThat(refusal("{\"x\":[" + "1,".repeat(2_100_000) + "1]}").detail())
                .contains("too many parts");
    }

    @Test
    void referencesAreFollowedOverTheFilesOfAZip() {
        Map<String, String> files = new LinkedHashMap<>();
        files.put("spec/api.yaml", HEAD + """
                paths:
                  /a: {$ref: 'paths/a.yml'}
                  /b: {get: {$ref: './paths/b.yml#/operations/a~1b%20c/0'}}
                  /c: {$ref: '#/components/pathItems/c'}
                components: {pathItems: {c: {$ref: '../shared/c.json'}}}
                """);
        files.put("spec/paths/a.yml", "get: {summary: A}\npost: {$ref: '../../shared/c.json#/get'}");
        files.put("spec/paths/b.yml", "operations: {'a/b c': [{summary: B}]}");
        files.put("shared/c.json", "{\"get\": {\"summary\": \"C\"}}");
        files.put("shared/unused.yml", "broken: [");
        files.put("shared/picture.png", "\0");
        Description description = reader.read(zip(files), "upload");
        assertThat(description.operations())
                .extracting(operation -> operation.method() + " " + operation.path() + " " + operation.summary())
                .containsExactly("GET /a A", "POST /a C", "GET /b B", "GET /c C");
    }

    @Test
    void theHighestDocumentOfAZipIsTheMainOneAndAnyCanBeNamed() {
        Map<String, String> files = new LinkedHashMap<>();
        files.put("x/one.yaml", HEAD + "paths: {/one: {get: {}}}");
        files.put("x/y/two.yaml", HEAD + "paths: {/two: {get: {}}}");
        assertThat(reader.read(zip(files), "upload").operations().getFirst().path())
                .isEqualTo("/one");
        assertThat(reader.read(zip(files), "upload", "x/y/two.yaml")
                        .operations()
                        .getFirst()
                        .path())
                .isEqualTo("/two");
        files.put("x/three.yaml", HEAD + "paths: {/three: {get: {}}}");
        assertThatThrownBy(() -> reader.read(zip(files), "upload")).hasMessageContaining("x/one.yaml, x/three.yaml");
        assertThatThrownBy(() -> reader.read(zip(Map.of("a.yml", "b: c")), "upload"))
                .hasMessageContaining("no file with a top-level field openapi");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x.yml", "/x.yml", "a\\x.yml", "a/../../x.yml", "C:/x.yml", "a\u0001.yml"})
    void aZipEntryThatLeavesTheZipIsRefused(String name) {
        assertThatThrownBy(() -> reader.read(zip(Map.of(name, "a")), "upload")).isInstanceOf(Problem.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../x.yml", "../../../etc/passwd", "%2e%2e/%2e%2e/x.yml", "/x.yml", "..\\\\x.yml"})
    void aReferenceThatLeavesTheZipIsRefused(String reference) {
        byte[] upload = zip(Map.of("spec/api.yaml", HEAD + "paths: {/a: {$ref: \"" + reference + "\"}}"));
        assertThatThrownBy(() -> reader.read(upload, "upload")).hasMessageContaining("points outside the upload");
    }

    @Test
    void referencesInACircleAreRefused() {
        byte[] upload = zip(Map.of(
                "api.yaml", HEAD + "paths: {/a: {$ref: b.yml}}", "b.yml", "$ref: c.yml", "c.yml", "$ref: b.yml"));
        assertThatThrownBy(() -> reader.read(upload, "upload")).hasMessageContaining("circle: b.yml# -> c.yml#");
    }

    @Test
    void aZipThatInflatesBeyondTheBoundIsRefusedEarly() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            byte[] zeros = new byte[1024 * 1024];
            for (int i = 0; i < 40; i++) {
                zip.putNextEntry(new ZipEntry(i + ".bin"));
                for (int j = 0; j < 10; j++) {
                    zip.write(zeros);
                }
                zip.closeEntry();
            }
        }
        assertThat(bytes.size()).isLessThan(1024 * 1024);
        assertThatThrownBy(() -> reader.read(bytes.toByteArray(), "upload")).hasMessageContaining("more than 128 MiB");
    }

    @Test
    void aliasesStandForOnePartAndNeverMultiply() {
        StringBuilder laughs = new StringBuilder(HEAD + "a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 40; i++) {
            laughs.append("a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n"
                    .replace("%d, *", (i - 1) + ", *")
                    .replaceFirst("%d: &a%d", i + ": &a" + i)
                    .replace("%d", "" + (i - 1)));
        }
        laughs.append("paths: {/a: &item {get: {tags: *a39}}, /b: *item}");
        assertThat(read(laughs.toString()).operations())
                .extracting(DescribedOperation::path)
                .containsExactly("/a", "/b");
    }

    @Test
    void aDocumentIsBoundedInDepthAndSizeAndOperations() {
        assertThat(refusal("[".repeat(100_000)).detail()).contains("nested too deeply");
        assertThat(refusal("a" + ": b".repeat(1) + "\n#" + "x".repeat(Budget.MAX_FILE_BYTES))
                        .detail())
                .contains("larger than 16 MiB");
        StringBuilder many = new StringBuilder(HEAD + "paths:\n");
        for (int i = 0; i <= 5_000; i++) {
            many.append("  /p").append(i).append(": {get: {}}\n");
        }
        assertThat(refusal(many.toString()).detail()).contains("more than 5000 operations");
    }

    @Test
    void aDocumentOfThousandsOfOperationsIsRead() {
        StringBuilder many = new StringBuilder(HEAD + "paths:\n");
        for (int i = 0; i < 1_200; i++) {
            many.append("  /group%d/things%d/{id}: {get: {tags: [g%d]}, delete: {tags: [g%d]}}\n"
                    .formatted(i % 40, i, i % 40, i % 40));
        }
        assertThat(read(many.toString()).operations()).hasSize(2_400);
    }

    @Test
    void addressesAreFetchedFromAllowedHostsOnly() throws IOException {
        HttpServer web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        Map<String, String> files = Map.of(
                "/spec/api.yaml", HEAD + "paths: {/a: {$ref: '../paths/a.yml'}}",
                "/paths/a.yml", "get: {summary: A}",
                "/away.yaml", HEAD + "paths: {/a: {$ref: 'http://elsewhere.example/x'}}");
        web.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            if (path.equals("/spec/redirect")) {
                exchange.getResponseHeaders().add("Location", "/spec/api.yaml");
                exchange.sendResponseHeaders(302, -1);
            } else if (path.equals("/redirect-away")) {
                exchange.getResponseHeaders().add("Location", "http://elsewhere.example/");
                exchange.sendResponseHeaders(302, -1);
            } else if (files.containsKey(path)) {
                byte[] content = files.get(path).getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, content.length);
                exchange.getResponseBody().write(content);
            } else {
                exchange.sendResponseHeaders(404, -1);
            }
            exchange.close();
        });
        web.start();
        String host = "127.0.0.1:" + web.getAddress().getPort();
        try (RemoteFiles remote = OpenApiReader.remote(() -> Set.of(host))) {
            OpenApiReader allowed = new OpenApiReader(remote);
            assertThat(allowed.readFrom("http://" + host + "/spec/api.yaml")
                            .operations()
                            .getFirst()
                            .summary())
                    .isEqualTo("A");
            assertThat(allowed.readFrom("http://" + host + "/spec/redirect").operations())
                    .hasSize(1);
            for (String refused : List.of("/redirect-away", "/away.yaml")) {
                assertThatThrownBy(() -> allowed.readFrom("http://" + host + refused))
                        .hasMessageContaining("allow the host \"elsewhere.example\"");
            }
            assertThatThrownBy(() -> allowed.readFrom("http://" + host + "/missing"))
                    .hasMessageContaining("404 instead of a file");
            assertThatThrownBy(() -> allowed.readFrom("http://user:x@" + host + "/spec/api.yaml"))
                    .isInstanceOf(Problem.class);
            assertThatThrownBy(() -> reader.readFrom("http://" + host + "/spec/api.yaml"))
                    .hasMessageContaining("LATCHKEY_IMPORT_HOSTS");
        } finally {
            web.stop(0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "api.yaml", "http://[x", "https://a b/", "/etc/passwd"})
    void whatIsNoAddressIsRefused(String address) {
        assertThatThrownBy(() -> reader.readFrom(address))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.status()).isEqualTo(422));
    }

    /** For any input, the answer is a description or a refusal, and quick. */
    @Test
    void damagedDocumentsAreReadOrRefused() {
        byte[] yaml = (HEAD + "paths: {/a: &a {get: {$ref: '#/x'}}, /b: *a}\nx: {tags: [t], security: [{o: [s]}]}\n")
                .getBytes(StandardCharsets.UTF_8);
        byte[] zip = zip(Map.of("api.yaml", HEAD + "paths: {/a: {$ref: b.yml}}", "b.yml", "get: {}"));
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        long end = System.nanoTime() + Duration.ofSeconds(3).toNanos();
        for (int i = 0; i < 20_000 && System.nanoTime() < end; i++) {
            byte[] damaged = i % 2 == 0 ? yaml.clone() : zip.clone();
            for (int j = random.nextInt(1, 6); j > 0; j--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            byte[] cut = Arrays.copyOf(damaged, random.nextInt(damaged.length / 2, damaged.length + 1));
            try {
                assertThat(reader.read(cut, "damaged").operations()).isNotEmpty();
            } catch (Problem problem) {
                assertThat(problem.status()).as("seed %d, round %d", seed, i).isEqualTo(422);
            }
        }
    }
}
