package dev.latchkey.gate;

import dev.latchkey.event.Origin;
import dev.latchkey.http.AddressRange;
import dev.latchkey.http.HttpServer;
import dev.latchkey.http.Problem;
import dev.latchkey.http.Response.Field;
import dev.latchkey.path.MethodOverride;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Where Envoy asks over gRPC, on a port of its own: {@code envoy.service.auth.v3.Authorization/Check}. */
public final class EnvoyGrpc implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EnvoyGrpc.class);

    /** Envoy's configuration names the API with this context extension. */
    private static final String API = "latchkey-api";

    private static final List<String> FIELDS = List.of(
            "Latchkey-Endpoint", "Latchkey-Client-Id", "Latchkey-Account", "Latchkey-Role", "Latchkey-Description");
    private static final int MAX_MESSAGE_BYTES = 128 * 1024;
    private static final int MAX_METADATA_BYTES = 16 * 1024;
    private static final int MAX_CALLS = 1_000;

    private final Gate gate;
    private final String issuer;
    private final List<AddressRange> trusted;
    private final Semaphore places;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Server server;

    private EnvoyGrpc(Gate gate, String issuer, HttpServer.Config config) throws IOException {
        this.gate = gate;
        this.issuer = issuer;
        this.trusted = config.trustedProxies();
        this.places = new Semaphore(config.maxConcurrentRequests());
        NettyServerBuilder builder = NettyServerBuilder.forAddress(new InetSocketAddress(config.host(), config.port()))
                .executor(threads)
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .maxInboundMetadataSize(MAX_METADATA_BYTES)
                .maxConcurrentCallsPerConnection(MAX_CALLS)
                .permitKeepAliveTime(10, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .addService(service());
        if (config.tls() != null) {
            builder.useTransportSecurity(
                    config.tls().certificate().toFile(), config.tls().key().toFile());
        }
        server = builder.build().start();
    }

    /**
     * Listens from now on.
     *
     * @param config the address, the port (0 for a free one), TLS and limits
     * @throws HttpServer.StartException when it cannot
     */
    public static EnvoyGrpc start(Gate gate, String issuer, HttpServer.Config config) {
        // gRPC logs with the JDK's own logging; so it comes to the one log, whose settings keep its chatter out.
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        try {
            return new EnvoyGrpc(gate, issuer, config);
        } catch (IOException | IllegalArgumentException e) {
            throw new HttpServer.StartException(
                    "The port " + config.port() + " for gRPC cannot be opened. Choose another one with"
                            + " LATCHKEY_GRPC_PORT.",
                    e);
        }
    }

    public int port() {
        return server.getPort();
    }

    private ServerServiceDefinition service() {
        MethodDescriptor<EnvoyCheck.Question, byte[]> check = MethodDescriptor.<EnvoyCheck.Question, byte[]>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName("envoy.service.auth.v3.Authorization/Check")
                .setRequestMarshaller(marshaller(EnvoyCheck::read))
                .setResponseMarshaller(marshaller(EnvoyGrpc::bytes))
                .build();
        return ServerServiceDefinition.builder("envoy.service.auth.v3.Authorization")
                .addMethod(check, (call, metadata) -> {
                    call.request(2);
                    return new Listener(call);
                })
                .build();
    }

    /** One question: answered when it has arrived whole. */
    private final class Listener extends ServerCall.Listener<EnvoyCheck.Question> {
        private final ServerCall<EnvoyCheck.Question, byte[]> call;
        private EnvoyCheck.@Nullable Question question;

        Listener(ServerCall<EnvoyCheck.Question, byte[]> call) {
            this.call = call;
        }

        @Override
        public void onMessage(EnvoyCheck.Question message) {
            question = message;
        }

        @Override
        public void onHalfClose() {
            if (question == null) {
                call.close(Status.INVALID_ARGUMENT, new Metadata());
                return;
            }
            byte[] answer = answer(question, peer(call));
            call.sendHeaders(new Metadata());
            call.sendMessage(answer);
            call.close(Status.OK, new Metadata());
        }
    }

    private byte[] answer(EnvoyCheck.Question question, String peer) {
        if (!places.tryAcquire()) {
            return EnvoyCheck.denied(Problem.unavailable("Too many requests are in work. Try again in a moment.", null)
                    .toResponse());
        }
        try {
            ForeignRequest request = request(question, peer);
            Decision decision = gate.decide(request);
            return decision instanceof Decision.Allowed allowed
                    ? allowed(allowed)
                    : EnvoyCheck.denied(
                            Answer.problem(decision, request, issuer).toResponse());
        } catch (Problem problem) {
            return EnvoyCheck.denied(problem.toResponse());
        } catch (RuntimeException e) {
            log.error("A check over gRPC failed", e);
            return EnvoyCheck.denied(
                    new Problem(500, "internal_error", "Something is broken here. The log has the details.")
                            .toResponse());
        } finally {
            places.release();
        }
    }

    /** What Latchkey does not say of the caller must not come from the caller. */
    private static byte[] allowed(Decision.Allowed allowed) {
        List<Field> fields = Answer.fields(allowed);
        Set<String> said = fields.stream().map(Field::name).collect(Collectors.toSet());
        List<String> removed = new ArrayList<>();
        for (String name : FIELDS) {
            if (!said.contains(name)) {
                removed.add(name.toLowerCase(Locale.ROOT));
            }
            removed.add(name.toLowerCase(Locale.ROOT).replace('-', '_'));
        }
        return EnvoyCheck.allowed(fields, removed);
    }

    private ForeignRequest request(EnvoyCheck.Question question, String peer) {
        Map<String, List<String>> headers = question.headers();
        List<String> others = new ArrayList<>();
        for (String name : MethodOverride.FIELDS) {
            headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of())
                    .forEach(value -> others.addAll(List.of(value.split("\\s*,\\s*", -1))));
        }
        List<String> authorization = headers.getOrDefault("authorization", List.of());
        return new ForeignRequest(
                question.extensions().get(API),
                question.host().isEmpty() ? null : question.host(),
                question.method(),
                question.target(),
                // Several are no credential: nobody knows which one counts.
                authorization.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", authorization)),
                others,
                new Origin(
                        isTrusted(peer) && !question.source().isEmpty() ? question.source() : peer,
                        shortened(String.join(" ", headers.getOrDefault("user-agent", List.of())))));
    }

    private boolean isTrusted(String peer) {
        return trusted.stream().anyMatch(range -> range.contains(peer));
    }

    private static String shortened(String userAgent) {
        return userAgent.length() <= 200 ? userAgent : userAgent.substring(0, 200);
    }

    private static String peer(ServerCall<?, ?> call) {
        SocketAddress address = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        return address instanceof InetSocketAddress internet
                ? internet.getAddress().getHostAddress()
                : "";
    }

    private static byte[] bytes(InputStream stream) {
        try {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw Status.INTERNAL.withCause(e).asRuntimeException();
        }
    }

    private static <T> Marshaller<T> marshaller(Function<InputStream, T> reading) {
        return new Marshaller<>() {
            @Override
            public InputStream stream(T value) {
                return new ByteArrayInputStream((byte[]) value);
            }

            @Override
            public T parse(InputStream stream) {
                try {
                    return reading.apply(stream);
                } catch (UncheckedIOException e) {
                    throw Status.INVALID_ARGUMENT
                            .withDescription("the message is malformed")
                            .asRuntimeException();
                }
            }
        };
    }

    @Override
    public void close() {
        server.shutdown();
        try {
            if (!server.awaitTermination(5, TimeUnit.SECONDS)) {
                server.shutdownNow();
            }
        } catch (InterruptedException e) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        }
        threads.close();
    }
}
