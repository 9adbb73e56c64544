package dev.latchkey.oauth;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.Waiting;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Many addresses: callers who are refused often are slowed down, and these tests are refused all the time. */
final class Callers {
    /** The settings with which the server believes where a request comes from. */
    static final Map<String, String> BELIEVED = Map.of("trusted-proxies", "127.0.0.1,::1");

    private static final AtomicInteger NEXT = new AtomicInteger();

    private Callers() {}

    /** Sends a form from an address of its own. */
    static Answer postForm(RunningServer server, String path, String form, String... headers) {
        String[] more = java.util.Arrays.copyOf(headers, headers.length + 2);
        more[headers.length] = "X-Forwarded-For";
        more[headers.length + 1] = another();
        return server.postForm(path, form, more);
    }

    static String another() {
        int next = NEXT.incrementAndGet();
        return "10." + next / 65_536 % 256 + "." + next / 256 % 256 + "." + next % 256;
    }

    /** What the log says about the refusals of an API token, once it says what is expected; it is written a little later. */
    static String refusals(RunningServer server, String clientId, String expected) {
        AtomicReference<String> said = new AtomicReference<>("");
        Waiting.until("a refusal in the log that says: " + expected, () -> {
            said.set(server.admin().get("/tokens/" + clientId + "/events").body());
            return said.get().contains(expected);
        });
        return said.get();
    }
}
