package dev.latchkey.console;

import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.problem.Problem;
import dev.latchkey.signing.SigningKeys;
import dev.latchkey.signing.SigningKeysApi;
import java.time.Duration;
import java.util.Map;

/** Signing keys: where each is in its life, how they follow each other, and the emergency exit. */
final class SigningKeyPages {
    private static final String SECTION = "signing-keys";

    private final Pages pages;
    private final SigningKeys keys;

    SigningKeyPages(Pages pages, SigningKeys keys) {
        this.pages = pages;
        this.keys = keys;
    }

    void addTo(Routes.Builder routes) {
        routes.add("GET", "/signing-keys", pages.shown(visit -> listPage(visit, 200, Form.EMPTY)))
                .add("POST", "/signing-keys/rotate", pages.sent(this::rotate))
                .add("POST", "/signing-keys/policy", pages.sent(this::save))
                .add(
                        "GET",
                        "/signing-keys/{keyId}/withdraw",
                        pages.shown(visit -> withdrawPage(visit, 200, Form.EMPTY)))
                .add("POST", "/signing-keys/{keyId}/withdraw", pages.sent(this::withdraw));
    }

    private Response listPage(Visit visit, int status, Form form) {
        return pages.page(
                visit,
                status,
                "Signing keys",
                SECTION,
                "signing-keys/list",
                Map.of("keys", keys.list(visit.caller()), "policy", keys.policy(visit.caller()), "form", form));
    }

    private Response rotate(Visit visit) {
        try {
            keys.rotate(visit.caller(), null, Duration.ofMinutes(visit.wholeNumber("leadMinutes")));
        } catch (Problem problem) {
            return listPage(visit, RolePages.refusal(problem), Form.refused(visit.form(), problem));
        }
        return Response.seeOther("/signing-keys?done=key-announced");
    }

    private Response save(Visit visit) {
        try {
            keys.change(
                    visit.caller(),
                    SigningKeysApi.algorithm(visit.field("algorithm")),
                    visit.wholeNumber("rotationDays"),
                    visit.version("signing policy"));
        } catch (Problem problem) {
            return listPage(visit, RolePages.refusal(problem), Form.refused(visit.form(), problem));
        }
        return Response.seeOther("/signing-keys?done=signing-policy-saved");
    }

    private Response withdrawPage(Visit visit, int status, Form form) {
        return pages.page(
                visit,
                status,
                "Withdraw a signing key",
                SECTION,
                "signing-keys/withdraw",
                Map.of("listed", keys.find(visit.caller(), visit.path("keyId")), "form", form));
    }

    private Response withdraw(Visit visit) {
        try {
            keys.withdraw(visit.caller(), visit.path("keyId"), visit.field("reason"));
        } catch (Problem problem) {
            return withdrawPage(visit, RolePages.refusal(problem), Form.refused(visit.form(), problem));
        }
        return Response.seeOther("/signing-keys?done=key-withdrawn");
    }
}
