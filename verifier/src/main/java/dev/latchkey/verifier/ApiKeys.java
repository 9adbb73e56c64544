package dev.latchkey.verifier;

import dev.latchkey.path.RequestPath;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Whose API keys are. Unlike an access token, a key says nothing about itself, so Latchkey is asked, and its answer is
 * remembered for moments. The keys themselves are not kept, only digests of them.
 */
final class ApiKeys {
    private static final Logger LOG = System.getLogger("dev.latchkey.verifier");

    /** Longer than any key, also of those that another system issued. */
    private static final int MAX_LENGTH = 500;

    /** How many questions to Latchkey may be open at once. */
    private static final int MOST_AT_ONCE = 32;

    /** A wrong key is remembered for less: it may be valid a moment later. */
    private static final long LONGEST_REFUSAL_MILLIS = 500;

    /** Twice as many answers are remembered. */
    private static final int GENERATION = 5_000;

    private static final long BETWEEN_WARNINGS_MILLIS = 60_000;

    private static final Identity NOT_A_KEY =
            new Identity.Refused("This is not an API key of this server. Was it copied whole?");

    private final Latchkey latchkey;
    private final long memoryMillis;
    private final Clock clock;
    private final int generation;
    private final Semaphore room = new Semaphore(MOST_AT_ONCE);
    private final Map<Asked, Question> open = new ConcurrentHashMap<>();
    private final AtomicLong warnedAt = new AtomicLong(Long.MIN_VALUE);
    private volatile Map<Asked, Remembered> young = new ConcurrentHashMap<>();
    private volatile Map<Asked, Remembered> old = Map.of();

    /** @param memory how long the answer about a valid key is used */
    ApiKeys(Latchkey latchkey, Duration memory, Clock clock) {
        this(latchkey, memory, clock, GENERATION);
    }

    /** @param generation how many answers each of the two generations holds */
    ApiKeys(Latchkey latchkey, Duration memory, Clock clock, int generation) {
        this.latchkey = latchkey;
        this.generation = generation;
        this.memoryMillis = memory.toMillis();
        this.clock = clock;
    }

    /** A key and an address, by their digest. */
    private record Asked(long high, long low) {
        static Asked of(String key, @Nullable String address) {
            MessageDigest sha256 = Sha256.begin();
            sha256.update(key.getBytes(StandardCharsets.UTF_8));
            sha256.update((byte) 0);
            if (address != null) {
                sha256.update(address.getBytes(StandardCharsets.UTF_8));
            }
            ByteBuffer digest = ByteBuffer.wrap(sha256.digest());
            return new Asked(digest.getLong(), digest.getLong());
        }
    }

    /** A question that Latchkey has not answered yet. */
    private record Question(long begun, CompletableFuture<Reply> answer) {}

    /**
     * What Latchkey said about one call.
     *
     * @param refused whether it refused the call; then it took nothing out of the limits of the key's owner
     */
    private record Reply(Identity identity, boolean refused) {
        static final Reply NONE = new Reply(new Identity.Unknowable(), true);

        /** Whether it also answers another call: who has the key is known after a refusal, but not whether a limit is reached. */
        boolean servesAlso(Predicate<Identity.Known> isAllowed) {
            return !(refused && identity instanceof Identity.Known known && isAllowed.test(known));
        }
    }

    private record Remembered(Reply reply, long at, long millis) {
        /** A clock that was set back makes the age negative, and the real age cannot be known. */
        boolean isFresh(long now) {
            return now >= at && now - at < millis;
        }
    }

    /**
     * Who has the key. What they may do is for the policy to say, as for access tokens.
     *
     * @param isAllowed whether the policy allows them this call; then an answer about a call that Latchkey refused does not do
     */
    Identity identify(String key, Call call, Predicate<Identity.Known> isAllowed) {
        if (key.isBlank() || key.length() > MAX_LENGTH) {
            return NOT_A_KEY;
        }
        String address = call.address() == null ? null : plain(call.address());
        Asked asked = Asked.of(key, address);
        Reply known = remembered(asked);
        return (known != null && known.servesAlso(isAllowed) ? known : asked(asked, key, call, address, isAllowed))
                .identity();
    }

    /** Some containers write brackets around an IPv6 address, or a zone after it. */
    private static String plain(String address) {
        String inner =
                address.startsWith("[") && address.endsWith("]") ? address.substring(1, address.length() - 1) : address;
        int zone = inner.indexOf('%');
        return zone < 0 ? inner : inner.substring(0, zone);
    }

