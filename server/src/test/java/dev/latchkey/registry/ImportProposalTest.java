package dev.latchkey.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Endpoint.Requirement;
import dev.latchkey.access.Endpoints;
import dev.latchkey.access.KeyPlaces;
import dev.latchkey.access.Privilege;
import dev.latchkey.limit.CallLimits;
import dev.latchkey.openapi.LeftOut;
import dev.latchkey.openapi.OpenApiReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What documents that once failed mean for an API. They are in {@code src/test/resources/openapi}. */
class ImportProposalTest {
    private final OpenApiReader documents = new OpenApiReader(OpenApiReader.remote(() -> Set.of()));

    private static Api api(Endpoint... endpoints) {
        return new Api(
                "shop",
                "",
                "https://shop.example",
                List.of(),
                "",
                new TreeMap<>(),
                new TreeMap<>(),
                KeyPlaces.NONE,
                false,
                CallLimits.NONE,
                new Endpoints("", List.of(endpoints)),
                Instant.EPOCH,
                "setup",
                1);
    }

    @Test
    void aDocumentSaysNothingOfCallsOfMcpAndIsNotAskedAboutTheMcpEndpoint() {
        Endpoint call = new Endpoint("MCP", "/tools/call/{tool}", new Requirement.AnyToken(), "");
        Endpoint gone = new Endpoint("GET", "/gone", new Requirement.AnyToken(), "");
        Api before = api(call, gone);
        Api server = new Api(
                before.name(),
                before.description(),
                before.audience(),
                before.hosts(),
                before.basePath(),
                before.privileges(),
                before.scopes(),
                before.keyPlaces(),
                before.assertion(),
                before.limits(),
                new Endpoints("", before.endpoints().all(), Set.of(), "/mcp"),
                before.createdAt(),
                before.createdBy(),
                before.version());
        byte[] document = ("openapi: 3.1.0\npaths:\n  /mcp:\n    post:\n      responses: {}\n"
                        + "  /health:\n    get:\n      responses: {}\n")
                .getBytes(StandardCharsets.UTF_8);
        ImportProposal proposal = ImportProposal.of(server, documents.read(document, "api.yaml"));
        assertThat(proposal.accepted()).contains(call).hasSize(2);
        assertThat(proposal.removed()).containsExactly(gone);
        assertThat(proposal.leftOut())
                .singleElement()
                .satisfies(left -> assertThat(left.reason())
                        .isEqualTo("it is the MCP endpoint, whose calls are endpoints of their own"));
    }

    private ImportProposal proposal(String name, Endpoint... before) throws IOException {
        try (InputStream in = ImportProposalTest.class.getResourceAsStream("/openapi/" + name)) {
            return ImportProposal.of(api(before), documents.read(in.readAllBytes(), name));
        }
    }

    private ImportProposal ofPaths(String paths) {
        byte[] document = ("openapi: 3.1.0\npaths:\n" + paths).getBytes(StandardCharsets.UTF_8);
        return ImportProposal.of(api(), documents.read(document, "api.yaml"));
    }

    private static List<String> lines(ImportProposal proposal) {
        return proposal.accepted().stream()
                .map(endpoint -> endpoint.name() + ": " + endpoint.requirement().text())
                .toList();
    }

    @Test
    void oneBadOperationRefusesNoOther() throws IOException {
        ImportProposal proposal = proposal("one-bad-operation.yaml");
        assertThat(lines(proposal))
                .containsExactly(
                        "GET /depots/{id}/doors/{id2}: depots:read",
                        "GET /parcels: parcels:read",
                        "GET /parcels/{id}: parcels:read",
                        "DELETE /parcels/{parcelId}: parcels:write");
        assertThat(proposal.endpoints().getFirst().note()).contains("the parameter {id} twice");
        assertThat(proposal.leftOut())
                .containsExactly(new LeftOut(
                        "POST",
                        "/parcels",
                        "one-bad-operation.yaml, line 7, column 7",
                        "\"parcels write\" is not a name for a privilege. Use 1 to 128 visible ASCII characters without space,"
                                + " quote and backslash",
                        true));
    }

    @Test
    void whatPeopleSaidThatALeftOutOperationNeedsStays() throws IOException {
        Endpoint named =
                new Endpoint("POST", "/parcels", new Requirement.Holds(new Privilege("shop", "parcels:write")), "");
        ImportProposal again = proposal("one-bad-operation.yaml", named);
        assertThat(again.accepted()).contains(named);
        assertThat(again.leftOut()).isEmpty();
        assertThat(again.removed()).isEmpty();
    }

