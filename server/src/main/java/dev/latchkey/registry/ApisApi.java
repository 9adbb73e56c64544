package dev.latchkey.registry;

import static dev.latchkey.access.ManagementApi.APIS_MANAGE;
import static dev.latchkey.access.ManagementApi.APIS_READ;

import dev.latchkey.access.Api;
import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.management.ETag;
import dev.latchkey.management.Idempotency;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Tag;
import dev.latchkey.problem.Page;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The management API's calls for registered APIs, without those for their endpoints. */
public final class ApisApi {
    private static final Listing<Api> LISTING = new Listing<>(1, api -> List.of(api.name()), Api::isAbout);

    private final Apis apis;

    public ApisApi(Apis apis) {
        this.apis = apis;
    }

    /** A page of APIs. */
    public record ApiPage(List<ApiReply> items, @Nullable String nextPageToken) {}

    public List<Operation> operations() {
        return List.of(
                Operation.get("/apis")
                        .id("listApis")
                        .tag(Tag.APIS)
                        .needs(APIS_READ)
                        .summary("List registered APIs")
                        .description("Sorted by name.")
                        .query("search", "Part of a name, a description or an audience")
                        .paged()
                        .answers(ApiPage.class)
                        .by(this::list),
                Operation.post("/apis")
                        .id("createApi")
                        .tag(Tag.APIS)
                        .needs(APIS_MANAGE)
                        .summary("Register an API")
                        .description(
                                "Endpoints can be sent along, added one by one, or imported from an OpenAPI document.")
                        .takes(CreateApi.class, EndpointRules.MAX_BODY)
                        .creates(ApiReply.class)
                        .versioned()
                        .idempotent()
                        .by(this::create),
                Operation.get("/apis/{api}")
                        .id("getApi")
                        .tag(Tag.APIS)
                        .needs(APIS_READ)
                        .summary("Get a registered API")
                        .answers(ApiReply.class)
                        .versioned()
                        .by((caller, request) -> ApiReply.answer(200, apis.find(caller, name(request)))),
                Operation.patch("/apis/{api}")
                        .id("updateApi")
                        .tag(Tag.APIS)
                        .needs(APIS_MANAGE)
                        .summary("Change a registered API")
                        .description("Everything sent is changed together or not at all.")
                        .takes(UpdateApi.class, EndpointRules.MAX_BODY)
                        .answers(ApiReply.class)
                        .versioned()
                        .ifMatch()
                        .by(this::update),
                Operation.delete("/apis/{api}")
                        .id("deleteApi")
                        .tag(Tag.APIS)
                        .needs(APIS_MANAGE)
                        .summary("Delete a registered API")
                        .description(
                                "Its privileges are taken from all roles, and its access tokens are refused from now on.")
                        .answersNothing()
                        .ifMatch()
                        .by(this::delete));
    }

    private Response list(Caller caller, Request request) {
        Page<ApiReply> replies = LISTING.page(apis.list(caller), request).map(ApiReply::of);
        return Response.json(200, new ApiPage(replies.items(), replies.nextPageToken()));
    }

    private Response create(Caller caller, Request request) {
        CreateApi body = request.json(CreateApi.class);
        var result = apis.create(caller, body.name(), body.terms(), Idempotency.attempt(request));
        Response response = ApiReply.answer(201, result.value())
                .with(
                        "Location",
                        ManagementApi.BASE_PATH + "/apis/" + result.value().name());
        return result.replayed() ? response.with("Idempotency-Replayed", "true") : response;
    }

    private Response update(Caller caller, Request request) {
        UpdateApi body = request.json(UpdateApi.class);
        Set<String> given = request.jsonNames();
        String name = name(request);
        return ApiReply.answer(
                200, apis.edit(caller, name, old -> body.applied(name, old, given), ETag.expected(request)));
    }

    private Response delete(Caller caller, Request request) {
        apis.delete(caller, name(request), ETag.expected(request));
        return Response.noContent();
    }

    /** The name of the API in the path. */
    static String name(Request request) {
        return request.pathParameter("api");
    }
}
