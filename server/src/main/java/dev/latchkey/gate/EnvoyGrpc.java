package dev.latchkey.gate;

import dev.latchkey.event.Origin;
import dev.latchkey.http.AddressRange;
import dev.latchkey.http.HttpConfig;
import dev.latchkey.http.HttpServer;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.http.Response.Field;
import dev.latchkey.oauth.DpopProofs;
import dev.latchkey.path.MethodOverride;
import dev.latchkey.problem.Problem;
import io.grpc.DecompressorRegistry;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Where Envoy asks over gRPC, on a port of its own: {@code envoy.service.auth.v3.Authorization/Check}. */
public final class EnvoyGrpc implements AutoCloseable {
    /** Envoy's configuration names the API with this context extension. */
    private static final String API = "latchkey-api";

    /** Our fields in the spellings that some programs read alike, but for our own. */
    private static final List<String> ODD_SPELLINGS = Answer.FIELDS.stream()
            .map(name -> name.toLowerCase(Locale.ROOT))
            .flatMap(name -> spellings(name).stream().filter(spelling -> !spelling.equals(name)))
            .toList();

    private static final int MAX_MESSAGE_BYTES = 128 * 1024;
    private static final int MAX_METADATA_BYTES = 16 * 1024;
    private static final int MAX_CALLS = 1_000;
    private static final Duration MESSAGE_IN_TIME = Duration.ofSeconds(30);

    private final Gate gate;
    private final String issuer;
    private final List<AddressRange> trusted;
    private final Semaphore places;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final UnfinishedCalls unfinished;
    private final GrpcDoor door;
    private final Server server;

