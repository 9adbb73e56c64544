package dev.latchkey.gate;

import static dev.latchkey.access.ManagementApi.ROLES_READ;

import dev.latchkey.access.Api;
import dev.latchkey.access.Caller;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Explanation;
import dev.latchkey.access.Explanation.Need;
import dev.latchkey.access.Explanation.Remedy;
import dev.latchkey.access.Meaning;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.management.Doc;
import dev.latchkey.management.Operation;
import dev.latchkey.management.OwnApi;
import dev.latchkey.management.Tag;
import dev.latchkey.problem.Problem;
import dev.latchkey.registry.CurrentPolicy;
import java.time.Clock;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The management API's call that explains a decision. */
public final class ExplainApi {
    private final List<Operation> all;
    private final Api management;
    private final Explainer explainer;

    /**
     * Completes the management API: this operation can explain every other one and itself.
     *
     * @param others all other operations
     * @param audience the audience of the management API
     */
    public ExplainApi(CurrentPolicy policy, ApiTokens apiTokens, List<Operation> others, String audience, Clock clock) {
        this.all = Stream.concat(others.stream(), Stream.of(operation())).toList();
        this.management = OwnApi.of(all, audience);
        this.explainer = new Explainer(policy, apiTokens, management, clock);
    }

    /** All operations of the management API. */
    public List<Operation> allOperations() {
        return all;
    }

    /** The management API as an API among others. */
    public Api managementApi() {
        return management;
    }

    public Explainer explainer() {
        return explainer;
    }

    /** A change that would allow the request. */
    public record RemedyReply(
            @Doc("stop_denying, allow or grant") String kind,
            @Doc("The role to change") String role,

            @Doc("The privilege to allow, or to stop denying") @Nullable String privilege,

            @Doc("The role to grant to it") @Nullable String grantedRole) {

        static RemedyReply of(Remedy remedy) {
            return switch (remedy) {
                case Remedy.StopDenying deny ->
                    new RemedyReply(
                            "stop_denying", deny.role(), deny.privilege().name(), null);
                case Remedy.Allow allow ->
                    new RemedyReply("allow", allow.role(), allow.privilege().name(), null);
                case Remedy.Grant grant -> new RemedyReply("grant", grant.role(), null, grant.granted());
            };
        }
    }

    /** A decision with its reasons. */
    public record ExplanationReply(
            String api,
            @Doc("allow or deny") String decision,
            @Doc("One sentence") String reason,
            String role,

            @Doc("The API token, if the question named one") @Nullable String clientId,

            @Doc("The endpoint that the request matches, such as GET /invoices/{id}") @Nullable String endpoint,

            @Doc("The privilege that decides: the first that is missing or, if none is, the first that is needed")
            @Nullable String privilege,

            @Doc("The roles of the active role set that allow the privilege")
            List<String> givenBy,

            @Doc("The roles of the active role set that deny it")
            List<String> deniedBy,

            @Doc("All privileges that the endpoint needs") List<NeedReply> needs,

            @Doc("Changes that would allow the request, the smallest first; each missing privilege needs its own")
            List<RemedyReply> remedies) {}

    /** A privilege that the endpoint needs. */
    public record NeedReply(
            String privilege,
            @Doc("Whether the role has it") boolean held,
            List<String> givenBy,
            List<String> deniedBy) {
        static NeedReply of(Need need) {
            return new NeedReply(
                    need.privilege().name(), need.held(), List.copyOf(need.givenBy()), List.copyOf(need.deniedBy()));
        }
    }

    private Operation operation() {
        return Operation.get("/explain")
                .id("explain")
                .tag(Tag.DECISIONS)
                .needs(ROLES_READ)
                .summary("Explain a decision")
                .description(
                        "Tells which endpoint a request matches, what it needs, which roles allow or deny that, and what would"
                                + " change the answer. Send either a token (which also needs tokens:read) or a role.")
                .query("api", "The API's name")
                .query("method", "The request's method (default: GET)")
                .query("path", "The request's path, including the API's base path")
                .query("token", "A client id")
                .query("role", "A role's name")
                .answers(ExplanationReply.class)
                .by(this::explain);
    }

    private Response explain(Caller caller, Request request) {
        Explainer.Answer answer = explainer.explain(caller, question(request));
        Explanation explanation = answer.explanation();
        Meaning meaning = explanation.meaning();
        List<NeedReply> needs = explanation.needs().stream().map(NeedReply::of).toList();
        NeedReply first = needs.stream()
                .filter(need -> !need.held())
                .findFirst()
                .orElse(needs.isEmpty() ? null : needs.getFirst());
        return Response.json(
                200,
                new ExplanationReply(
                        explanation.api().name(),
                        answer.allowed() ? "allow" : "deny",
                        answer.sentence(),
                        explanation.role(),
                        answer.apiToken() == null ? null : answer.apiToken().clientId(),
                        meaning instanceof Endpoint endpoint ? endpoint.name() : null,
                        first == null ? null : first.privilege(),
                        first == null ? List.of() : first.givenBy(),
                        first == null ? List.of() : first.deniedBy(),
                        needs,
                        explanation.remedies().stream().map(RemedyReply::of).toList()));
    }

    private static Explainer.Question question(Request request) {
        return new Explainer.Question(
                required(request, "api"),
                request.query().text("method").orElse("GET"),
                required(request, "path"),
                request.query().text("token").orElse(null),
                request.query().text("role").orElse(null));
    }

    private static String required(Request request, String name) {
        return request.query().text(name).orElseThrow(() -> Problem.invalid(name, "This parameter is missing."));
    }
}
