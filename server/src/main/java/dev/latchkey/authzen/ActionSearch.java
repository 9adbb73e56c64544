package dev.latchkey.authzen;

import dev.latchkey.access.Api;
import dev.latchkey.access.Caller;
import dev.latchkey.apitoken.Credentials;
import dev.latchkey.authzen.Question.Resource;
import dev.latchkey.authzen.Question.Subject;
import dev.latchkey.gate.Asker;
import dev.latchkey.gate.DecisionRecorder;
import dev.latchkey.gate.Foresight;
import dev.latchkey.gate.Foresight.Standing;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import java.util.Map;
import java.util.SortedSet;

/** Which methods are open to this token, or to this role, on a path or at an endpoint? (AuthZEN section 8.6) */
final class ActionSearch {
    private final Foresight foresight;
    private final Credentials credentials;

    ActionSearch(Foresight foresight, Credentials credentials) {
        this.foresight = foresight;
        this.credentials = credentials;
    }

    Response answer(Caller caller, Request request) {
        Sent body = Sent.body(request);
        Subject subject = Subject.read(body.object("subject"), null);
        Resource resource = Resource.read(body.object("resource"), null);
        String address = Question.address(body.objectIfPresent("context"), null);
        ResultPage page = ResultPage.read(
                body, 1, "action", subject.type(), subject.id(), resource.type(), resource.id(), address);
        if (!subject.isKnown() || !resource.isKnown()) {
            return page.nothing();
        }
        Asker.of(caller, credentials).requireAbout(resource.api());
        Foresight.Look look = foresight.look();
        Api api = look.api(resource.api()).orElse(null);
        if (api == null) {
            return page.nothing();
        }
        Standing standing = new Judge(look, DecisionRecorder.NONE)
                .standing(subject, address)
                .orElseThrow();
        SortedSet<String> methods = api.endpoints().methods();
        methods.removeIf(method -> !look.allows(api, Judge.meaning(api, method, resource), standing));
        return page.ofNames(methods, method -> Map.of("name", method));
    }
}
