package dev.latchkey.access;

import static dev.latchkey.access.ManagementApi.APIS_MANAGE;

import dev.latchkey.access.ApisApi.ChangePreview;
import dev.latchkey.access.ApisApi.EndpointBody;
import dev.latchkey.access.Operation.QueryParameter;
import dev.latchkey.http.Problem;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.openapi.Description;
import dev.latchkey.openapi.OpenApiReader;
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

    /** What a document would make of an API. */
    public record ImportReply(
            String title,
            String version,
            List<ProposedEndpoint> endpoints,

            @Doc("What the API has and the document has not")
            List<EndpointBody> removed,

            @Doc("What to look at before accepting") List<String> hints,

            @Doc("What accepting all of it would open and close")
            ChangePreview preview) {}

    public List<Operation> operations() {
        return List.of(new Operation(
                        "POST",
                        "/apis/{api}/imports",
                        APIS_MANAGE,
                        "proposeImport",
                        "APIs",
                        "See what an OpenAPI document would make of an API",
                        "The body is the document itself, as YAML or JSON, or a zip of the folder that it is split over,"
                                + " with any Content-Type. Nothing is changed: send the endpoints that you accept to"
                                + " replaceEndpoints, with the ETag of this reply as If-Match.",
                        List.of(
                                new QueryParameter(
                                        "main", "The main document's path inside a zip, when it is not found"),
                                new QueryParameter(
                                        "address", "Where to fetch the document instead; its host must be allowed")),
                        byte[].class,
                        200,
                        ImportReply.class,
                        this::propose)
                .withMaxBody(OpenApiReader.MAX_UPLOAD_BYTES));
    }

    private Response propose(Caller caller, Request request) {
        Api api = apis.find(caller, request.pathParameter("api"));
        Description description = description(request);
        ImportProposal proposal = ImportProposal.of(api, description);
        AccessDifference difference =
                apis.preview(caller, api.name(), ApiEdit.of(api).withEndpoints(proposal.accepted()));
        return ETag.on(
                Response.json(
                        200,
                        new ImportReply(
                                description.title(),
                                description.version(),
                                proposal.endpoints().stream()
                                        .map(ImportsApi::reply)
                                        .toList(),
                                proposal.removed().stream()
                                        .map(EndpointBody::of)
                                        .toList(),
                                proposal.hints(),
                                ChangePreview.of(difference))),
                api.version());
    }

    private Description description(Request request) {
        String address = request.query().text("address").orElse(null);
        if (address != null) {
            return documents.readFrom(address);
        }
        if (request.body().length == 0) {
            throw Problem.badRequest("The body is empty. Send the OpenAPI document, or give its address.");
        }
        return documents.read(
                request.body(), "the document", request.query().text("main").orElse(""));
    }

    private static ProposedEndpoint reply(ImportProposal.Proposed proposed) {
        return new ProposedEndpoint(
                EndpointBody.of(proposed.endpoint()),
                proposed.kind().name().toLowerCase(Locale.ROOT),
                proposed.before().isEmpty() ? null : proposed.before(),
                proposed.note().isEmpty() ? null : proposed.note());
    }
}
