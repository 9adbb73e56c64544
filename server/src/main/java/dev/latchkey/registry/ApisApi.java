package dev.latchkey.registry;

import static dev.latchkey.access.ManagementApi.APIS_MANAGE;
import static dev.latchkey.access.ManagementApi.APIS_READ;

import dev.latchkey.access.AccessDifference;
import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Api;
import dev.latchkey.access.Caller;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Endpoint.Requirement;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Privilege;
import dev.latchkey.http.Paging;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.management.Doc;
import dev.latchkey.management.ETag;
import dev.latchkey.management.Idempotency;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Operation.QueryParameter;
import dev.latchkey.path.PathCharacter;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The management API's calls for registered APIs and their endpoints. */
public final class ApisApi {
    private static final int MAX_ENDPOINTS_BODY = 4 * 1024 * 1024;
    private static final String TAG = "APIs";

    private final Apis apis;
    private final CurrentPolicy policy;

    public ApisApi(Apis apis, CurrentPolicy policy) {
        this.apis = apis;
        this.policy = policy;
    }

    /** A privilege that roles can hold on an API. */
    public record ApiPrivilege(
            @Doc("Visible ASCII, as in a scope") String name,
            @Nullable String description) {}

    /** An endpoint of an API. */
    public record EndpointBody(
            @Doc("Upper case") String method,

            @Doc("A template below the base path, such as /invoices/{id} or /files/{path...}")
            String path,

            @Doc(
                    "privilege: a token whose role has it; privileges: a token whose role has all of them; token: any token"
                            + " for the API; public: anybody. When absent: by privilege or privileges, whichever is given")
            @Nullable String access,

            @Doc("What it needs, when access is privilege") @Nullable String privilege,

            @Doc("What it needs, all of them, when access is privileges") @Nullable List<String> privileges,

            @Nullable String summary) {
        private static final String ONE = "privilege";
        private static final String ALL = "privileges";

        public static EndpointBody of(Endpoint endpoint) {
            List<String> names = endpoint.requirement() instanceof Requirement.Holds holds ? holds.names() : List.of();
            // Several are another kind of access, so that no reader who knows only one takes a part for the whole.
            String access = switch (endpoint.requirement()) {
                case Requirement.Holds holds -> names.size() == 1 ? ONE : ALL;
                case Requirement.AnyToken anyToken -> "token";
                case Requirement.Nothing nothing -> "public";
            };
            return new EndpointBody(
                    endpoint.method(),
                    endpoint.path(),
                    access,
                    access.equals(ONE) ? names.getFirst() : null,
                    access.equals(ALL) ? names : null,
                    endpoint.summary().isEmpty() ? null : endpoint.summary());
        }

        /**
         * The endpoint of the API.
         *
         * @throws Problem 422 when access and privileges do not fit together
         */
        public Endpoint toEndpoint(String api) {
            String wanted = access != null ? access : privileges != null ? ALL : ONE;
            if (privilege != null && !wanted.equals(ONE)) {
                throw Problem.invalid(ONE, "Only an endpoint whose access is privilege has one.");
            }
            if (privileges != null && !wanted.equals(ALL)) {
                throw Problem.invalid(ALL, "Only an endpoint whose access is privileges has several.");
            }
            Requirement requirement = switch (wanted) {
                case ONE -> Requirement.Holds.of(api, needed(ONE, privilege == null ? null : List.of(privilege)));
                case ALL -> Requirement.Holds.of(api, needed(ALL, privileges));
                case "token" -> new Requirement.AnyToken();
                case "public" -> new Requirement.Nothing();
                default -> throw Problem.invalid("access", "Give privilege, privileges, token or public.");
            };
            return new Endpoint(method, path, requirement, summary == null ? "" : summary.strip());
        }

        private List<String> needed(String field, @Nullable List<String> names) {
            if (names == null || names.isEmpty()) {
                throw Problem.invalid(field, "Say what " + method + " " + path + " needs, or give access.");
            }
            return names;
        }
    }

    /** All endpoints of an API. */
    public record EndpointList(List<EndpointBody> endpoints) {}

    /** A registered API. */
    public record ApiReply(
            String name,
            String description,

            @Doc("What its access tokens are for (resource, RFC 8707)")
            String audience,

            List<String> hosts,
            String basePath,

            @Doc(
                    "Characters that its paths may have beyond the usual ones, of %1F, |, [, ] and ^; a request with another is refused")
            List<String> pathCharacters,

            List<ApiPrivilege> privileges,

            @Doc(
                    "Scopes that are no privileges: each with the privilege that it stands for, or an empty text when it means nothing")
            Map<String, String> scopes,

            @Doc("How many endpoints it has") int endpoints,
            @Doc("What matches no endpoint is denied") String unmatched,
            Instant createdAt,
            String createdBy) {}

