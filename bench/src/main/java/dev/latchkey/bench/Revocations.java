package dev.latchkey.bench;

import dev.latchkey.bench.Latchkey.Credentials;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** How soon a revocation takes effect: from its confirmation to the first refusal, while the server is busy. */
final class Revocations {
    private final Latchkey latchkey;

    Revocations(Latchkey latchkey) {
        this.latchkey = latchkey;
    }

    /**
     * The results.
     *
     * @param tokenEndpoint milliseconds from each confirmed revocation to the refusal at the token endpoint
     * @param gate the same at the gate, for an access token that was obtained before
     * @param acceptedAfter how many requests were accepted after the revocation was confirmed
     */
    record Result(List<Double> tokenEndpoint, List<Double> gate, int acceptedAfter) {}

    /** @param times at most 90: more refusals from one address would be slowed down */
    Result underLoad(Generator generator, Call load, int times) {
        AtomicBoolean done = new AtomicBoolean();
        Thread busy = Thread.ofPlatform().start(() -> {
            while (!done.get()) {
                generator.most(latchkey.served(), load, 8, 1, "");
            }
        });
        try {
            return measured(times);
        } finally {
            done.set(true);
            try {
                busy.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private Result measured(int times) {
        Result result = new Result(new ArrayList<>(), new ArrayList<>(), 0);
        int accepted = 0;
        for (int i = 0; i < times; i++) {
            Credentials token = latchkey.createToken("\"role\":\"caller\"");
            Call gate = latchkey.gate(latchkey.accessTokenForApi(token));
            if (Http.answer(gate).statusCode() != 200) {
                throw new IllegalStateException("the gate refuses a good access token");
            }
            latchkey.revoke(token);
            accepted += timed(latchkey.token(token), result.tokenEndpoint());
            accepted += timed(gate, result.gate());
        }
        return new Result(result.tokenEndpoint(), result.gate(), accepted);
    }

    /** Asks until it is refused, and returns how many requests were not. */
    private static int timed(Call call, List<Double> times) {
        long start = System.nanoTime();
        int accepted = 0;
        int status = Http.answer(call).statusCode();
        while (status == 200) {
            accepted++;
            status = Http.answer(call).statusCode();
        }
        if (status != 401) {
            throw new IllegalStateException("a revoked token gets " + status);
        }
        times.add((System.nanoTime() - start) / 1_000_000.0);
        return accepted;
    }
}
