package dev.latchkey.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS, HTTP/2, and certificates that change while the server runs. */
class HttpServerTlsTest {
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final Routes routes = Routes.builder()
            .add("GET", "/caller", request -> Response.text(200, request.remoteAddress() + " " + request.secure()))
            .add("POST", "/echo", request -> Response.of(200, "application/octet-stream", request.body()))
            .add("GET", "/slow", request -> {
                entered.countDown();
                try {
                    assertThat(released.await(10, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                return Response.text(200, "done");
            })
            .build();

    @TempDir
    Path folder;

    private HttpServer start(TestCertificate certificate) throws Exception {
        return HttpServer.start(
                HttpConfig.builder()
                        .tls(new HttpConfig.Tls(
                                certificate.writeCertificate(folder.resolve("cert.pem")),
                                certificate.writeKey(folder.resolve("key.pem"))))
                        .build(),
                routes);
    }

    private static HttpClient client(TestCertificate certificate, HttpClient.Version version) {
        return HttpClient.newBuilder()
                .sslContext(certificate.trusted())
                .version(version)
                .build();
    }

    private static HttpRequest.Builder to(HttpServer server, String path) {
        return HttpRequest.newBuilder(URI.create("https://localhost:" + server.port() + path));
    }

    @ParameterizedTest
    @EnumSource(
            value = HttpClient.Version.class,
            names = {"HTTP_1_1", "HTTP_2"})
    void bothVersionsOfHttpAreSpokenOverTls(HttpClient.Version version) throws Exception {
        TestCertificate certificate = TestCertificate.make("EC");
        try (HttpServer server = start(certificate);
                HttpClient client = client(certificate, version)) {
            HttpResponse<String> response = client.send(to(server, "/caller").build(), BodyHandlers.ofString());
            assertThat(response.version()).isEqualTo(version);
            assertThat(response.body()).isEqualTo("127.0.0.1 true");
            assertThat(response.headers().firstValue("Strict-Transport-Security"))
                    .contains("max-age=31536000");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"EC", "RSA", "Ed25519"})
    void everyUsualKindOfKeyWorks(String kind) throws Exception {
        TestCertificate certificate = TestCertificate.make(kind);
        try (HttpServer server = start(certificate);
                HttpClient client = client(certificate, HttpClient.Version.HTTP_2)) {
            assertThat(client.send(to(server, "/caller").build(), BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void overHttp2BodiesLimitsAndErrorsAreTheSame() throws Exception {
        TestCertificate certificate = TestCertificate.make("EC");
        try (HttpServer server = start(certificate);
                HttpClient client = client(certificate, HttpClient.Version.HTTP_2)) {
            byte[] body = new byte[Routes.DEFAULT_MAX_BODY_BYTES];
            new java.util.Random(1).nextBytes(body);
            assertThat(client.send(
                                    to(server, "/echo")
                                            .POST(BodyPublishers.ofByteArray(body))
                                            .build(),
                                    BodyHandlers.ofByteArray())
                            .body())
                    .isEqualTo(body);
            HttpResponse<String> tooLarge = client.send(
                    to(server, "/echo")
                            .POST(BodyPublishers.ofByteArray(new byte[body.length + 1]))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(tooLarge.statusCode()).isEqualTo(413);
            HttpResponse<String> chunked = client.send(
                    to(server, "/echo")
                            .POST(BodyPublishers.ofInputStream(
                                    () -> new java.io.ByteArrayInputStream(new byte[body.length + 1])))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(chunked.statusCode()).isEqualTo(413);
            assertThat(client.send(to(server, "/echo").DELETE().build(), BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(405);
            HttpResponse<String> head = client.send(to(server, "/caller").HEAD().build(), BodyHandlers.ofString());
            assertThat(head.statusCode()).isEqualTo(200);
            assertThat(head.headers().firstValue("Content-Length")).contains("14");
            assertThat(client.send(to(server, "/a%2fb").build(), BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(400);
            assertThat(client.send(to(server, "/caller").build(), BodyHandlers.ofString())
                            .version())
                    .isEqualTo(HttpClient.Version.HTTP_2);
        }
    }

    @Test
    void headersBeyondTheLimitReachNoHandlerAndHarmNoOneElse() throws Exception {
        TestCertificate certificate = TestCertificate.make("EC");
        try (HttpServer server = start(certificate);
                HttpClient client = client(certificate, HttpClient.Version.HTTP_2)) {
            HttpRequest tooLarge =
                    to(server, "/caller").header("X-Y", "y".repeat(40_000)).build();
            HttpResponse<String> refused = client.send(tooLarge, BodyHandlers.ofString());
            assertThat(refused.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(refused.statusCode()).isEqualTo(431);
            assertThat(client.send(to(server, "/caller").build(), BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void closingLetsAnHttp2RequestInFlightFinish() throws Exception {
        TestCertificate certificate = TestCertificate.make("EC");
        HttpServer server = start(certificate);
        try (HttpClient client = client(certificate, HttpClient.Version.HTTP_2)) {
            CompletableFuture<HttpResponse<String>> slow =
                    client.sendAsync(to(server, "/slow").build(), BodyHandlers.ofString());
            assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
            Thread closing = Thread.ofVirtual().start(server::close);
            assertThat(closing.join(Duration.ofMillis(300))).isFalse();
            released.countDown();
            assertThat(slow.get(10, TimeUnit.SECONDS).body()).isEqualTo("done");
            assertThat(closing.join(Duration.ofSeconds(5))).isTrue();
        } finally {
            server.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1", "TLSv1.1"})
    void oldProtocolsAreRefused(String protocol) throws Exception {
        try (HttpServer server = start(TestCertificate.make("RSA"))) {
            assertThatThrownBy(() -> handshake(server, protocol, null)).isInstanceOf(SSLException.class);
        }
    }

    @Test
    void onlyForwardSecretAuthenticatedCiphersAreUsed() throws Exception {
        try (HttpServer server = start(TestCertificate.make("RSA"))) {
            assertThat(handshake(server, "TLSv1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"))
                    .isNotNull();
            assertThatThrownBy(() -> handshake(server, "TLSv1.2", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"))
                    .isInstanceOf(SSLException.class);
            assertThatThrownBy(() -> handshake(server, "TLSv1.2", "TLS_RSA_WITH_AES_128_GCM_SHA256"))
                    .isInstanceOf(SSLException.class);
        }
    }

    @Test
    void aRenewedCertificateCountsForTheNextConnectionAndDropsNone() throws Exception {
        TestCertificate first = TestCertificate.make("EC");
        try (HttpServer server = start(first);
                HttpClient client = client(first, HttpClient.Version.HTTP_1_1)) {
            CompletableFuture<HttpResponse<String>> slow =
                    client.sendAsync(to(server, "/slow").build(), BodyHandlers.ofString());
            assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();

            TestCertificate second = TestCertificate.make("RSA");
            second.writeCertificate(folder.resolve("cert.pem"));
            second.writeKey(folder.resolve("key.pem"));
            awaitCertificate(server, second);

            released.countDown();
            assertThat(slow.get(10, TimeUnit.SECONDS).body()).isEqualTo("done");
        }
    }

    @Test
    void aBrokenNewCertificateLeavesTheOldOneInPlace() throws Exception {
        TestCertificate first = TestCertificate.make("EC");
        TlsCertificate files = new TlsCertificate(folder.resolve("cert.pem"), folder.resolve("key.pem"));
        try (HttpServer server = start(first)) {
            Files.writeString(folder.resolve("cert.pem"), "nonsense");
            assertThatThrownBy(files::load).isInstanceOf(StartException.class);
            assertThat(handshake(server, "TLSv1.3", null)).isEqualTo(first.certificate());

            // and once they are valid again, the new one is used
            TestCertificate second = TestCertificate.make("EC");
            second.writeKey(folder.resolve("key.pem"));
            second.writeCertificate(folder.resolve("cert.pem"));
            awaitCertificate(server, second);
        }
    }

    @Test
    void aCertificateWithTheKeyOfAnotherIsRefused() throws Exception {
        for (String kind : List.of("EC", "RSA", "Ed25519")) {
            Path certificate = TestCertificate.make("EC").writeCertificate(folder.resolve("cert.pem"));
            Path key = TestCertificate.make(kind).writeKey(folder.resolve("key.pem"));
            assertThatThrownBy(() -> new TlsCertificate(certificate, key).load())
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("key.pem does not belong to the first certificate");
        }
    }

    @Test
    void filesThatCannotBeUsedAreSaidInOneLine() throws Exception {
        TestCertificate certificate = TestCertificate.make("EC");
        Path pem = certificate.writeCertificate(folder.resolve("cert.pem"));
        Path key = certificate.writeKey(folder.resolve("key.pem"));
        Path traditional = Files.writeString(
                folder.resolve("traditional.pem"),
                "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n");
        Path cut = Files.writeString(
                folder.resolve("cut.pem"), "-----BEGIN PRIVATE KEY-----\nAAA=A\n-----END PRIVATE KEY-----\n");
        Path empty = Files.writeString(folder.resolve("empty.pem"), "");

        assertUnusable(folder.resolve("absent.pem"), key, "cannot be read");
        assertUnusable(pem, folder.resolve("absent.pem"), "cannot be read");
        assertUnusable(pem, traditional, "openssl pkcs8 -topk8 -nocrypt");
        assertUnusable(pem, cut, "cut.pem");
        assertUnusable(pem, empty, "PKCS #8");
        assertUnusable(empty, key, "no certificate");
        assertUnusable(key, key, "key.pem");
    }

    private static void assertUnusable(Path certificate, Path key, String complaint) {
        assertThatThrownBy(() -> new TlsCertificate(certificate, key).load())
                .isInstanceOf(StartException.class)
                .hasMessageContaining(complaint)
                .hasMessageNotContaining("\n");
    }

    private static void awaitCertificate(HttpServer server, TestCertificate expected) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        Certificate seen = handshake(server, "TLSv1.3", null);
        while (!seen.equals(expected.certificate()) && System.nanoTime() < deadline) {
            seen = handshake(server, "TLSv1.3", null);
        }
        assertThat(seen).isEqualTo(expected.certificate());
    }

    /** The certificate that the server presents; whether it is trusted does not matter here. */
    private static Certificate handshake(HttpServer server, String protocol, String cipher) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TrustsAnybody()}, null);
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", server.port())) {
            socket.setEnabledProtocols(new String[] {protocol});
            if (cipher != null) {
                socket.setEnabledCipherSuites(new String[] {cipher});
            }
            socket.startHandshake();
            return socket.getSession().getPeerCertificates()[0];
        }
    }

    private static final class TrustsAnybody extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(
                java.security.cert.X509Certificate[] chain, String type, java.net.Socket socket) {}

        @Override
        public void checkServerTrusted(
                java.security.cert.X509Certificate[] chain, String type, java.net.Socket socket) {}

        @Override
        public void checkClientTrusted(
                java.security.cert.X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine) {}

        @Override
        public void checkServerTrusted(
                java.security.cert.X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine) {}

        @Override
        public void checkClientTrusted(java.security.cert.X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(java.security.cert.X509Certificate[] chain, String type) {}

        @Override
        public java.security.cert.X509Certificate[] getAcceptedIssuers() {
            return new java.security.cert.X509Certificate[0];
        }
    }
}