    /** A page of APIs. */
    public record ApiPage(List<ApiReply> items, @Nullable String nextPageToken) {}

    /** A page of endpoints. */
    public record EndpointPage(
            List<EndpointBody> items, @Nullable String nextPageToken) {}

    /** What a new API is to be. */
    public record CreateApi(
            @Doc("1 to 40 of a-z, 0-9 and -") String name,
            @Nullable String description,

            @Doc("An absolute URI, such as https://billing.example")
            String audience,

            @Doc("Where it is reached; when empty, the gateway must name the API") @Nullable List<String> hosts,

            @Doc("What stands before every path, such as /v1") @Nullable String basePath,

            @Doc(
                    "Characters that its paths may have beyond the usual ones, of %1F, |, [, ] and ^; a request with another is refused")
            @Nullable List<String> pathCharacters,

            @Doc("Those of endpoints need not be listed") @Nullable List<ApiPrivilege> privileges,

            @Doc(
                    "Scopes that programs ask for and that are no privileges: each with the privilege that it stands for, or an"
                            + " empty text when it means nothing")
            @Nullable Map<String, String> scopes,

            @Nullable List<EndpointBody> endpoints) {}

    /** What an API is to become; an absent field stays as it is. */
    public record UpdateApi(
            @Nullable String description,
            @Nullable String audience,
            @Nullable List<String> hosts,
            @Nullable String basePath,
            @Nullable List<String> pathCharacters,
            @Nullable List<ApiPrivilege> privileges,
            @Nullable Map<String, String> scopes) {}

    /** What a role allows on an API in the end. */
    public record PolicyRole(String name, List<String> privileges) {}

    /** All that is needed to decide about requests to an API elsewhere. */
    public record ApiPolicy(
            String api,
            String audience,
            String basePath,

            @Doc("What its paths may have beyond the usual characters")
            List<String> pathCharacters,

            List<EndpointBody> endpoints,
            List<PolicyRole> roles) {}

    /** An endpoint that a change opens or closes for a role. */
    public record ChangedEndpoint(String api, String method, String path) {}

    /** What a change means for one role. */
    public record ChangedRole(
            String role,
            List<ChangedEndpoint> opened,
            List<ChangedEndpoint> closed,
            @Doc("How many active API tokens have the role") long tokens) {}

    /** What a change would open and close. */
    public record ChangePreview(List<ChangedRole> roles) {
        public static ChangePreview of(AccessDifference difference) {
            return new ChangePreview(difference.roles().stream()
                    .map(role -> new ChangedRole(
                            role.role(), endpoints(role.opened()), endpoints(role.closed()), role.tokens()))
                    .toList());
        }

        private static List<ChangedEndpoint> endpoints(List<AccessDifference.Opening> openings) {
            return openings.stream()
                    .map(opening -> new ChangedEndpoint(opening.api(), opening.method(), opening.path()))
                    .toList();
        }
    }

