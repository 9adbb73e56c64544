package dev.latchkey.authzen;

import dev.latchkey.access.Caller;
import dev.latchkey.apitoken.Credentials;
import dev.latchkey.authzen.Question.Defaults;
import dev.latchkey.gate.Asker;
import dev.latchkey.gate.DecisionRecorder;
import dev.latchkey.gate.Foresight;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.problem.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Decides one question, or several in one request (AuthZEN sections 6 and 7). */
final class Evaluations {
    /** So many questions may be in one request. */
    static final int MOST = 100;

    private final Foresight foresight;
    private final Credentials credentials;
    private final DecisionRecorder recorder;

    Evaluations(Foresight foresight, Credentials credentials, DecisionRecorder recorder) {
        this.foresight = foresight;
        this.credentials = credentials;
        this.recorder = recorder;
    }

    /** After which decision the questions that follow are left unanswered (section 7.1.2.1). */
    private enum Semantic {
        EXECUTE_ALL,
        DENY_ON_FIRST_DENY,
        PERMIT_ON_FIRST_PERMIT;

        static Semantic of(Sent body) {
            Sent options = body.objectIfPresent("options");
            String name = options == null ? null : options.textIfPresent("evaluations_semantic");
            return switch (name) {
                case null -> EXECUTE_ALL;
                case "execute_all" -> EXECUTE_ALL;
                case "deny_on_first_deny" -> DENY_ON_FIRST_DENY;
                case "permit_on_first_permit" -> PERMIT_ON_FIRST_PERMIT;
                default ->
                    throw Problem.badRequest("options.evaluations_semantic: Send execute_all, deny_on_first_deny or"
                            + " permit_on_first_permit.");
            };
        }

        boolean endsWith(boolean decision) {
            return switch (this) {
                case EXECUTE_ALL -> false;
                case DENY_ON_FIRST_DENY -> !decision;
                case PERMIT_ON_FIRST_PERMIT -> decision;
            };
        }
    }

    Response one(Caller caller, Request request) {
        return answer(caller, Sent.body(request));
    }

    Response several(Caller caller, Request request) {
        Sent body = Sent.body(request);
        List<?> questions = body.listIfPresent("evaluations");
        if (questions == null || questions.isEmpty()) {
            return answer(caller, body);
        }
        if (questions.size() > MOST) {
            throw Problem.badRequest("evaluations: Send at most " + MOST + " evaluations in one request.");
        }
        Defaults defaults = Defaults.of(body);
        Semantic semantic = Semantic.of(body);
        Asker asker = Asker.of(caller, credentials);
        Judge judge = new Judge(foresight.look(), recorder);
        List<Verdict> verdicts = new ArrayList<>(questions.size());
        for (int i = 0; i < questions.size(); i++) {
            Verdict verdict = verdict(asker, judge, questions.get(i), i, defaults);
            verdicts.add(verdict);
            if (semantic.endsWith(verdict.decision())) {
                break;
            }
        }
        return Response.json(200, Map.of("evaluations", verdicts));
    }

    private static Verdict verdict(Asker asker, Judge judge, @Nullable Object sent, int index, Defaults defaults) {
        try {
            return verdict(asker, judge, Question.read(Sent.element(sent, "evaluations", index), defaults));
        } catch (Problem problem) {
            if (problem.status() / 100 == 4) {
                return Verdict.unanswered(problem);
            }
            throw problem;
        }
    }

    private Response answer(Caller caller, Sent body) {
        Question question = Question.read(body);
        return Response.json(
                200, verdict(Asker.of(caller, credentials), new Judge(foresight.look(), recorder), question));
    }

    private static Verdict verdict(Asker asker, Judge judge, Question question) {
        if (question.resource().isKnown()) {
            asker.requireAbout(question.resource().api());
        }
        return judge.verdict(question);
    }
}
