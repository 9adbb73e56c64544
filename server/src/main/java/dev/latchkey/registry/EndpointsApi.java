package dev.latchkey.registry;

import static dev.latchkey.access.ManagementApi.APIS_MANAGE;
import static dev.latchkey.access.ManagementApi.APIS_READ;

import dev.latchkey.access.Caller;
import dev.latchkey.access.Endpoint;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.management.ETag;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Tag;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The management API's calls for the endpoints of registered APIs, and for the policy by which verifiers decide. */
public final class EndpointsApi {
    private static final Listing<Endpoint> LISTING =
            new Listing<>(2, endpoint -> List.of(endpoint.path(), endpoint.method()), Endpoint::isAbout);

    private final Apis apis;
    private final CurrentPolicy policy;

    public EndpointsApi(Apis apis, CurrentPolicy policy) {
        this.apis = apis;
        this.policy = policy;
    }

    /** All endpoints of an API. */
    public record EndpointList(List<EndpointBody> endpoints) {}

    /** A page of endpoints. */
    public record EndpointPage(
            List<EndpointBody> items, @Nullable String nextPageToken) {}

    public List<Operation> operations() {
        return List.of(
                Operation.get("/apis/{api}/endpoints")
                        .id("listEndpoints")
                        .tag(Tag.APIS)
                        .needs(APIS_READ)
                        .summary("List an API's endpoints")
                        .description("Sorted by path and method.")
                        .query("search", "Part of a method, a path, a summary or a privilege")
                        .paged()
                        .answers(EndpointPage.class)
                        .by(this::listEndpoints),
                Operation.put("/apis/{api}/endpoints")
                        .id("replaceEndpoints")
                        .tag(Tag.APIS)
                        .needs(APIS_MANAGE)
                        .summary("Replace all endpoints of an API")
                        .description(
                                "In one transaction. A privilege that no endpoint needs any longer is taken from all roles.")
                        .takes(EndpointList.class, EndpointRules.MAX_BODY)
                        .answers(ApiReply.class)
                        .versioned()
                        .ifMatch()
                        .by(this::replaceEndpoints),
                Operation.post("/apis/{api}/endpoints/preview")
                        .id("previewEndpoints")
                        .tag(Tag.APIS)
                        .needs(APIS_READ)
                        .summary("See what replacing all endpoints would open and close")
                        .description("Nothing is changed.")
                        .takes(EndpointList.class, EndpointRules.MAX_BODY)
                        .answers(ChangePreview.class)
                        .by(this::previewEndpoints),
                Operation.get("/apis/{api}/policy")
                        .id("getPolicy")
                        .tag(Tag.APIS)
                        .needs(APIS_READ)
                        .summary("Get the policy that decides about requests to an API")
                        .description(
                                "For verifiers inside an API: its endpoints, and what each role allows. With If-None-Match the"
                                        + " answer is 304 while nothing has changed.")
                        .answers(ApiPolicy.class)
                        .versioned()
                        .by(this::policy),
                Operation.post("/apis/{api}/endpoints")
                        .id("putEndpoint")
                        .tag(Tag.APIS)
                        .needs(APIS_MANAGE)
                        .summary("Add an endpoint, or change what it needs")
                        .description("An endpoint with the same method and path is replaced.")
                        .takes(EndpointBody.class)
                        .answers(ApiReply.class)
                        .versioned()
                        .ifMatch()
                        .by((caller, request) -> ApiReply.answer(
                                200,
                                apis.putEndpoint(
                                        caller,
                                        ApisApi.name(request),
                                        request.json(EndpointBody.class).toEndpoint(ApisApi.name(request)),
                                        ETag.expected(request)))),
                Operation.delete("/apis/{api}/endpoints")
                        .id("removeEndpoint")
                        .tag(Tag.APIS)
                        .needs(APIS_MANAGE)
                        .summary("Remove an endpoint")
                        .query("method", "Its method")
                        .query("path", "Its path template")
                        .answers(ApiReply.class)
                        .versioned()
                        .ifMatch()
                        .by(this::removeEndpoint));
    }

    private Response listEndpoints(Caller caller, Request request) {
        List<Endpoint> all =
                apis.find(caller, ApisApi.name(request)).endpoints().all();
        Page<EndpointBody> replies = LISTING.page(all, request).map(EndpointBody::of);
        return Response.json(200, new EndpointPage(replies.items(), replies.nextPageToken()));
    }

    private Response replaceEndpoints(Caller caller, Request request) {
        List<Endpoint> endpoints =
                EndpointBody.toEndpoints(request.json(EndpointList.class).endpoints(), ApisApi.name(request));
        return ApiReply.answer(
                200, apis.replaceEndpoints(caller, ApisApi.name(request), endpoints, ETag.expected(request)));
    }

    private Response previewEndpoints(Caller caller, Request request) {
        List<Endpoint> endpoints =
                EndpointBody.toEndpoints(request.json(EndpointList.class).endpoints(), ApisApi.name(request));
        ApiTerms wanted = ApiTerms.of(apis.find(caller, ApisApi.name(request))).withEndpoints(endpoints);
        return Response.json(200, ChangePreview.of(apis.preview(caller, ApisApi.name(request), wanted)));
    }

    private Response policy(Caller caller, Request request) {
        Response response = Response.json(200, ApiPolicy.of(apis.find(caller, ApisApi.name(request)), policy.get()));
        return ETag.unlessKnown(request, response);
    }

    private Response removeEndpoint(Caller caller, Request request) {
        String method = request.query()
                .text("method")
                .orElseThrow(() -> Problem.invalid("method", "Send the method of the endpoint."));
        String path = request.query()
                .text("path")
                .orElseThrow(() -> Problem.invalid("path", "Send the path of the endpoint."));
        return ApiReply.answer(
                200, apis.removeEndpoint(caller, ApisApi.name(request), method, path, ETag.expected(request)));
    }
}
