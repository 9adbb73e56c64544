package dev.latchkey.console;

import dev.latchkey.apitoken.RevocationSince;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.problem.Problem;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;

/** Ends all tokens used or created since a given time: first it says how many they are, then it asks. */
final class RevokeSincePages {
    private final Pages pages;
    private final RevocationSince revocation;

    RevokeSincePages(Pages pages, RevocationSince revocation) {
        this.pages = pages;
        this.revocation = revocation;
    }

    void addTo(Routes.Builder routes) {
        routes.add(
                        "GET",
                        Links.END_TOKENS,
                        pages.shown(visit ->
                                page(visit, 200, Form.of(visit.request().query()))))
                .add("POST", Links.END_TOKENS, pages.sent(this::revoke));
    }

    private Response page(Visit visit, int status, Form form) {
        RevocationSince.require(visit.caller());
        Map<String, Object> parameters = new HashMap<>(Map.of("form", form));
        int answer = status;
        if (!form.value("since").isEmpty() && form.error("since") == null) {
            try {
                Instant since = since(form.value("since"));
                parameters.put("count", revocation.count(visit.caller(), since));
                parameters.put("since", since);
            } catch (Problem problem) {
                if (problem.status() != 422) {
                    throw problem;
                }
                answer = 422;
                parameters.put("form", Form.refused(form.values(), problem));
            }
        }
        return pages.page(visit, answer, "End tokens", "audit", "audit/revoke", parameters);
    }

    private Response revoke(Visit visit) {
        try {
            Instant since = since(visit.field("since"));
            if (!visit.form().has("sure")) {
                throw Problem.invalid("sure", "Tick this box first.");
            }
            boolean more = revocation
                    .revoke(visit.caller(), since, visit.field("reason"))
                    .more();
            return Response.seeOther(
                    more
                            ? Notice.SOME_ENDED_SINCE.at(Links.endTokens(since))
                            : Notice.ENDED_SINCE.at(Links.LOST_CHANGES));
        } catch (Problem problem) {
            if (problem.status() != 422) {
                throw problem;
            }
            return page(visit, 422, Form.refused(visit.form(), problem));
        }
    }

    /** The date and time field of a browser has no time zone; all times of the console are in UTC. */
    private static Instant since(String typed) {
        try {
            LocalDateTime time = LocalDateTime.parse(typed);
            if (time.getYear() >= 0 && time.getYear() <= 9_999) {
                return time.toInstant(ZoneOffset.UTC);
            }
        } catch (DateTimeException e) {
            // Refused below, like a year out of range.
        }
        throw Problem.invalid("since", "Enter a date and a time, such as 2026-01-31T12:00.");
    }
}