    public List<Operation> operations() {
        List<QueryParameter> paged = new ArrayList<>();
        paged.add(new QueryParameter("search", "Part of a name, a description or an audience"));
        paged.addAll(Operation.PAGING);
        List<QueryParameter> pagedEndpoints = new ArrayList<>();
        pagedEndpoints.add(new QueryParameter("search", "Part of a method, a path, a summary or a privilege"));
        pagedEndpoints.addAll(Operation.PAGING);
        return List.of(
                new Operation(
                        "GET",
                        "/apis",
                        APIS_READ,
                        "listApis",
                        TAG,
                        "List registered APIs",
                        "By name.",
                        paged,
                        null,
                        200,
                        ApiPage.class,
                        this::list),
                new Operation(
                                "POST",
                                "/apis",
                                APIS_MANAGE,
                                "createApi",
                                TAG,
                                "Register an API",
                                "Endpoints can be given at once, added one by one, or imported from an OpenAPI document.",
                                List.of(),
                                CreateApi.class,
                                201,
                                ApiReply.class,
                                this::create)
                        .withMaxBody(MAX_ENDPOINTS_BODY),
                new Operation(
                        "GET",
                        "/apis/{api}",
                        APIS_READ,
                        "getApi",
                        TAG,
                        "Get a registered API",
                        "",
                        List.of(),
                        null,
                        200,
                        ApiReply.class,
                        (caller, request) -> reply(200, apis.find(caller, name(request)))),
                new Operation(
                        "PATCH",
                        "/apis/{api}",
                        APIS_MANAGE,
                        "updateApi",
                        TAG,
                        "Change a registered API",
                        "Everything given is changed together or not at all.",
                        List.of(),
                        UpdateApi.class,
                        200,
                        ApiReply.class,
                        this::update),
                new Operation(
                        "DELETE",
                        "/apis/{api}",
                        APIS_MANAGE,
                        "deleteApi",
                        TAG,
                        "Delete a registered API",
                        "Its privileges are taken from all roles, and its access tokens are refused from now on.",
                        List.of(),
                        null,
                        204,
                        null,
                        this::delete),
                new Operation(
                        "GET",
                        "/apis/{api}/endpoints",
                        APIS_READ,
                        "listEndpoints",
                        TAG,
                        "List an API's endpoints",
                        "By path and method.",
                        pagedEndpoints,
                        null,
                        200,
                        EndpointPage.class,
                        this::listEndpoints),
                new Operation(
                                "PUT",
                                "/apis/{api}/endpoints",
                                APIS_MANAGE,
                                "replaceEndpoints",
                                TAG,
                                "Replace all endpoints of an API",
                                "In one transaction. A privilege that no endpoint needs any more is taken from all roles.",
                                List.of(),
                                EndpointList.class,
                                200,
                                ApiReply.class,
                                this::replaceEndpoints)
                        .withMaxBody(MAX_ENDPOINTS_BODY),
                new Operation(
                                "POST",
                                "/apis/{api}/endpoints/preview",
                                APIS_READ,
                                "previewEndpoints",
                                TAG,
                                "See what replacing all endpoints would open and close",
                                "Nothing is changed.",
                                List.of(),
                                EndpointList.class,
                                200,
                                ChangePreview.class,
                                this::previewEndpoints)
                        .withMaxBody(MAX_ENDPOINTS_BODY),
                new Operation(
                        "GET",
                        "/apis/{api}/policy",
                        APIS_READ,
                        "getPolicy",
                        TAG,
                        "Get what decides about an API's requests",
                        "For verifiers inside an API: its endpoints, and what each role allows. With If-None-Match the"
                                + " answer is 304 while nothing has changed.",
                        List.of(),
                        null,
                        200,
                        ApiPolicy.class,
                        this::policy),
                new Operation(
                        "POST",
                        "/apis/{api}/endpoints",
                        APIS_MANAGE,
                        "putEndpoint",
                        TAG,
                        "Add an endpoint, or change what it needs",
                        "The one of the same method and path is replaced.",
                        List.of(),
                        EndpointBody.class,
                        200,
                        ApiReply.class,
                        (caller, request) -> reply(
                                200,
                                apis.putEndpoint(
                                        caller,
                                        name(request),
                                        request.json(EndpointBody.class).toEndpoint(name(request)),
                                        ETag.expected(request)))),
                new Operation(
                        "DELETE",
                        "/apis/{api}/endpoints",
                        APIS_MANAGE,
                        "removeEndpoint",
                        TAG,
                        "Remove an endpoint",
                        "",
                        List.of(
                                new QueryParameter("method", "Its method"),
                                new QueryParameter("path", "Its path template")),
                        null,
                        200,
                        ApiReply.class,
                        this::removeEndpoint));
    }

    private Response list(Caller caller, Request request) {
        Page.Request page = Paging.of(request.query(), 1);
        String search = search(request);
        String after = page.after() == null ? "" : page.after().getFirst();
        List<Api> rows = apis.list(caller).stream()
                .filter(api -> api.name().compareTo(after) > 0)
                .filter(api -> (api.name() + " " + api.description() + " " + api.audience())
                        .toLowerCase(Locale.ROOT)
                        .contains(search))
                .limit(page.size() + 1L)
                .toList();
        Page<ApiReply> replies =
                Page.of(rows, page.size(), api -> List.of(api.name())).map(ApisApi::reply);
        return Response.json(200, new ApiPage(replies.items(), replies.nextPageToken()));
    }

    private Response create(Caller caller, Request request) {
        CreateApi body = request.json(CreateApi.class);
        ApiEdit edit = new ApiEdit(
                text(body.description()),
                body.audience(),
                body.hosts() == null ? List.of() : body.hosts(),
                text(body.basePath()),
                body.pathCharacters() == null ? List.of() : body.pathCharacters(),
                privileges(body.privileges()),
                body.scopes() == null ? new TreeMap<>() : new TreeMap<>(body.scopes()),
                body.endpoints() == null ? List.of() : endpoints(body.endpoints(), body.name()));
        var result = apis.create(caller, body.name(), edit, Idempotency.attempt(request));
        Response response = reply(201, result.value())
                .with(
                        "Location",
                        ManagementApi.BASE_PATH + "/apis/" + result.value().name());
        return result.replayed() ? response.with("Idempotency-Replayed", "true") : response;
    }

    private Response update(Caller caller, Request request) {
        UpdateApi body = request.json(UpdateApi.class);
        return reply(200, apis.edit(caller, name(request), old -> applied(body, old), ETag.expected(request)));
    }

