package dev.latchkey.apitoken;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.latchkey.crypto.Secret;
import dev.latchkey.http.Request;
import dev.latchkey.management.Line;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Text;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Secrets that someone found in the wrong place: one find, a list of them, or a list as GitHub's secret scanning sends it.
 *
 * @param isInGithubsFormat whether it is the latter, which a signature should prove
 */
record LeakReport(List<Find> finds, boolean isInGithubsFormat) {
    private static final int MAX_PLACE = 300;

    /**
     * A find.
     *
     * @param place where it was found, ready for the log; null when the finder did not say
     * @param type GitHub's name for the kind of secret; null in our own format
     */
    record Find(
            String secret, @Nullable String place, @Nullable String type) {
        @Override
        public String toString() {
            return "Find";
        }
    }

    /** A find in our own format. */
    record Own(String secret, @Nullable String foundAt) {
        @Override
        public String toString() {
            return "Own";
        }
    }

    /** A find as GitHub sends it. GitHub may add members; a leak must not stay live because of that. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Github(
            String token,
            @Nullable String type,
            @Nullable String url,
            @Nullable String source) {
        @Override
        public String toString() {
            return "Github";
        }
    }

    /** The one member that tells the two formats apart. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Sample(@Nullable String token) {
        @Override
        public String toString() {
            return "Sample";
        }
    }

    /** @throws Problem when the body is neither */
    static LeakReport read(Request request) {
        if (!isList(request.body())) {
            return new LeakReport(List.of(find(request.json(Own.class), "")), false);
        }
        Sample[] samples = request.json(Sample[].class);
        if (samples.length > 0 && Arrays.stream(samples).allMatch(one -> one != null && one.token() != null)) {
            return new LeakReport(
                    Arrays.stream(request.json(Github[].class))
                            .map(LeakReport::find)
                            .toList(),
                    true);
        }
        Own[] own = request.json(Own[].class);
        return new LeakReport(
                IntStream.range(0, own.length)
                        .mapToObj(i -> find(own[i], "[" + i + "]."))
                        .toList(),
                false);
    }

    private static boolean isList(byte[] body) {
        for (byte each : body) {
            if (!Character.isWhitespace(each)) {
                return each == '[';
            }
        }
        return false;
    }

    /** @param path of the find, for an error */
    private static Find find(Own own, String path) {
        String place = own.foundAt() == null ? "" : own.foundAt().strip();
        // The finder may repeat the secret here; it is masked, and the rest still helps.
        String masked = Secret.masked(place);
        Line.error(path + "foundAt", masked, MAX_PLACE).ifPresent(error -> {
            throw Problem.invalid(List.of(error));
        });
        return new Find(own.secret(), masked.isEmpty() ? null : masked, null);
    }

    /** An address that the log cannot show is left out: it does not keep the secret alive. */
    private static Find find(Github github) {
        String url = github.url() == null ? "" : github.url().strip();
        String source = github.source() == null ? "" : ", " + github.source();
        String place = Text.cut(Secret.masked(url.isEmpty() ? "GitHub" + source : url), MAX_PLACE);
        return new Find(
                github.token(), Line.error("url", place, MAX_PLACE).isEmpty() ? place : "GitHub", github.type());
    }
}