    @Test
    void scopesThatAreNeededTogetherAreAllNeeded() throws IOException {
        ImportProposal proposal = proposal("scopes-together.yaml");
        assertThat(lines(proposal))
                .containsExactly(
                        "GET /long: customer-relationship-records:read-with-history and"
                                + " financial-planning-and-analysis:read-with-history and"
                                + " warehouse-and-logistics:read-with-history",
                        "POST /moves: fleet:read and warehouse:write",
                        "POST /moves/plan: fleet:read and warehouse:write",
                        "GET /odd: fleet:read+warehouse:write");
        assertThat(proposal.accepted().get(1).requirement())
                .isEqualTo(proposal.accepted().get(2).requirement());
        assertThat(proposal.leftOut()).isEmpty();
    }

    @Test
    void operationsNextToAReferenceAreNotLost() throws IOException {
        assertThat(lines(proposal("ref-and-operations.yaml")))
                .containsExactly("DELETE /shelves: shelves:write", "GET /shelves: shelves:read");
    }

    @Test
    void tagsInOtherScriptsHavePrivilegesOfTheirOwn() throws IOException {
        ImportProposal proposal = proposal("other-scripts.yaml");
        assertThat(lines(proposal))
                .containsExactly(
                        "GET /bills: bills:read",
                        "GET /customers: customers:read",
                        "GET /orders: orders:read",
                        "GET /sizes: grosse:read");
        assertThat(proposal.hints())
                .contains(
                        "\"订单\" cannot be spelled in the name of a privilege, which is plain ASCII; the privileges for it"
                                + " begin with orders, after the path /orders.")
                .contains("\"Größe\" is spelled grosse in the names of privileges, which are plain ASCII.")
                .hasSize(4);
    }

    @Test
    void tagsThatWouldShareANameDoNot() {
        ImportProposal proposal = ofPaths("""
                  /a/x: {get: {tags: [订单]}}
                  /a/y: {get: {tags: [客户]}}
                  /订: {get: {}}
                  /户: {get: {}}
                  /b: {get: {tags: [C]}}
                  /c: {get: {tags: ['C++']}}
                  /d: {get: {tags: [c]}}
                  /e: {get: {tags: [User accounts]}}
                  /f: {get: {tags: [user-accounts]}}
                """);
        assertThat(lines(proposal))
                .containsExactly(
                        "GET /a/x: a:read",
                        "GET /a/y: a-y:read",
                        "GET /b: c:read",
                        "GET /c: c-2:read",
                        "GET /d: c:read",
                        "GET /e: user-accounts:read",
                        "GET /f: user-accounts:read",
                        "GET /户: api-2:read",
                        "GET /订: api:read");
        assertThat(proposal.hints())
                .anySatisfy(hint -> assertThat(hint).contains("\"C++\" and another tag are both spelled c;"));
    }

    @Test
    void greedyParametersTakeTheRestOfThePath() throws IOException {
        assertThat(proposal("greedy-parameters.yaml").accepted())
                .extracting(Endpoint::path)
                .containsExactly("/files/{proxy...}", "/objects/{path...}", "/raw/{path...}", "/static/{path...}");
    }

    @Test
    void openApi32BringsQueryAndMethodsOfOnesOwn() throws IOException {
        assertThat(lines(proposal("version-3.2.yaml")))
                .containsExactly("LINK /search: search:write", "QUERY /search: search:read");
    }

    @Test
    void jsonWithCommentsIsRefusedWithThePlaceOfTheFirst() {
        assertThatThrownBy(() -> proposal("json-with-comments.json"))
                .hasMessageContaining("json-with-comments.json, line 1, column")
                .hasMessageContaining("it is not JSON, because it contains a comment");
    }

    @Test
    void twoPathsOfOneShapeAreOneEndpoint() {
        ImportProposal proposal = ofPaths("""
                  /a/{id}: {get: {security: [{o: [strict]}]}}
                  /a/{name}: {get: {security: [{o: [lax]}]}}
                """);
        assertThat(lines(proposal)).containsExactly("GET /a/{id}: strict");
        assertThat(proposal.leftOut())
                .containsExactly(new LeftOut(
                        "GET",
                        "/a/{name}",
                        "api.yaml, line 4, column 20",
                        "it takes the same requests as GET /a/{id}",
                        false));
    }
}
