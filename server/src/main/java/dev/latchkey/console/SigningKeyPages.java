package dev.latchkey.console;

import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.signing.SigningKey;
import dev.latchkey.signing.SigningKeys;
import dev.latchkey.signing.SigningKeysApi;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Signing keys: their states, how they are rotated, and withdrawal in an emergency. */
final class SigningKeyPages {
    private static final String PATH = "/signing-keys";

    private final Pages pages;
    private final SigningKeys keys;

    SigningKeyPages(Pages pages, SigningKeys keys) {
        this.pages = pages;
        this.keys = keys;
    }

    void addTo(Routes.Builder routes) {
        routes.add("GET", PATH, pages.shown(visit -> page(visit, 200, "Signing keys", Form.EMPTY, Map.of())))
                .add("GET", PATH + "/rotate", pages.shown(visit -> rotatePage(visit, 200, Form.EMPTY)))
                .add("POST", PATH + "/rotate", pages.sent(this::rotate, this::rotatePage))
                .add("GET", PATH + "/policy", pages.shown(visit -> policyPage(visit, 200, Form.EMPTY)))
                .add("POST", PATH + "/policy", pages.sent(this::save, this::policyPage))
                .add("GET", PATH + "/{keyId}/withdraw", pages.shown(visit -> withdrawPage(visit, 200, Form.EMPTY)))
                .add("POST", PATH + "/{keyId}/withdraw", pages.sent(this::withdraw, this::withdrawPage));
    }

    /** The list, with or without a dialog over it. */
    private Response page(Visit visit, int status, String title, Form form, Map<String, Object> dialog) {
        List<SigningKeys.Listed> listed = keys.list(visit.caller());
        Optional<SigningKey> next = listed.stream()
                .filter(each -> each.state() == SigningKey.State.NEXT)
                .map(SigningKeys.Listed::key)
                .findFirst();
        Map<String, Object> parameters = new HashMap<>(dialog);
        parameters.put("keys", listed);
        parameters.put("policy", keys.policy(visit.caller()));
        parameters.put("announced", next.isPresent());
        parameters.put(
                "atItsSoonest", next.filter(SigningKeyPages::isAtItsSoonest).isPresent());
        parameters.put("form", form);
        return pages.page(visit, status, title, "signing-keys", "signing-keys/list", parameters);
    }

    private static boolean isAtItsSoonest(SigningKey next) {
        return !next.signsFrom().isAfter(next.createdAt().plus(SigningKeys.LEAST_ANNOUNCED));
    }

    private Response rotatePage(Visit visit, int status, Form form) {
        return page(visit, status, "Rotate the signing key", form, Map.of("dialog", "rotate"));
    }

    private Response rotate(Visit visit) {
        keys.rotate(visit.caller(), null, Duration.ofMinutes(visit.wholeNumber("leadMinutes")));
        return Response.seeOther(Notice.KEY_ANNOUNCED.at(PATH));
    }

    private Response policyPage(Visit visit, int status, Form form) {
        return page(visit, status, "Rotation policy", form, Map.of("dialog", "policy"));
    }

    private Response save(Visit visit) {
        keys.change(
                visit.caller(),
                SigningKeysApi.algorithm(visit.field("algorithm")),
                visit.wholeNumber("rotationDays"),
                visit.version("signing policy"));
        return Response.seeOther(Notice.SIGNING_POLICY_SAVED.at(PATH));
    }

    private Response withdrawPage(Visit visit, int status, Form form) {
        SigningKeys.Listed listed = keys.find(visit.caller(), visit.path("keyId"));
        return page(visit, status, "Withdraw a signing key", form, Map.of("dialog", "withdraw", "listed", listed));
    }

    private Response withdraw(Visit visit) {
        keys.withdraw(visit.caller(), visit.path("keyId"), visit.field("reason"));
        return Response.seeOther(Notice.KEY_WITHDRAWN.at(PATH));
    }
}
