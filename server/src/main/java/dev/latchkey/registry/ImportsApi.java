package dev.latchkey.registry;

import static dev.latchkey.access.ManagementApi.APIS_MANAGE;

import dev.latchkey.access.AccessDifference;
import dev.latchkey.access.Api;
import dev.latchkey.access.Caller;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.management.Doc;
import dev.latchkey.management.ETag;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Tag;
import dev.latchkey.openapi.Description;
import dev.latchkey.openapi.LeftOut;
import dev.latchkey.openapi.OpenApiReader;
import dev.latchkey.problem.Problem;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The management API's call that reads an OpenAPI document and proposes endpoints. */
public final class ImportsApi {
    private final Apis apis;
    private final OpenApiReader documents;

    public ImportsApi(Apis apis, OpenApiReader documents) {
        this.apis = apis;
        this.documents = documents;
    }

    /** An endpoint as the document proposes it. */
    public record ProposedEndpoint(
            EndpointBody endpoint,
            @Doc("added, changed or same") String change,
            @Doc("What it needs now") @Nullable String before,
            @Doc("Why the choice deserves a look") @Nullable String note) {}

    /** An operation of the document that is not proposed. */
    public record LeftOutOperation(
            @Doc("Absent when all operations of the path are left out") @Nullable String method,

            String path,
            @Doc("Where in the document") String where,
            String reason,

            @Doc("Whether it can be added to the endpoints once you say what it needs")
            boolean possible) {
        static LeftOutOperation of(LeftOut operation) {
            return new LeftOutOperation(
                    operation.method().isEmpty() ? null : operation.method(),
                    operation.path(),
                    operation.where(),
                    operation.reason(),
                    operation.possible());
        }
    }

    /** What a document proposes for an API. */
    public record ImportReply(
            String title,
            String version,
            List<ProposedEndpoint> endpoints,

            @Doc("Operations that cannot be taken as they are; requests to them are denied unless you add them")
            List<LeftOutOperation> leftOut,

            @Doc("Endpoints that the API has and the document does not")
            List<EndpointBody> removed,

            @Doc("What to look at before accepting") List<String> hints,

            @Doc("What accepting all of it would open and close")
            ChangePreview preview) {}

    public List<Operation> operations() {
        return List.of(Operation.post("/apis/{api}/imports")
                .id("proposeImport")
                .tag(Tag.APIS)
                .needs(APIS_MANAGE)
                .summary("See what an OpenAPI document proposes for an API")
                .description(
                        "The body is the document itself, as YAML or JSON, or a zip of its folder when it is split over files,"
                                + " with any Content-Type. Nothing is changed: send the endpoints that you accept to"
                                + " replaceEndpoints, with the ETag of this reply as If-Match.")
                .query("main", "The main document's path inside a zip, when Latchkey does not find it")
                .query("address", "Where to fetch the document instead; its host must be allowed")
                .query(
                        "audience",
                        "For an API that is not registered yet: the audience that it would have. Then send"
                                + " the endpoints to createApi; the reply has no ETag")
                .takesDocument(OpenApiReader.MAX_UPLOAD_BYTES)
                .answers(ImportReply.class)
                .versioned()
                .by(this::propose));
    }

    private Response propose(Caller caller, Request request) {
        String name = request.pathParameter("api");
        String audience = request.query().text("audience").orElse(null);
        if (audience != null) {
            Api unregistered = apis.unregistered(caller, name, audience);
            Description description = description(request);
            ImportProposal proposal = ImportProposal.of(unregistered, description);
            return reply(description, proposal, apis.preview(caller, unregistered, proposal.accepted()));
        }
        Api api = apis.find(caller, name);
        Description description = description(request);
        ImportProposal proposal = ImportProposal.of(api, description);
        AccessDifference difference =
                apis.preview(caller, api.name(), ApiTerms.of(api).withEndpoints(proposal.accepted()));
        return ETag.on(reply(description, proposal, difference), api.version());
    }

    private static Response reply(Description description, ImportProposal proposal, AccessDifference difference) {
        return Response.json(
                200,
                new ImportReply(
                        description.title(),
                        description.version(),
                        proposal.endpoints().stream().map(ImportsApi::reply).toList(),
                        proposal.leftOut().stream().map(LeftOutOperation::of).toList(),
                        proposal.removed().stream().map(EndpointBody::of).toList(),
                        proposal.hints(),
                        ChangePreview.of(difference)));
    }

    private Description description(Request request) {
        String address = request.query().text("address").orElse(null);
        if (address != null) {
            return documents.readFrom(address);
        }
        if (request.body().length == 0) {
            throw Problem.badRequest("The body is empty. Send the OpenAPI document or its address.");
        }
        return documents.read(
                request.body(), "the document", request.query().text("main").orElse(""));
    }

    private static ProposedEndpoint reply(ImportProposal.Proposed proposed) {
        return new ProposedEndpoint(
                EndpointBody.of(proposed.endpoint()),
                proposed.kind().name().toLowerCase(Locale.ROOT),
                proposed.before() == null
                        ? null
                        : proposed.before().requirement().text(),
                proposed.note().isEmpty() ? null : proposed.note());
    }
}
