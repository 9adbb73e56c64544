package dev.latchkey.authzen;

import static dev.latchkey.access.ManagementApi.ROLES_READ;
import static dev.latchkey.access.ManagementApi.TOKENS_READ;

import dev.latchkey.access.Api;
import dev.latchkey.access.Caller;
import dev.latchkey.access.Meaning;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.Credentials;
import dev.latchkey.apitoken.TokensByRole;
import dev.latchkey.authzen.Question.Resource;
import dev.latchkey.authzen.Question.Subject;
import dev.latchkey.gate.Asker;
import dev.latchkey.gate.Foresight;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Which tokens that work, or which roles, may do this? (AuthZEN section 8.4) */
final class SubjectSearch {
    private final Foresight foresight;
    private final Credentials credentials;
    private final TokensByRole tokensByRole;

    SubjectSearch(Foresight foresight, Credentials credentials, TokensByRole tokensByRole) {
        this.foresight = foresight;
        this.credentials = credentials;
        this.tokensByRole = tokensByRole;
    }

    Response answer(Caller caller, Request request) {
        Sent body = Sent.body(request);
        String type = body.object("subject").text("type");
        String action = Question.action(body.object("action"), null);
        Resource resource = Resource.read(body.object("resource"), null);
        String address = Question.address(body.objectIfPresent("context"), null);
        boolean tokens = type.equals(Subject.TOKEN);
        ResultPage page =
                ResultPage.read(body, tokens ? 2 : 1, "subject", type, action, resource.type(), resource.id(), address);
        if (!resource.isKnown() || !(tokens || type.equals(Subject.ROLE))) {
            return page.nothing();
        }
        Asker asker = Asker.of(caller, credentials);
        asker.requireAbout(resource.api());
        asker.require(tokens ? TOKENS_READ : ROLES_READ);
        Foresight.Look look = foresight.look();
        Api api = look.api(resource.api()).orElse(null);
        if (api == null) {
            return page.nothing();
        }
        Meaning meaning = Judge.meaning(api, action, resource);
        SortedSet<String> roles = new TreeSet<>();
        for (String role : look.roles()) {
            if (look.allows(api, meaning, look.role(role))) {
                roles.add(role);
            }
        }
        return tokens
                ? tokens(caller, page, roles, apiToken -> look.allows(api, meaning, look.token(apiToken, address)))
                : page.ofNames(roles, role -> new Subject(Subject.ROLE, role).written());
    }

    private Response tokens(Caller caller, ResultPage page, SortedSet<String> roles, Predicate<ApiToken> works) {
        TokensByRole.Place from = page.from().isEmpty()
                ? null
                : new TokensByRole.Place(page.from().getFirst(), page.from().getLast());
        TokensByRole.Step step = tokensByRole.step(caller, roles, from, page.limit(), works);
        TokensByRole.Place next = step.next();
        return page.answer(
                step.found().stream().map(SubjectSearch::written).toList(),
                next == null ? null : List.of(next.role(), next.clientId()));
    }

    private static Map<String, Object> written(ApiToken apiToken) {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("description", apiToken.description());
        properties.put("role", apiToken.role());
        Map<String, Object> written = new Subject(Subject.TOKEN, apiToken.clientId()).written();
        written.put("properties", properties);
        return written;
    }
}
