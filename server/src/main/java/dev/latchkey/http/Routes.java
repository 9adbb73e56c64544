package dev.latchkey.http;

import dev.latchkey.lane.Lane;
import dev.latchkey.path.PathTemplate;
import dev.latchkey.path.PathTrie;
import dev.latchkey.problem.Problem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Which handler answers which request: built once, from a visible list. */
public final class Routes {
    /** Enough for every form and document of ours that sets no limit of its own. */
    public static final int DEFAULT_MAX_BODY_BYTES = 64 * 1024;

    private static final Set<String> METHODS = new TreeSet<>(List.of("DELETE", "GET", "PATCH", "POST", "PUT"));

    private final PathTrie<Route> trie;
    private final List<Prefix> prefixes;
    private final Set<String> beginnings;
    private final Route otherwise;
    private final @Nullable Refusals refusals;

    private Routes(
            PathTrie<Route> trie,
            List<Prefix> prefixes,
            Set<String> beginnings,
            Route otherwise,
            @Nullable Refusals refusals) {
        this.trie = trie;
        this.prefixes = List.copyOf(prefixes);
        this.beginnings = Set.copyOf(beginnings);
        this.otherwise = otherwise;
        this.refusals = refusals;
    }

    private static final Admission EVERYBODY = request -> Optional.empty();

    /**
     * What answers requests with a method and path.
     *
     * @param place where requests lead
     * @param maxBodyBytes how long the body may be
     * @param admission decides whether the body is read
     * @param lane where it is answered; null for the request's own thread
     * @param always whether it is answered even when other requests are refused because of the load
     * @param refusals how its callers are refused; null for problem documents
     */
    record Route(
            Place place,
            Handler handler,
            int maxBodyBytes,
            Admission admission,
            @Nullable Lane lane,
            boolean always,
            @Nullable Refusals refusals) {
        String template() {
            return place.template();
        }
    }

    /**
     * Where requests lead, for the log and for metrics.
     *
     * @param template the path as the log shows it: a real one may hold a secret
     */
    record Place(String template, RequestRecorder.OfRoute recorder) {}

    /** The handler of all paths with a prefix, and how long their bodies may be. */
    record Prefix(String path, Handler handler, int maxBodyBytes, RequestRecorder.OfRoute recorder) {}

    /** Decides whether a request's body is read at all. */
    @FunctionalInterface
    public interface Admission {
        /** The answer that refuses a request, whose body is not read yet; empty to let it pass. */
        Optional<Response> refusal(Request request);
    }

    /** How callers of one kind are told that their request is refused. */
    public interface Refusals {
        /** Whether these header fields are such a caller's; all others get a problem document. */
        boolean suit(Headers headers);

        /**
         * @param base the path below which clients see the server
         * @param request as much of it as was read; null when its path could not be read
         */
        Response of(Headers headers, BasePath base, @Nullable Request request, Problem problem);
    }

    /** A page for people and their browsers. */
    @FunctionalInterface
    public interface RefusalPage extends Refusals {
        @Override
        default boolean suit(Headers headers) {
            return headers.first("Accept").orElse("").contains("text/html");
        }
    }

    /** What a request's method and path lead to. */
    sealed interface Destination {
        record Found(Route route, Map<String, String> pathParameters) implements Destination {}

        /** The path exists, but with other methods. */
        record OtherMethods(
                SortedSet<String> methods, @Nullable Refusals refusals) implements Destination {}
    }

    /**
     * Collects routes. They are answered on the request's own virtual thread, so their handlers must neither block in
     * native code nor compute for long; those of routes added after {@link #inLane} may.
     */
    public static final class Builder {
        private final PathTrie.Builder<Route> trie = PathTrie.builder();
        private final List<Prefix> prefixes = new ArrayList<>();
        private final Set<String> beginnings = new HashSet<>();
        private final RequestRecorder recorder;
        private @Nullable Lane lane;
        private @Nullable Refusals refusals;
        private Handler otherwise = request -> {
            throw Problem.notFound("There is nothing at this path.");
        };
        private Admission elsewhere = EVERYBODY;

        private Builder(RequestRecorder recorder) {
            this.recorder = recorder;
        }

        /**
         * From here on, routes are answered in this lane, so that what people do does not hold up what programs wait
         * for.
         */
        public Builder inLane(Lane slower) {
            lane = slower;
            return this;
        }

        /** From here on, routes are for people: browsers get this page where programs get a problem document. */
        public Builder forPeople(RefusalPage page) {
            return refusing(page);
        }

        /** From here on, routes refuse their callers like this. */
        public Builder refusing(Refusals inTheirWords) {
            refusals = inTheirWords;
            return this;
        }

        /** Adds routes whose callers are refused in words of their own; those that follow are not among them. */
        public Builder refusing(Refusals inTheirWords, Consumer<Builder> theirs) {
            @Nullable Refusals before = refusals;
            refusals = inTheirWords;
            theirs.accept(this);
            refusals = before;
            return this;
        }

