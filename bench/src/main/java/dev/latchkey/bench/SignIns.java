package dev.latchkey.bench;

import dev.latchkey.bench.Steady.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/**
 * Sign-ins from many addresses, as forwarded by reverse proxies. One in ten is correct; the others are guesses for people who may
 * not exist, a different one each time, so that the throttle slows none of the first five thousand.
 */
final class SignIns implements Disturbance {
    private static final int ADDRESSES = 100;
    private static final int CONNECTIONS = 500;
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /** The proxies' own addresses, so that the measured load has its connections to itself. */
    private static final List<String> PROXIES = List.of("127.0.1.1", "127.0.1.2", "127.0.1.3", "127.0.1.4");

    static final Map<String, String> SETTINGS = Map.of("LATCHKEY_TRUSTED_PROXIES", "127.0.1.0/24");

    @Override
    public String name() {
        return "sign-ins";
    }

    @Override
    public String title(Size size) {
        return size.signIns() + " sign-ins a second from " + ADDRESSES + " addresses";
    }

    @Override
    public Going begin(Scene scene) {
        int perSecond = scene.size().signIns();
        List<byte[]> requests = IntStream.range(0, perSecond * scene.seconds())
                .mapToObj(i -> Wire.request(signIn(scene.latchkey().served().url(), i)))
                .toList();
        Steady steady = new Steady(scene.server(), PROXIES, requests, perSecond, CONNECTIONS);
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        Thread.ofPlatform().name("sign-ins").start(() -> {
            try {
                outcome.complete(steady.run(Duration.ofSeconds(scene.seconds()), PATIENCE));
            } catch (RuntimeException e) {
                outcome.completeExceptionally(e);
            }
        });
        return () -> {
            Map<Integer, Long> statuses = outcome.join().statuses();
            return text(statuses);
        };
    }

    private static Call signIn(String url, int number) {
        String address = "203.0.113." + (1 + number % ADDRESSES);
        String who = number % 10 == 7
                ? "email=bench%40example.com&password=a+password+for+the+bench"
                : "email=guess-" + number + "%40example.com&password=a+wrong+password";
        return Call.form("", url + "/sign-in", Map.of("X-Forwarded-For", address), who);
    }

    private static String text(Map<Integer, Long> statuses) {
        long unanswered = statuses.getOrDefault(0, 0L);
        Map<Integer, Long> answered = new TreeMap<>(statuses);
        answered.remove(0);
        return Repeated.text(answered)
                + (unanswered == 0
                        ? ""
                        : ", " + Report.whole(unanswered) + " without an answer a second after the end");
    }
}