    private @Nullable Reply remembered(Asked asked) {
        Remembered answer = young.get(asked);
        if (answer == null) {
            answer = old.get(asked);
        }
        return answer != null && answer.isFresh(clock.millis()) ? answer.reply() : null;
    }

    /** Calls with the same key that arrive while its question is open wait for the one answer. */
    private Reply asked(
            Asked asked, String key, Call call, @Nullable String address, Predicate<Identity.Known> isAllowed) {
        // From before the question, so that the memory bounds how late a revocation is noticed.
        Question mine = new Question(clock.millis(), new CompletableFuture<>());
        Question others = memoryMillis > 0 ? open.putIfAbsent(asked, mine) : null;
        if (others != null) {
            Remembered answer = new Remembered(others.answer().join(), others.begun(), memoryMillis);
            return answer.isFresh(clock.millis()) && answer.reply().servesAlso(isAllowed)
                    ? answer.reply()
                    : askedAlone(asked, key, call, address, clock.millis());
        }
        Reply reply = Reply.NONE;
        try {
            reply = askedAlone(asked, key, call, address, mine.begun());
        } finally {
            open.remove(asked, mine);
            mine.answer().complete(reply);
        }
        return reply;
    }

    private Reply askedAlone(Asked asked, String key, Call call, @Nullable String address, long at) {
        if (!room.tryAcquire()) {
            return Reply.NONE;
        }
        try {
            // The query may hold the key itself.
            Json json = latchkey.verified(key, call.method(), RequestPath.ofTarget(call.target()), address);
            Identity identity = identity(json);
            Reply reply = new Reply(identity, !json.flag("allowed"));
            if (identity instanceof Identity.Known) {
                remember(asked, new Remembered(reply, at, memoryMillis));
            } else if (identity instanceof Identity.Limited
                    || (identity instanceof Identity.Refused && json.has("code"))) {
                remember(asked, new Remembered(reply, at, Math.min(memoryMillis, LONGEST_REFUSAL_MILLIS)));
            }
            return reply;
        } catch (LatchkeyException e) {
            warn(e);
            return Reply.NONE;
        } catch (ParseException e) {
            warn(new LatchkeyException("Latchkey's answer about an API key is not understood."));
            return Reply.NONE;
        } finally {
            room.release();
        }
    }

    private static Identity identity(Json reply) throws ParseException {
        if (reply.says("code", "rate_limited")) {
            return new Identity.Limited(reply.text("detail"), Math.max(1, reply.number("retryAfter")));
        }
        if (reply.has("clientId")) {
            return new Identity.Known(
                    new Client(
                            reply.text("clientId"),
                            Set.of(reply.text("role")),
                            reply.textIfPresent("account"),
                            reply.has("privileges") ? reply.texts("privileges") : Set.of()),
                    null);
        }
        if (reply.flag("allowed")) {
            // A public endpoint is open whatever the key is, and nothing is said about one that is not valid.
            return new Identity.Refused("The API key is not valid.");
        }
        if (reply.text("code").equals("invalid_token")) {
            return new Identity.Refused(reply.text("detail"));
        }
        throw new ParseException("Latchkey does not know the API.", 0);
    }

    /** When a generation is full, the one before it is dropped: the memory is bounded, and its answers are old anyway. */
    private void remember(Asked asked, Remembered answer) {
        if (answer.millis() <= 0) {
            return;
        }
        Map<Asked, Remembered> now = young;
        if (now.size() >= generation) {
            age(now);
            now = young;
        }
        now.put(asked, answer);
    }

    private synchronized void age(Map<Asked, Remembered> full) {
        if (young == full) {
            old = full;
            young = new ConcurrentHashMap<>();
        }
    }

    /** How many answers are remembered, old ones included. */
    int size() {
        return young.size() + old.size();
    }

    private void warn(LatchkeyException e) {
        long before = warnedAt.get();
        long now = clock.millis();
        if ((before == Long.MIN_VALUE || Math.abs(now - before) >= BETWEEN_WARNINGS_MILLIS)
                && warnedAt.compareAndSet(before, now)) {
            LOG.log(Level.WARNING, "API keys cannot be checked: {0}", e.getMessage());
        }
    }
}
