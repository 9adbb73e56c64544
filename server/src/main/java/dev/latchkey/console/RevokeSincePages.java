package dev.latchkey.console;

import dev.latchkey.apitoken.RevocationSince;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.problem.Problem;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;

/** Ending all tokens that were used or created since a time: first how many that are, then whether it is meant. */
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
                        LostList.REVOKE_PATH,
                        pages.shown(visit ->
                                page(visit, 200, Form.of(visit.request().query()))))
                .add("POST", LostList.REVOKE_PATH, pages.sent(this::revoke));
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
                throw Problem.invalid("sure", "Tick this first.");
            }
            boolean more = revocation
                    .revoke(visit.caller(), since, visit.field("reason"))
                    .more();
            return Response.seeOther(
                    more
                            ? LostList.REVOKE_PATH + "?done=some-ended-since&since="
                                    + URLEncoder.encode(visit.field("since"), StandardCharsets.UTF_8)
                            : LostList.PATH + "?done=ended-since");
        } catch (Problem problem) {
            if (problem.status() != 422) {
                throw problem;
            }
            return page(visit, 422, Form.refused(visit.form(), problem));
        }
    }

    /** A browser's field for a date and a time knows no zone; all times of the console are in UTC. */
    private static Instant since(String typed) {
        try {
            LocalDateTime time = LocalDateTime.parse(typed);
            if (time.getYear() >= 0 && time.getYear() <= 9_999) {
                return time.toInstant(ZoneOffset.UTC);
            }
        } catch (DateTimeException e) {
            // answered below, like a year that nobody means
        }
        throw Problem.invalid("since", "Give a date and a time, such as 2026-01-31T12:00.");
    }
}
