package dev.latchkey.apitoken;

import dev.latchkey.access.ManagementApi;
import dev.latchkey.crypto.Secret;
import dev.latchkey.event.Origin;
import dev.latchkey.http.Handler;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.http.Throttle;
import dev.latchkey.management.Doc;
import dev.latchkey.management.Line;
import dev.latchkey.problem.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /api/v1/leaks}: takes a secret that was found in the wrong place, from anyone. The answer is the same whether or not
 * the secret is live: its finder could learn that by using it, but not from a report.
 */
public final class LeakReports implements Handler {
    public static final String PATH = ManagementApi.BASE_PATH + "/leaks";

    private static final int MAX_PLACE = 300;
    private static final int FREE_REPORTS = 100;

    private final Secrets secrets;

    /** Each report costs work, so they are limited. */
    private final Throttle perAddress;

    public LeakReports(Secrets secrets) {
        this.secrets = secrets;
        this.perAddress = new Throttle(FREE_REPORTS, System::nanoTime);
    }

    /** A find. */
    public record Report(
            String secret,

            @Doc("Where it was found, such as an address; at most 300 characters") @Nullable String foundAt) {
        @Override
        public String toString() {
            return "Report";
        }
    }

    @Override
    public Response handle(Request request) {
        Duration wait = perAddress.attempt(Throttle.network(request.remoteAddress()));
        if (wait.isPositive()) {
            throw new Problem(429, "slow_down", "Too many reports from this address. Try again later.")
                    .withHeader("Retry-After", Long.toString(wait.toSeconds() + 1));
        }
        Report report = request.json(Report.class);
        String place = report.foundAt() == null ? null : report.foundAt().strip();
        if (place != null) {
            // The finder may repeat the secret here; it is masked, and the rest still helps.
            Line.error("foundAt", Secret.masked(place), MAX_PLACE).ifPresent(error -> {
                throw Problem.invalid(List.of(error));
            });
        }
        secrets.reportLeaked(
                report.secret().strip(),
                place == null || place.isEmpty() ? null : Secret.masked(place),
                new Origin(request.remoteAddress(), request.userAgent()));
        return Response.json(
                202, Map.of("message", "Thank you. If this is a live secret, its API token is revoked now."));
    }
}