    private static ApiEdit applied(UpdateApi body, ApiEdit old) {
        return new ApiEdit(
                body.description() == null ? old.description() : body.description(),
                body.audience() == null ? old.audience() : body.audience(),
                body.hosts() == null ? old.hosts() : body.hosts(),
                body.basePath() == null ? old.basePath() : body.basePath(),
                body.pathCharacters() == null ? old.pathCharacters() : body.pathCharacters(),
                body.privileges() == null ? old.privileges() : privileges(body.privileges()),
                body.scopes() == null ? old.scopes() : new TreeMap<>(body.scopes()),
                old.endpoints());
    }

    private Response delete(Caller caller, Request request) {
        apis.delete(caller, name(request), ETag.expected(request));
        return Response.noContent();
    }

    private Response listEndpoints(Caller caller, Request request) {
        Page.Request page = Paging.of(request.query(), 2);
        String search = search(request);
        List<Endpoint> rows = apis.find(caller, name(request)).endpoints().all().stream()
                .filter(endpoint -> isAfter(endpoint, page.after()))
                .filter(endpoint -> endpoint.isAbout(search))
                .limit(page.size() + 1L)
                .toList();
        Page<EndpointBody> replies = Page.of(rows, page.size(), endpoint -> List.of(endpoint.path(), endpoint.method()))
                .map(EndpointBody::of);
        return Response.json(200, new EndpointPage(replies.items(), replies.nextPageToken()));
    }

    private static boolean isAfter(Endpoint endpoint, @Nullable List<String> place) {
        if (place == null) {
            return true;
        }
        int byPath = endpoint.path().compareTo(place.get(0));
        return byPath > 0 || (byPath == 0 && endpoint.method().compareTo(place.get(1)) > 0);
    }

    private Response replaceEndpoints(Caller caller, Request request) {
        List<Endpoint> endpoints = endpoints(request.json(EndpointList.class).endpoints(), name(request));
        return reply(200, apis.replaceEndpoints(caller, name(request), endpoints, ETag.expected(request)));
    }

    private Response previewEndpoints(Caller caller, Request request) {
        List<Endpoint> endpoints = endpoints(request.json(EndpointList.class).endpoints(), name(request));
        ApiEdit edit = ApiEdit.of(apis.find(caller, name(request))).withEndpoints(endpoints);
        return Response.json(200, ChangePreview.of(apis.preview(caller, name(request), edit)));
    }

    private Response policy(Caller caller, Request request) {
        Api api = apis.find(caller, name(request));
        AccessPolicy now = policy.get();
        List<PolicyRole> roles = now.roles().stream()
                .map(role -> new PolicyRole(
                        role.name(),
                        now.effective(role.name()).all().stream()
                                .filter(privilege -> privilege.api().equals(api.name()))
                                .map(Privilege::name)
                                .toList()))
                .toList();
        Response response = Response.json(
                200,
                new ApiPolicy(
                        api.name(),
                        api.audience(),
                        api.basePath(),
                        PathCharacter.spellings(api.endpoints().pathCharacters()),
                        api.endpoints().all().stream().map(EndpointBody::of).toList(),
                        roles));
        return ETag.unlessKnown(request, response);
    }

    private Response removeEndpoint(Caller caller, Request request) {
        String method = request.query()
                .text("method")
                .orElseThrow(() -> Problem.invalid("method", "Say which endpoint: its method."));
        String path = request.query()
                .text("path")
                .orElseThrow(() -> Problem.invalid("path", "Say which endpoint: its path."));
        return reply(200, apis.removeEndpoint(caller, name(request), method, path, ETag.expected(request)));
    }

    private static Response reply(int status, Api api) {
        return ETag.on(Response.json(status, reply(api)), api.version());
    }

    private static ApiReply reply(Api api) {
        return new ApiReply(
                api.name(),
                api.description(),
                api.audience(),
                api.hosts(),
                api.basePath(),
                PathCharacter.spellings(api.endpoints().pathCharacters()),
                api.privileges().entrySet().stream()
                        .map(entry -> new ApiPrivilege(entry.getKey(), entry.getValue()))
                        .toList(),
                api.scopes(),
                api.endpoints().count(),
                "deny",
                api.createdAt(),
                api.createdBy());
    }

    private static List<Endpoint> endpoints(Collection<EndpointBody> bodies, String api) {
        return bodies.stream().map(body -> body.toEndpoint(api)).toList();
    }

    private static SortedMap<String, String> privileges(@Nullable List<ApiPrivilege> given) {
        SortedMap<String, String> privileges = new TreeMap<>();
        if (given != null) {
            given.forEach(privilege -> privileges.put(privilege.name(), text(privilege.description())));
        }
        return privileges;
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static String search(Request request) {
        return request.query().text("search").orElse("").toLowerCase(Locale.ROOT);
    }

    private static String name(Request request) {
        return request.pathParameter("api");
    }
}