        public Builder add(String method, String template, Handler handler) {
            return add(method, template, handler, DEFAULT_MAX_BODY_BYTES);
        }

        /**
         * Adds a route. HEAD and OPTIONS need none: they are answered from the other methods.
         *
         * @throws IllegalArgumentException when the template is not valid, or another route matches the same requests
         */
        public Builder add(String method, String template, Handler handler, int maxBodyBytes) {
            return add(method, template, handler, maxBodyBytes, EVERYBODY);
        }

        /**
         * Adds a route for large bodies, which are read only for callers whom the admission lets pass: strangers must
         * not be able to fill the memory.
         *
         * @param admission looks at the request without its body
         */
        public Builder add(String method, String template, Handler handler, int maxBodyBytes, Admission admission) {
            return add(
                    method,
                    new Route(place(method, template), handler, maxBodyBytes, admission, lane, false, refusals));
        }

        /**
         * Adds a route that takes no body and is answered even when other requests are refused because of the load: a
         * monitor that got no answer would restart a busy server.
         */
        public Builder always(String method, String template, Handler handler) {
            return add(method, new Route(place(method, template), handler, 0, EVERYBODY, null, true, null));
        }

        private Place place(String method, String template) {
            return new Place(template, recorder.route(method, template));
        }

        private Builder add(String method, Route route) {
            if (!METHODS.contains(method)) {
                throw new IllegalArgumentException("A route's method is one of " + METHODS + ", not " + method + ".");
            }
            trie.add(method, PathTemplate.parse(route.template()), route);
            beginnings.add(firstSegment(route.template()));
            return this;
        }

        /**
         * Passes every request whose path has this prefix to the handler, with any method, and with the path as it was
         * sent: what follows the prefix is a foreign path, which the handler judges.
         *
         * @param prefix begins and ends with a slash
         */
        public Builder under(String prefix, Handler handler, int maxBodyBytes) {
            RequestRecorder.OfRoute recorderOfAll = recorder.route(RequestRecorder.ANY_METHOD, prefix + "...");
            prefixes.add(new Prefix(prefix, handler, maxBodyBytes, recorderOfAll));
            beginnings.add(firstSegment(prefix));
            return this;
        }

        /** Answers at paths that no route has; without this, the answer is a 404 problem. */
        public Builder otherwise(Handler handler) {
            otherwise = handler;
            return this;
        }

        /** Refuses requests at paths that no route has before their body is read, which may never arrive. */
        public Builder otherwiseAtOnce(Handler refusal) {
            elsewhere = request -> Optional.of(refusal.handle(request));
            return this;
        }

        private Place nowhere() {
            return new Place("another path", recorder.route(RequestRecorder.ANY_METHOD, RequestRecorder.NO_ROUTE));
        }

        public Routes build() {
            return new Routes(
                    trie.build(),
                    prefixes,
                    beginnings,
                    new Route(nowhere(), otherwise, DEFAULT_MAX_BODY_BYTES, elsewhere, lane, false, refusals),
                    refusals);
        }
    }

    public static Builder builder() {
        return builder(RequestRecorder.NONE);
    }

    /** @param recorder records each request */
    public static Builder builder(RequestRecorder recorder) {
        return new Builder(recorder);
    }

    private static String firstSegment(String path) {
        return path.split("/", 3)[1];
    }

    /**
     * Whether a path of our own could begin with the base path. Then it would be unclear whether a request has the base
     * path or comes from a proxy that has stripped it.
     */
    boolean mayBeginWith(BasePath base) {
        return !base.isRoot() && beginnings.contains(firstSegment(base.path()));
    }

    /** How callers are refused before their route is known; null for problem documents. */
    @Nullable Refusals refusals() {
        return refusals;
    }

    /** Records the requests that no route matches. */
    RequestRecorder.OfRoute recorderOfOthers() {
        return otherwise.place().recorder();
    }

    /** The prefix that the path begins with, if it has a handler. */
    Optional<Prefix> under(String rawPath) {
        for (Prefix prefix : prefixes) {
            if (rawPath.startsWith(prefix.path())) {
                return Optional.of(prefix);
            }
        }
        return Optional.empty();
    }

    /** Where a request leads. HEAD leads where GET does. */
    Destination find(String method, String path) {
        PathTrie.Match<Route> match = trie.match(method, path);
        if (match != null) {
            return new Destination.Found(match.value(), match.parameters());
        }
        SortedSet<String> methods = trie.methods(path);
        if (methods.isEmpty()) {
            return new Destination.Found(otherwise, Map.of());
        }
        PathTrie.Match<Route> other = trie.match(methods.first(), path);
        methods.add("OPTIONS");
        return new Destination.OtherMethods(
                methods, other == null ? null : other.value().refusals());
    }
}
