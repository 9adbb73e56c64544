package dev.latchkey.bench;

import java.time.Duration;
import java.util.List;

/** People who search in vain, so that as much as possible is read. */
final class Searches implements Disturbance {
    private static final Duration INTERVAL = Duration.ofMillis(250);

    /** An unknown actor, a part that no token has and that is too short for the index, and both with further conditions. */
    private static final List<String> QUERIES = List.of(
            "/events?actor=unknown",
            "/tokens?search=%7E%7E",
            "/events?actor=unknown&operation=api_token.edit",
            "/tokens?search=%7E%7E&sort=-lastAccess&status=active");

    @Override
    public String name() {
        return "searches";
    }

    @Override
    public String title(Size size) {
        return size.searches() + " slow searches at once";
    }

    @Override
    public Going begin(Scene scene) {
        Repeated searches = new Repeated(
                scene.size().searches(),
                INTERVAL,
                worker -> String.valueOf(scene.management()
                        .get(QUERIES.get(worker % QUERIES.size()))
                        .statusCode()));
        return () -> Repeated.text(searches.stop());
    }
}
