package dev.latchkey.authzen;

import dev.latchkey.access.Api;
import dev.latchkey.access.Meaning;
import dev.latchkey.authzen.Question.Resource;
import dev.latchkey.authzen.Question.Subject;
import dev.latchkey.gate.Answer;
import dev.latchkey.gate.Decision;
import dev.latchkey.gate.DecisionRecorder;
import dev.latchkey.gate.Foresight;
import dev.latchkey.gate.Foresight.Standing;
import dev.latchkey.limit.Taken;
import dev.latchkey.problem.Text;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Answers the questions of one request, all of them at one moment. No API token is looked up twice. */
final class Judge {
    private static final String NOT_VALID = "The credential is not valid.";

    private final Foresight.Look look;
    private final DecisionRecorder recorder;
    private final Map<Asked, Standing> standings = new HashMap<>();

    /** An API token that was looked up, for a program at an address. */
    private record Asked(String clientId, @Nullable String address) {}

    /** @param recorder records each decision */
    Judge(Foresight.Look look, DecisionRecorder recorder) {
        this.look = look;
        this.recorder = recorder;
    }

    Verdict verdict(Question question) {
        Resource resource = question.resource();
        if (!resource.isKnown()) {
            return no("unknown_type", "The type of the resource must be path or endpoint.");
        }
        Standing standing = standing(question.subject(), question.address()).orElse(null);
        if (standing == null) {
            return no("unknown_type", "The type of the subject must be token or role.");
        }
        Api api = look.api(resource.api()).orElse(null);
        if (api == null) {
            return no("no_api", "The API " + Text.quote(resource.api()) + " was not found.");
        }
        Decision decision = look.decide(api, meaning(api, question.action(), resource), standing);
        recorder.decided(DecisionRecorder.Asking.AUTHZEN, decision);
        return switch (decision) {
            case Decision.Allowed allowed -> Verdict.YES;
            case Decision.Unauthenticated unauthenticated ->
                Verdict.no(
                        standing instanceof Standing.Bad bad ? bad.code() : "invalid_token",
                        401,
                        unauthenticated.reason(),
                        NOT_VALID);
            case Decision.Forbidden forbidden -> no(Answer.MISSING_PRIVILEGE, Answer.sentence(forbidden));
            // Questions take nothing out of limits, so none of them refuses.
            case Decision.Limited limited -> no(Taken.CODE, limited.limit().sentence());
            case Decision.Refused refused -> no(refused.code(), refused.reason());
        };
    }

    /** A gateway tells the program itself the same. */
    private static Verdict no(String code, String reason) {
        return Verdict.no(code, 403, reason, reason);
    }

    /** Where the subject stands; empty for a type that is not known. */
    Optional<Standing> standing(Subject subject, @Nullable String address) {
        return switch (subject.type()) {
            case Subject.TOKEN ->
                Optional.of(standings.computeIfAbsent(
                        new Asked(subject.id(), address), asked -> look.token(asked.clientId(), asked.address())));
            case Subject.ROLE -> Optional.of(look.role(subject.id()));
            default -> Optional.empty();
        };
    }

    /** Which endpoint of the API is meant. */
    static Meaning meaning(Api api, String method, Resource resource) {
        return resource.type().equals(Resource.ENDPOINT)
                ? api.endpoints().named(method, resource.path())
                : api.endpoints().find(method, resource.path());
    }
}
