package dev.latchkey.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.RunningServer;
import dev.latchkey.Waiting;
import dev.latchkey.database.TestEngine;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.HeaderMap;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Envoy's question over gRPC, asked with Envoy's own messages over a real connection. */
class EnvoyGrpcTest {
    private RunningServer server;
    private Billing billing;
    private ManagedChannel channel;
    private AuthorizationGrpc.AuthorizationBlockingStub envoy;

    @BeforeEach
    void start() {
        server = RunningServer.start(TestEngine.SQLITE);
        billing = new Billing(server);
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort())
                .usePlaintext()
                .build();
        envoy = AuthorizationGrpc.newBlockingStub(channel);
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.close();
    }

    private static CheckRequest question(
            String method,
            String path,
            String accessToken,
            Consumer<AttributeContext.HttpRequest.Builder> http,
            Consumer<AttributeContext.Builder> attributes) {
        AttributeContext.HttpRequest.Builder request = AttributeContext.HttpRequest.newBuilder()
                .setId("7")
                .setMethod(method)
                .setPath(path)
                .setHost("billing.example")
                .setScheme("https")
                .setProtocol("HTTP/2")
                .setSize(-1)
                .putHeaders(":authority", "billing.example")
                .putHeaders("user-agent", "the-program/1");
        if (accessToken != null) {
            request.putHeaders("authorization", "Bearer " + accessToken);
        }
        http.accept(request);
        AttributeContext.Builder context = AttributeContext.newBuilder()
                .setSource(AttributeContext.Peer.newBuilder()
                        .setAddress(Address.newBuilder()
                                .setSocketAddress(SocketAddress.newBuilder()
                                        .setAddress("192.0.2.7")
                                        .setPortValue(4711))))
                .setRequest(AttributeContext.Request.newBuilder().setHttp(request))
                .putContextExtensions("latchkey-api", "billing");
        attributes.accept(context);
        return CheckRequest.newBuilder().setAttributes(context).build();
    }

    private CheckResponse ask(String method, String path, String accessToken) {
        return envoy.withDeadlineAfter(20, TimeUnit.SECONDS)
                .check(question(method, path, accessToken, http -> {}, attributes -> {}));
    }

    private static Map<String, String> headers(List<HeaderValueOption> options) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (HeaderValueOption option : options) {
            assertThat(option.getAppendAction())
                    .isEqualTo(HeaderValueOption.HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD);
            headers.put(option.getHeader().getKey(), option.getHeader().getValue());
        }
        return headers;
    }

    private static int status(CheckResponse answer) {
        return answer.hasOkResponse() && answer.getStatus().getCode() == 0
                ? 200
                : answer.getDeniedResponse().getStatus().getCodeValue();
    }

    @Test
    void anAllowedRequestTellsTheApiWhoCalls() {
        CheckResponse answer = ask("GET", "/v1/invoices/42?x=y", billing.accessToken(billing.clerk));
        assertThat(answer.getStatus().getCode()).isEqualTo(Status.Code.OK.value());
        assertThat(headers(answer.getOkResponse().getHeadersList()))
                .containsEntry("latchkey-client-id", billing.clerk.clientId())
                .containsEntry("latchkey-role", "invoice_clerk")
                .containsEntry("latchkey-description", "B%C3%BCro \"1\"")
                .containsEntry("latchkey-endpoint", "GET /invoices/{id}");
    }

    @Test
    void aCallBeyondALimitGets429AndAnAllowedOneSaysWhereItsCallerStands() {
        billing.admin.send("PATCH", "/tokens/" + billing.reader.clientId(), "{\"limits\": {\"perMonth\": 1}}");
        String accessToken = billing.accessToken(billing.reader);
        CheckResponse allowed = ask("GET", "/v1/invoices", accessToken);
        assertThat(status(allowed)).isEqualTo(200);
        assertThat(headers(allowed.getOkResponse().getResponseHeadersToAddList())
                        .get("ratelimit"))
                .startsWith("\"token-per-month\";r=0;t=");
        assertThat(headers(allowed.getOkResponse().getHeadersList())).doesNotContainKey("ratelimit");
        CheckResponse refused = ask("GET", "/v1/invoices", accessToken);
        assertThat(status(refused)).isEqualTo(429);
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED.value());
        assertThat(headers(refused.getDeniedResponse().getHeadersList()))
                .containsKeys("retry-after", "ratelimit", "ratelimit-policy");
        assertThat(refused.getDeniedResponse().getBody()).contains("rate_limited");
        CheckResponse unlimited = ask("GET", "/v1/invoices", billing.accessToken(billing.clerk));
        assertThat(unlimited.getOkResponse().getResponseHeadersToAddList()).isEmpty();
    }

    @Test
    void anApiThatAsksForAnAssertionGetsOneAndNeverTheCallers() {
        billing.admin.send("PATCH", "/apis/billing", "{\"assertion\": true}");
        CheckResponse answer = ask("GET", "/v1/invoices", billing.accessToken(billing.clerk));
        assertThat(headers(answer.getOkResponse().getHeadersList()).get("latchkey-assertion"))
                .startsWith("ey");
        CheckResponse anonymous = envoy.check(question(
                "GET", "/v1/status", null, http -> http.putHeaders("latchkey-assertion", "forged"), attributes -> {}));
        assertThat(status(anonymous)).isEqualTo(200);
        assertThat(headers(anonymous.getOkResponse().getHeadersList())).doesNotContainKey("latchkey-assertion");
        assertThat(anonymous.getOkResponse().getHeadersToRemoveList()).contains("latchkey-assertion");
    }

    /** Envoy compares names without decoding them. */
    @Test
    void aKeyInTheQueryIsRemovedUnderTheNameThatTheQuerySpells() {
        billing.takeKeys("{\"query\": \"api_key\"}");
        String key = billing.apiKey("invoice_reader", "").text();
        for (String name : List.of("api_key", "api%5Fkey", "%61pi_key")) {
            CheckResponse answer = ask("GET", "/v1/invoices?a=1&" + name + "=" + key, null);
            assertThat(status(answer)).isEqualTo(200);
            assertThat(answer.getOkResponse().getQueryParametersToRemoveList()).containsOnly("api_key", name);
        }
    }

    /** Envoy keeps its connection and asks all the time. */
    @Test
    void aServerThatStopsAnswersEveryQuestionThatCameBefore() throws Exception {
        String accessToken = billing.accessToken(billing.clerk);
        Queue<io.grpc.Status> refused = new ConcurrentLinkedQueue<>();
        AtomicInteger answered = new AtomicInteger();
        List<Thread> callers = Stream.generate(() -> Thread.startVirtualThread(() -> {
                    try {
                        while (true) {
                            ask("GET", "/v1/invoices/42", accessToken);
                            answered.incrementAndGet();
                        }
                    } catch (StatusRuntimeException e) {
                        refused.add(e.getStatus());
                    }
                }))
                .limit(4)
                .toList();
        Waiting.until("a hundred answers", () -> answered.get() >= 100);
        server.close();
        for (Thread caller : callers) {
            caller.join();
        }
        assertThat(refused)
                .as("nobody is there any more for a new connection, as it has to be in the end")
                .hasSize(4)
                // A client that connects at the very moment of closing may be accepted and never read, or sent away: it
                // asked nothing.
                .allSatisfy(status -> assertThat(status.getDescription() + status.getCause())
                        .containsAnyOf("Connection refused", "waiting_for_connection", "GOAWAY", "channel closed"));
    }

    @Test
    void aRefusalHasItsStatusItsChallengeAndItsReason() {
        CheckResponse forbidden = ask("DELETE", "/v1/invoices/42", billing.accessToken(billing.reader));
        assertThat(forbidden.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED.value());
        assertThat(status(forbidden)).isEqualTo(403);
        assertThat(forbidden.getDeniedResponse().getBody()).contains("\"privilege\":\"invoices:write\"");
        assertThat(headers(forbidden.getDeniedResponse().getHeadersList()))
                .containsEntry("content-type", "application/problem+json")
                .containsEntry(
                        "www-authenticate",
                        "Bearer realm=\"billing\", error=\"insufficient_scope\", scope=\"invoices:write\"");
        CheckResponse nobody = ask("GET", "/v1/invoices/42", null);
        assertThat(nobody.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED.value());
        assertThat(status(nobody)).isEqualTo(401);
        assertThat(status(ask("GET", "/v1/invoices//42", billing.accessToken(billing.reader))))
                .isEqualTo(403);
    }

    @Test
    void whatLatchkeyDoesNotSayOfTheCallerIsTakenOut() {
        CheckResponse answer = envoy.check(question(
                "GET", "/v1/status", null, http -> http.putHeaders("latchkey-owner", "forged"), attributes -> {}));
        assertThat(status(answer)).isEqualTo(200);
        assertThat(answer.getOkResponse().getHeadersToRemoveList())
                .contains("latchkey-owner")
                .contains("latchkey-client-id", "latchkey-role", "latchkey-account", "latchkey-description")
                .contains("latchkey_client_id", "latchkey-client_id", "latchkey_client-id", "latchkey_endpoint")
                .doesNotContain("latchkey-endpoint");
    }

    @Test
    void aRevocationAndAChangedRoleCountAtTheNextQuestion() {
        String accessToken = billing.accessToken(billing.reader);
        assertThat(status(ask("POST", "/v1/invoices", accessToken))).isEqualTo(403);
        billing.admin.send("PUT", "/roles/invoice_reader/privileges/billing/invoices:write", "{\"effect\": \"allow\"}");
        assertThat(status(ask("POST", "/v1/invoices", accessToken))).isEqualTo(200);
        billing.admin.post("/tokens/" + billing.reader.clientId() + "/revoke", "{}");
        assertThat(status(ask("POST", "/v1/invoices", accessToken))).isEqualTo(401);
    }

    @Test
    void theApiIsFoundByHostWhenEnvoyDoesNotNameIt() {
        String accessToken = billing.accessToken(billing.reader);
        assertThat(status(envoy.check(question(
                        "GET",
                        "/v1/invoices",
                        accessToken,
                        http -> {},
                        AttributeContext.Builder::clearContextExtensions))))
                .isEqualTo(200);
        assertThat(status(envoy.check(question(
                        "GET",
                        "/v1/invoices",
                        accessToken,
                        http -> http.setHost("other.example"),
                        AttributeContext.Builder::clearContextExtensions))))
                .isEqualTo(403);
        assertThat(status(envoy.check(question(
                        "GET",
                        "/v1/invoices",
                        accessToken,
                        http -> {},
                        context -> context.putContextExtensions("latchkey-api", "nothing")))))
                .isEqualTo(403);
    }

    @Test
    void rawHeadersCountLikeTheOthers() {
        String accessToken = billing.accessToken(billing.reader);
        CheckResponse answer = envoy.check(question(
                "GET",
                "/v1/invoices",
                null,
                http -> http.setHeaderMap(HeaderMap.newBuilder()
                        .addHeaders(HeaderValue.newBuilder()
                                .setKey("authorization")
                                .setRawValue(com.google.protobuf.ByteString.copyFromUtf8("Bearer " + accessToken)))),
                attributes -> {}));
        assertThat(status(answer)).isEqualTo(200);
        CheckResponse twice = envoy.check(question(
                "GET",
                "/v1/invoices",
                accessToken,
                http -> http.setHeaderMap(HeaderMap.newBuilder()
                        .addHeaders(
                                HeaderValue.newBuilder().setKey("Authorization").setValue("Bearer " + accessToken))),
                attributes -> {}));
        assertThat(status(twice)).as("nobody knows which of two counts").isEqualTo(400);
    }

    @Test
    void aFieldThatNamesAnotherMethodIsRefused() {
        String accessToken = billing.accessToken(billing.clerk);
        for (String field : List.of("x-http-method-override", "x-http-method", "x-method-override")) {
            assertThat(status(envoy.check(question(
                            "GET",
                            "/v1/invoices",
                            accessToken,
                            http -> http.putHeaders(field, "GET, DELETE"),
                            attributes -> {}))))
                    .isEqualTo(403);
        }
    }

    @Test
    void anEmptyQuestionIsRefused() {
        assertThat(status(envoy.check(CheckRequest.getDefaultInstance()))).isEqualTo(403);
    }

    /** An Envoy that is configured to do so lets a failed call pass, but never a denial. */
    @Test
    void aMessageThatIsNoneOfEnvoysIsDeniedAndDoesNotFail() {
        MethodDescriptor.Marshaller<byte[]> bytes = new MethodDescriptor.Marshaller<>() {
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
        };
        MethodDescriptor<byte[], byte[]> check = MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName("envoy.service.auth.v3.Authorization/Check")
                .setRequestMarshaller(bytes)
                .setResponseMarshaller(bytes)
                .build();
        Random random = new Random(7);
        for (int i = 0; i < 200; i++) {
            byte[] broken = new byte[random.nextInt(1, 60)];
            random.nextBytes(broken);
            byte[] answer = ClientCalls.blockingUnaryCall(channel, check, CallOptions.DEFAULT, broken);
            assertThatCode(() ->
                            assertThat(status(CheckResponse.parseFrom(answer))).isBetween(400, 499))
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void aQuestionThatIsTooLargeIsRefused() {
        CheckRequest large = question(
                "GET", "/v1/invoices", null, http -> http.putHeaders("x", "y".repeat(200_000)), attributes -> {});
        assertThatThrownBy(() -> envoy.check(large))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
        assertThat(status(ask("GET", "/v1/status", null))).isEqualTo(200);
    }

    @Test
    void theCallersAddressIsEnvoysOnlyWhileEnvoyIsNotTrusted() {
        ask("GET", "/v1/invoices", billing.accessToken(billing.reader));
        String apiToken =
                billing.admin.get("/tokens/" + billing.reader.clientId()).body();
        assertThat(apiToken).contains("the-program/1", "127.0.0.1").doesNotContain("192.0.2.7");
    }

    @Test
    void manyAskAtOnce() throws Exception {
        String accessToken = billing.accessToken(billing.reader);
        List<Callable<Integer>> questions = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            String method = i % 2 == 0 ? "GET" : "DELETE";
            questions.add(() -> status(ask(method, "/v1/invoices/42", accessToken)));
        }
        try (var threads = Executors.newFixedThreadPool(16)) {
            int allowed = 0;
            for (Future<Integer> answer : threads.invokeAll(questions)) {
                allowed += answer.get() == 200 ? 1 : 0;
            }
            assertThat(allowed).isEqualTo(200);
        }
    }

    @Test
    void itsConnectionsCountWithAllOthers() throws Exception {
        try (RunningServer limited =
                RunningServer.start(TestEngine.SQLITE, Map.of("max-connections-per-address", "10"))) {
            List<Socket> sockets = new ArrayList<>();
            int refused = 0;
            for (int i = 0; i < 20; i++) {
                Socket socket = new Socket("127.0.0.1", i % 2 == 0 ? limited.grpcPort() : port(limited));
                sockets.add(socket);
                socket.setSoTimeout(i < 10 ? 100 : 10_000);
                refused += isClosed(socket) ? 1 : 0;
            }
            assertThat(refused).isBetween(10, 12);
            for (Socket socket : sockets) {
                socket.close();
            }
            assertThat(limited.get("/health/live").status()).isEqualTo(200);
        }
    }

    private static int port(RunningServer server) {
        return URI.create(server.url()).getPort();
    }

    private static boolean isClosed(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException e) {
            return true;
        }
    }
}