    private EnvoyGrpc(Gate gate, String issuer, HttpConfig config, Duration messageInTime) throws IOException {
        this.gate = gate;
        this.issuer = issuer;
        this.trusted = config.trustedProxies();
        this.places = new Semaphore(config.maxConcurrentRequests());
        this.door = new GrpcDoor(config.connections());
        this.unfinished = new UnfinishedCalls(messageInTime);
        NettyServerBuilder builder = door.before(
                        NettyServerBuilder.forAddress(new InetSocketAddress(config.host(), config.port())))
                .executor(threads)
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .maxInboundMetadataSize(MAX_METADATA_BYTES)
                .flowControlWindow(MAX_MESSAGE_BYTES)
                .maxConcurrentCallsPerConnection(MAX_CALLS)
                // Envoy takes a call back when its own caller goes away; the bound is for those who do nothing else.
                .maxRstFramesPerWindow(10_000, 10)
                // A few bytes that unfold to many are not worth having.
                .decompressorRegistry(DecompressorRegistry.emptyInstance())
                .handshakeTimeout(10, TimeUnit.SECONDS)
                .keepAliveTime(60, TimeUnit.SECONDS)
                .keepAliveTimeout(20, TimeUnit.SECONDS)
                .permitKeepAliveTime(10, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .maxConnectionIdle(10, TimeUnit.MINUTES)
                .maxConnectionAge(30, TimeUnit.MINUTES)
                .maxConnectionAgeGrace(10, TimeUnit.SECONDS)
                .addService(service());
        if (config.tls() != null) {
            builder.useTransportSecurity(
                    config.tls().certificate().toFile(), config.tls().key().toFile());
        }
        try {
            server = builder.build().start();
        } catch (IOException | RuntimeException e) {
            unfinished.close();
            door.close();
            throw e;
        }
    }

    /**
     * Listens from now on.
     *
     * @param config the address, the port (0 for a free one), TLS and limits
     * @throws HttpServer.StartException when it cannot
     */
    public static EnvoyGrpc start(Gate gate, String issuer, HttpConfig config) {
        return start(gate, issuer, config, MESSAGE_IN_TIME);
    }

    /** @param messageInTime how long a call may take to bring its message */
    static EnvoyGrpc start(Gate gate, String issuer, HttpConfig config, Duration messageInTime) {
        // gRPC logs with the JDK's own logging; so it comes to the one log, whose settings keep its chatter out.
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        try {
            return new EnvoyGrpc(gate, issuer, config, messageInTime);
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
        MethodDescriptor<byte[], byte[]> check = MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName("envoy.service.auth.v3.Authorization/Check")
                .setRequestMarshaller(new Bytes())
                .setResponseMarshaller(new Bytes())
                .build();
        return ServerServiceDefinition.builder("envoy.service.auth.v3.Authorization")
                .addMethod(check, (call, metadata) -> {
                    call.request(2);
                    return new Listener(call);
                })
                .build();
    }

    /** One question: answered when it has arrived whole. */
    private final class Listener extends ServerCall.Listener<byte[]> {
        private final ServerCall<byte[], byte[]> call;
        private final UnfinishedCalls.Entry entry;
        private byte @Nullable [] message;

        Listener(ServerCall<byte[], byte[]> call) {
            this.call = call;
            this.entry = unfinished.begins(call);
        }

        @Override
        public void onMessage(byte[] sent) {
            message = sent;
        }

        @Override
        public void onHalfClose() {
            if (!unfinished.ends(entry) || call.isCancelled()) {
                return;
            }
            if (message == null) {
                call.close(Status.INVALID_ARGUMENT, new Metadata());
                return;
            }
            byte[] answer = answer(message, peer(call));
            call.sendHeaders(new Metadata());
            call.sendMessage(answer);
            call.close(Status.OK, new Metadata());
        }

        @Override
        public void onCancel() {
            unfinished.ends(entry);
        }
    }

    private byte[] answer(byte[] message, String peer) {
        if (!places.tryAcquire()) {
            return EnvoyCheck.denied(Response.of(Problem.busy()));
        }
        try {
            EnvoyCheck.Question question = EnvoyCheck.read(new ByteArrayInputStream(message));
            ForeignRequest request = request(question, peer);
            Decision decision = gate.decide(request);
            return decision instanceof Decision.Allowed allowed
                    ? allowed(allowed, question)
                    : EnvoyCheck.denied(Response.of(Answer.problem(decision, request, issuer)));
        } catch (Problem problem) {
            return EnvoyCheck.denied(Response.of(problem));
        } catch (UncheckedIOException e) {
            return EnvoyCheck.denied(
                    Response.of(new Problem(403, "gateway_misconfigured", "The message is not one of Envoy's.")));
        } catch (RuntimeException | Error e) {
            // An answer even now: a call that fails is let pass by those who configured Envoy so.
            return EnvoyCheck.denied(Response.of(Problem.unexpected("a check over gRPC", e)));
        } finally {
            places.release();
        }
    }

    /** What Latchkey does not say of the caller must not come from the caller. */
    private static byte[] allowed(Decision.Allowed allowed, EnvoyCheck.Question question) {
        List<Field> fields = Answer.fields(allowed);
        Set<String> said = fields.stream().map(Field::name).collect(Collectors.toSet());
        List<String> removed = new ArrayList<>(ODD_SPELLINGS);
        question.headers().keySet().stream().filter(Answer::isForged).forEach(removed::add);
        for (String name : Answer.FIELDS) {
            if (!said.contains(name)) {
                removed.add(name.toLowerCase(Locale.ROOT));
            }
        }
        return EnvoyCheck.allowed(fields, removed);
    }

    /** The name with each hyphen as it is or as an underscore, which some programs read alike. */
    private static List<String> spellings(String name) {
        int hyphen = name.indexOf('-');
        if (hyphen < 0) {
            return List.of(name);
        }
        List<String> spellings = new ArrayList<>();
        for (String rest : spellings(name.substring(hyphen + 1))) {
            spellings.add(name.substring(0, hyphen) + "-" + rest);
            spellings.add(name.substring(0, hyphen) + "_" + rest);
        }
        return spellings;
    }

    private ForeignRequest request(EnvoyCheck.Question question, String peer) {
        Map<String, List<String>> headers = question.headers();
        List<String> others = new ArrayList<>();
        for (String name : MethodOverride.FIELDS) {
            headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of())
                    .forEach(value -> others.addAll(List.of(value.split("\\s*,\\s*", -1))));
        }
        List<String> authorization = headers.getOrDefault("authorization", List.of());
        if (authorization.size() > 1) {
            throw Problem.badRequest("Send the Authorization field once.");
        }
        return new ForeignRequest(
                question.extensions().get(API),
                question.host().isEmpty() ? null : question.host(),
                question.method(),
                question.target(),
                authorization.stream().findFirst(),
                headers.getOrDefault(DpopProofs.FIELD.toLowerCase(Locale.ROOT), List.of()),
                List.of(),
                others,
                new Origin(
                        isTrusted(peer) && !question.source().isEmpty() ? question.source() : peer,
                        Request.shortUserAgent(String.join(" ", headers.getOrDefault("user-agent", List.of())))));
    }

    private boolean isTrusted(String peer) {
        return trusted.stream().anyMatch(range -> range.contains(peer));
    }

    private static String peer(ServerCall<?, ?> call) {
        SocketAddress address = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        return address instanceof InetSocketAddress internet
                ? internet.getAddress().getHostAddress()
                : "";
    }

    /** A message as it came. What it means is read later, where a broken one can be answered. */
    static final class Bytes implements Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] message) {
            return new ByteArrayInputStream(message);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() {
        unfinished.close();
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
        door.close();
    }
}
