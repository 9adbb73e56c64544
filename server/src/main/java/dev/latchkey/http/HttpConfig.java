package dev.latchkey.http;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How to listen. Everything has its usual value, so a builder is told only what is to be different. */
public final class HttpConfig {
    /** How long a connection may usually be silent: longer than balancers keep theirs, or they would send into closed ones. */
    public static final Duration IDLE = Duration.ofSeconds(75);

    /** The two PEM files of a TLS certificate. */
    public record Tls(Path certificate, Path key) {}

    private final Builder values;
    private final Connections connections;

    private HttpConfig(Builder values) {
        Connections given = values.connections;
        this.connections =
                given == null ? new Connections(Connections.MOST_OF_ONE_ADDRESS, values.trustedProxies) : given;
        this.values = values.copy().connections(connections);
    }

    /** Begins with the usual: plain HTTP on loopback, on a free port. */
    public static Builder builder() {
        return new Builder();
    }

    /** The usual, for a server beside others on one machine. */
    public static HttpConfig local() {
        return builder().build();
    }

    /** Begins with the same as this. Both count connections together, unless told otherwise. */
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

    public List<AddressRange> trustedProxies() {
        return values.trustedProxies;
    }

    public int maxConcurrentRequests() {
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

    public Duration idle() {
        return values.idle;
    }

    public BasePath base() {
        return values.base;
    }

    /** Names what is to be different. */
    public static final class Builder {
        private String host = "127.0.0.1";
        private int port;
        private @Nullable Tls tls;
        private List<AddressRange> trustedProxies = List.of();
        private int maxConcurrentRequests = 256;
        private Callers callers = Callers.ALL;
        private @Nullable String clientCertificateField;
        private @Nullable Connections connections;
        private boolean publicHttps;
        private Duration idle = IDLE;
        private BasePath base = BasePath.ROOT;

        private Builder() {}

        public HttpConfig build() {
            return new HttpConfig(this);
        }

        public Builder host(String name) {
            host = name;
            return this;
        }

        /** 0 takes a free one. */
        public Builder port(int number) {
            port = number;
            return this;
        }

        /** Null for plain HTTP. */
        public Builder tls(@Nullable Tls files) {
            tls = files;
            return this;
        }

        /** Whose X-Forwarded headers are believed. */
        public Builder trustedProxies(List<AddressRange> ranges) {
            trustedProxies = List.copyOf(ranges);
            return this;
        }

        /** Beyond it a request is answered 503 at once. */
        public Builder maxConcurrentRequests(int most) {
            maxConcurrentRequests = most;
            return this;
        }

        /** Asks callers for a TLS certificate, which they may leave out. */
        public Builder askingForCertificates() {
            callers = Callers.WITH_CERTIFICATES;
            return this;
        }

        /**
         * Speaks gRPC. Who calls is who is connected: what a gateway says of its own caller is in its messages, whatever fields
         * it sends as well. A method's path is the same below any issuer.
         */
        public Builder forGrpc() {
            callers = Callers.GRPC;
            trustedProxies = List.of();
            clientCertificateField = null;
            publicHttps = false;
            base = BasePath.ROOT;
            return this;
        }

        /** In which field trusted proxies pass on their callers' TLS certificates; null for none. */
        public Builder clientCertificateField(@Nullable String field) {
            clientCertificateField = field;
            return this;
        }

        /** How many connections there may be, on all ports that share this. */
        public Builder connections(Connections shared) {
            connections = shared;
            return this;
        }

        /**
         * Whether people and programs reach this by https, whatever comes in here: then cookies are for https alone also when
         * the proxy in front is not among the trusted ones.
         */
        public Builder publicHttps(boolean https) {
            publicHttps = https;
            return this;
        }

        /** How long a connection may be silent. */
        public Builder idle(Duration silence) {
            idle = silence;
            return this;
        }

        /** Below which path the world sees this. */
        public Builder base(BasePath path) {
            base = path;
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
            return copy;
        }
    }
}
