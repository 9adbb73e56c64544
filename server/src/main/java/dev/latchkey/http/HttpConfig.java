package dev.latchkey.http;

import dev.latchkey.trace.Traces;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** How the server listens. Everything has a default, so a builder is told only what differs. */
public final class HttpConfig {
    /**
     * How long a connection may be idle by default: longer than load balancers keep theirs, or they would send requests
     * into closed connections.
     */
    public static final Duration IDLE = Duration.ofSeconds(75);

    private static final int METRICS_AT_ONCE = 8;

    /** The two PEM files of a TLS certificate. */
    public record Tls(Path certificate, Path key) {}

    private final Builder values;
    private final Connections connections;

    private HttpConfig(Builder values) {
        Connections given = values.connections;
        this.connections =
                given == null ? new Connections(() -> Connections.MOST_OF_ONE_ADDRESS, values.trustedProxies) : given;
        this.values = values.copy().connections(connections);
    }

    @Nullable RequestLog requestLog() {
        return values.requestLog;
    }

    @Nullable Traces traces() {
        return values.traces;
    }

    /** Starts from the defaults: plain HTTP on loopback, on a free port. */
    public static Builder builder() {
        return new Builder();
    }

    /** The defaults: plain HTTP on loopback, on a free port. */
    public static HttpConfig local() {
        return builder().build();
    }

    /** Starts from this configuration. Both share one limit for connections, unless the builder is given another. */
    public Builder toBuilder() {
        return values.copy();
    }

    public String host() {
        return values.host;
    }

    public int port() {
        return values.port;
    }

    public @Nullable Tls tls() {
        return values.tls;
    }

    public Supplier<List<AddressRange>> trustedProxies() {
        return values.trustedProxies;
    }

    public Supplier<Integer> maxConcurrentRequests() {
        return values.maxConcurrentRequests;
    }

    public Callers callers() {
        return values.callers;
    }

    boolean asksForCertificates() {
        return values.callers == Callers.WITH_CERTIFICATES;
    }

    public @Nullable String clientCertificateField() {
        return values.clientCertificateField;
    }

    public Connections connections() {
        return connections;
    }

    public boolean publicHttps() {
        return values.publicHttps;
    }

    public Supplier<Duration> idle() {
        return values.idle;
    }

    public BasePath base() {
        return values.base;
    }

    /** Collects what differs from the defaults. */
    public static final class Builder {
        private String host = "127.0.0.1";
        private int port;
        private @Nullable Tls tls;
        private Supplier<List<AddressRange>> trustedProxies = List::of;
        private Supplier<Integer> maxConcurrentRequests = () -> 256;
        private Callers callers = Callers.ALL;
        private @Nullable String clientCertificateField;
        private @Nullable Connections connections;
        private boolean publicHttps;
        private Supplier<Duration> idle = () -> IDLE;
        private BasePath base = BasePath.ROOT;
        private @Nullable RequestLog requestLog;
        private @Nullable Traces traces;

        private Builder() {}

        public HttpConfig build() {
            return new HttpConfig(this);
        }

        public Builder host(String name) {
            host = name;
            return this;
        }

        /** 0 takes a free port. */
        public Builder port(int number) {
            port = number;
            return this;
        }

        /** Null for plain HTTP. */
        public Builder tls(@Nullable Tls files) {
            tls = files;
            return this;
        }

        /** The proxies whose X-Forwarded headers are trusted. */
        public Builder trustedProxies(List<AddressRange> ranges) {
            return trustedProxies(() -> ranges);
        }

        /** The proxies whose X-Forwarded headers are trusted at the moment. */
        public Builder trustedProxies(Supplier<List<AddressRange>> ranges) {
            trustedProxies = ranges;
            return this;
        }

        /** Further requests get 503 at once. */
        public Builder maxConcurrentRequests(int most) {
            return maxConcurrentRequests(() -> most);
        }

        /** Further requests get 503 at once; the limit may change. */
        public Builder maxConcurrentRequests(Supplier<Integer> most) {
            maxConcurrentRequests = most;
            return this;
        }

        /** Asks callers for a TLS certificate, which is optional. */
        public Builder askingForCertificates() {
            callers = Callers.WITH_CERTIFICATES;
            return this;
        }

        /**
         * Serves gRPC. The caller is the peer of the connection: what a gateway says about its own caller is in its
         * messages, and its header fields about it are ignored. A method's path does not depend on the issuer's.
         */
        public Builder forGrpc() {
            callers = Callers.GRPC;
            trustedProxies = List::of;
            clientCertificateField = null;
            publicHttps = false;
            base = BasePath.ROOT;
            return this;
        }

        /**
         * Serves metrics, with connections and requests of its own: a flood at another port does not keep them from
         * being read.
         */
        public Builder forMetrics() {
            callers = Callers.METRICS;
            trustedProxies = List::of;
            clientCertificateField = null;
            connections = null;
            maxConcurrentRequests = () -> METRICS_AT_ONCE;
            publicHttps = false;
            base = BasePath.ROOT;
            return this;
        }

        /** The header field in which trusted proxies pass on their callers' TLS certificates; null for none. */
        public Builder clientCertificateField(@Nullable String field) {
            clientCertificateField = field;
            return this;
        }

        /** The limit for connections, together with all ports that share it. */
        public Builder connections(Connections shared) {
            connections = shared;
            return this;
        }

        /**
         * Whether people and programs reach the server over https, whatever arrives here: cookies are then for https
         * only, even when the proxy in front is not a trusted one.
         */
        public Builder publicHttps(boolean https) {
            publicHttps = https;
            return this;
        }

        /** How long a connection may be idle that begins now. */
        public Builder idle(Supplier<Duration> silence) {
            idle = silence;
            return this;
        }

        /** The path below which clients see the server. */
        public Builder base(BasePath path) {
            base = path;
            return this;
        }

        /** Gets each answered request; null for none. */
        public Builder requestLog(@Nullable RequestLog lines) {
            requestLog = lines;
            return this;
        }

        /** Records some requests; null for none. */
        public Builder traces(@Nullable Traces some) {
            traces = some;
            return this;
        }

        private Builder copy() {
            Builder copy = new Builder();
            copy.host = host;
            copy.port = port;
            copy.tls = tls;
            copy.trustedProxies = trustedProxies;
            copy.maxConcurrentRequests = maxConcurrentRequests;
            copy.callers = callers;
            copy.clientCertificateField = clientCertificateField;
            copy.connections = connections;
            copy.publicHttps = publicHttps;
            copy.idle = idle;
            copy.base = base;
            copy.requestLog = requestLog;
            copy.traces = traces;
            return copy;
        }
    }
}
