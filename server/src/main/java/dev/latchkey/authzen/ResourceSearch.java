package dev.latchkey.authzen;

import static dev.latchkey.access.ManagementApi.APIS_READ;
import static dev.latchkey.access.ManagementApi.ROLES_READ;
import static dev.latchkey.access.ManagementApi.TOKENS_READ;

import dev.latchkey.access.Api;
import dev.latchkey.access.Caller;
import dev.latchkey.access.Endpoint;
import dev.latchkey.apitoken.Credentials;
import dev.latchkey.authzen.Question.Resource;
import dev.latchkey.authzen.Question.Subject;
import dev.latchkey.gate.Asker;
import dev.latchkey.gate.DecisionRecorder;
import dev.latchkey.gate.Foresight;
import dev.latchkey.gate.Foresight.Standing;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Which endpoints are open to this token, or to this role? (AuthZEN section 8.5) */
final class ResourceSearch {
    /** Stands for any action. No endpoint has a method of this name. */
    private static final String ANY = "*";

    private final Foresight foresight;
    private final Credentials credentials;

    ResourceSearch(Foresight foresight, Credentials credentials) {
        this.foresight = foresight;
        this.credentials = credentials;
    }

    /** An endpoint's path with the methods that are open there, of those that were asked about. */
    private record Opening(Api api, String path, List<String> methods) {
        List<String> place() {
            return List.of(api.name(), path);
        }

        Map<String, Object> written(boolean withMethods) {
            Map<String, Object> written = new LinkedHashMap<>();
            written.put("type", Resource.ENDPOINT);
            written.put("id", api.name() + api.basePath() + path);
            if (withMethods) {
                written.put("properties", Map.of("methods", methods));
            }
            return written;
        }
    }

    Response answer(Caller caller, Request request) {
        Sent body = Sent.body(request);
        Subject subject = Subject.read(body.object("subject"), null);
        String action = Question.action(body.object("action"), null);
        String type = body.object("resource").text("type");
        String address = Question.address(body.objectIfPresent("context"), null);
        ResultPage page = ResultPage.read(body, 2, "resource", subject.type(), subject.id(), action, type, address);
        // The number of paths has no limit.
        if (!type.equals(Resource.ENDPOINT) || !subject.isKnown()) {
            return page.nothing();
        }
        Asker asker = Asker.of(caller, credentials);
        asker.require(subject.type().equals(Subject.TOKEN) ? TOKENS_READ : ROLES_READ);
        if (asker.actsFor() == null) {
            asker.require(APIS_READ);
        }
        Foresight.Look look = foresight.look();
        Standing standing = new Judge(look, DecisionRecorder.NONE)
                .standing(subject, address)
                .orElseThrow();
        boolean any = action.equals(ANY);
        Stream<Opening> openings = look.apis().stream()
                .filter(api -> asker.mayAskAbout(api.name()))
                .filter(api -> page.from().isEmpty()
                        || api.name().compareTo(page.from().getFirst()) >= 0)
                .flatMap(api -> openings(look, api, any ? api.endpoints().methods() : List.of(action), standing, page));
        return page.of(openings, Opening::place, opening -> opening.written(any));
    }

    private static Stream<Opening> openings(
            Foresight.Look look, Api api, Collection<String> methods, Standing standing, ResultPage page) {
        boolean goesOn = !page.from().isEmpty() && api.name().equals(page.from().getFirst());
        return api.endpoints().all().stream()
                .map(Endpoint::path)
                .filter(path -> !goesOn || path.compareTo(page.from().getLast()) > 0)
                .distinct()
                .map(path -> new Opening(
                        api,
                        path,
                        methods.stream()
                                .filter(method -> look.allows(
                                        api, api.endpoints().named(method, api.basePath() + path), standing))
                                .toList()))
                .filter(opening -> !opening.methods().isEmpty());
    }
}
