package dev.latchkey.apitoken;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.apitoken.LeakReport.Find;
import dev.latchkey.crypto.Secret;
import dev.latchkey.crypto.Sha256;
import dev.latchkey.event.Origin;
import dev.latchkey.http.Handler;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.http.Throttle;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Text;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /api/v1/leaks}: takes secrets that were found in the wrong place, from anyone. The answer is the same whether or not
 * a secret is live: its finder could learn that by using it, but not from a report. Only GitHub's secret scanning, which proves
 * by a signature that it asks, learns whether they were real.
 */
public final class LeakReports implements Handler {
    public static final String PATH = ManagementApi.BASE_PATH + "/leaks";

    private static final int FREE_REPORTS = 100;

    /** In one report that is not GitHub's, which may have as many as fit into a body. */
    private static final int MOST_FINDS = 100;

    private static final int LONGEST_TYPE = 100;

    private final Secrets secrets;
    private final @Nullable GithubSignatures signatures;

    /** Each find costs work, so they are limited. */
    private final Throttle perAddress;

    /** @param signatures proves which reports are GitHub's; null when none is taken for GitHub's */
    public LeakReports(Secrets secrets, @Nullable GithubSignatures signatures) {
        this.secrets = secrets;
        this.signatures = signatures;
        this.perAddress = new Throttle(FREE_REPORTS, System::nanoTime);
    }

    /** What slows down senders of reports, for monitoring. */
    public Throttle.Figures throttle() {
        return perAddress.figures();
    }

    @Override
    public Response handle(Request request) {
        GithubSignatures.Outcome outcome =
                signatures == null ? GithubSignatures.Outcome.UNSIGNED : signatures.check(request);
        boolean isGithubs = outcome == GithubSignatures.Outcome.RIGHT;
        String sender = Throttle.network(request.remoteAddress());
        if (!isGithubs) {
            slowDown(sender);
        }
        if (outcome == GithubSignatures.Outcome.WRONG) {
            throw new Problem(403, "invalid_signature", "The signature of the report is wrong.");
        }
        LeakReport report = LeakReport.read(request);
        if (!isGithubs && report.finds().size() > MOST_FINDS) {
            throw Problem.invalid("body", "Send at most " + MOST_FINDS + " finds at once.");
        }
        Origin origin = new Origin(request.remoteAddress(), request.userAgent());
        for (int i = 0; i < report.finds().size(); i++) {
            if (i > 0 && !isGithubs) {
                // The first was counted above.
                perAddress.attempt(sender);
            }
            Find find = report.finds().get(i);
            secrets.reportLeaked(find.secret().strip(), find.place(), origin);
        }
        return isGithubs && report.isInGithubsFormat()
                ? Response.json(200, report.finds().stream().map(this::label).toList())
                : Response.json(
                        202, Map.of("message", "Thank you. If this is a live secret, its API token is revoked now."));
    }

    private void slowDown(String sender) {
        Duration wait = perAddress.attempt(sender);
        if (wait.isPositive()) {
            throw new Problem(429, "slow_down", "Too many reports from this address. Try again later.")
                    .withHeader("Retry-After", Long.toString(wait.toSeconds() + 1));
        }
    }

    /** What GitHub is told about a find, which it names by the SHA-256 of the secret. */
    record Label(
            @JsonProperty("token_hash") String tokenHash,
            @JsonProperty("token_type") String tokenType,
            String label) {}

    private Label label(Find find) {
        boolean isReal =
                Secret.parse(find.secret().strip()).filter(secrets::isKnown).isPresent();
        return new Label(
                sha256(find.secret()),
                Text.cut(find.type() == null ? "" : find.type(), LONGEST_TYPE),
                isReal ? "true_positive" : "false_positive");
    }

    private static String sha256(String text) {
        return HexFormat.of().formatHex(Sha256.of(text.getBytes(StandardCharsets.UTF_8)));
    }
}
