package dev.latchkey.authzen;

import static dev.latchkey.access.ManagementApi.DECISIONS_ASK;

import dev.latchkey.access.ManagementApi;
import dev.latchkey.apitoken.Credentials;
import dev.latchkey.apitoken.TokensByRole;
import dev.latchkey.gate.DecisionRecorder;
import dev.latchkey.gate.Foresight;
import dev.latchkey.gate.Guard;
import dev.latchkey.http.BasePath;
import dev.latchkey.http.Handler;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.management.Operation;
import dev.latchkey.usage.Called;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The OpenID AuthZEN Authorization API 1.0, another door to the decisions of the gate: {@code /access/v1/evaluation} and
 * {@code evaluations}, the three searches, and the metadata that leads there. Callers need the privilege {@code decisions:ask}.
 */
public final class AuthzenApi {
    public static final String EVALUATION = "/access/v1/evaluation";
    public static final String EVALUATIONS = "/access/v1/evaluations";
    private static final String SUBJECTS = "/access/v1/search/subject";
    private static final String RESOURCES = "/access/v1/search/resource";
    private static final String ACTIONS = "/access/v1/search/action";
    private static final String METADATA = "/.well-known/authzen-configuration";

    private final Guard guard;
    private final String issuer;
    private final Evaluations evaluations;
    private final SubjectSearch subjects;
    private final ResourceSearch resources;
    private final ActionSearch actions;
    private final Replies replies = new Replies();

    /** @param issuer Latchkey's own public base URL */
    public AuthzenApi(
            Guard guard,
            Foresight foresight,
            Credentials credentials,
            TokensByRole tokensByRole,
            String issuer,
            DecisionRecorder recorder) {
        this.guard = guard;
        this.issuer = issuer;
        evaluations = new Evaluations(foresight, credentials, recorder);
        subjects = new SubjectSearch(foresight, credentials, tokensByRole);
        resources = new ResourceSearch(foresight, credentials);
        actions = new ActionSearch(foresight, credentials);
    }

    /** Adds what programs wait for with each of their calls: it is answered from memory. */
    public void addEvaluationsTo(Routes.Builder routes) {
        routes.refusing(replies, own -> {
            own.add("POST", EVALUATION, guarded(EVALUATION, evaluations::one));
            own.add("POST", EVALUATIONS, guarded(EVALUATIONS, evaluations::several));
        });
        Map<String, Object> metadata = metadata();
        Handler answer = request -> Response.json(200, metadata).with("Cache-Control", "public, max-age=300");
        routes.add("GET", METADATA, answer);
        BasePath base = BasePath.of(issuer);
        if (!base.isRoot()) {
            // Section 9.2: the well-known name comes before the path.
            routes.add("GET", METADATA + base.path(), answer);
        }
    }

    /** Adds the searches, which read the database or look through many endpoints. */
    public void addSearchesTo(Routes.Builder routes) {
        routes.refusing(replies, own -> {
            own.add("POST", SUBJECTS, guarded(SUBJECTS, subjects::answer));
            own.add("POST", RESOURCES, guarded(RESOURCES, resources::answer));
            own.add("POST", ACTIONS, guarded(ACTIONS, actions::answer));
        });
    }

    private Handler guarded(String path, Operation.Guarded handler) {
        return Replies.around(guard.protect(new Called(ManagementApi.NAME, "POST", path), DECISIONS_ASK, handler));
    }

    /** Section 9.1. */
    private Map<String, Object> metadata() {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("policy_decision_point", issuer);
        metadata.put("access_evaluation_endpoint", issuer + EVALUATION);
        metadata.put("access_evaluations_endpoint", issuer + EVALUATIONS);
        metadata.put("search_subject_endpoint", issuer + SUBJECTS);
        metadata.put("search_resource_endpoint", issuer + RESOURCES);
        metadata.put("search_action_endpoint", issuer + ACTIONS);
        return metadata;
    }
}
