package dev.latchkey;

import dev.latchkey.database.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * {@code latchkey health}: asks the node that runs here with the same settings whether it can serve requests. It is the
 * health check of a container, in which there is no other program that could ask.
 */
final class HealthCheck {
    /** A node says within a second whether it is ready; a longer silence is an answer too. */
    private static final int PATIENCE_MILLIS = 3_000;

    private static final int LONGEST_REPLY = 10_000;
    private static final Pattern DETAIL = Pattern.compile("\"detail\":\"((?:[^\"\\\\]|\\\\.)*)\"");

    private final Settings settings;
    private final PrintStream out;
    private final PrintStream err;

    HealthCheck(Settings settings, PrintStream out, PrintStream err) {
        this.settings = settings;
        this.out = out;
        this.err = err;
    }

    /** Exits 0 when the node is ready, 1 when it is not or does not answer. */
    int run() {
        int port = settings.get(Setting.PORT);
        if (port == 0) {
            throw new UnusableSettingsException(List.of(
                    "port is 0, so the node has picked one that only its own output names. Pass --port with it."));
        }
        try {
            HttpURLConnection call = connection(port);
            int status = call.getResponseCode();
            InputStream body = status < 400 ? call.getInputStream() : call.getErrorStream();
            String reply =
                    body == null ? "" : new String(body.readNBytes(LONGEST_REPLY), StandardCharsets.UTF_8).strip();
            call.disconnect();
            if (status == 200) {
                out.println(reply);
                return 0;
            }
            Matcher detail = DETAIL.matcher(reply);
            err.println("not ready: " + (detail.find() ? detail.group(1) : "status " + status));
        } catch (IOException e) {
            err.println("not ready: port " + port + " does not answer (" + Reason.of(e) + ")");
        }
        return 1;
    }

    private HttpURLConnection connection(int port) throws IOException {
        String scheme = settings.tls() == null ? "http" : "https";
        URI address = URI.create(scheme + "://" + host() + ":" + port + "/health/ready");
        HttpURLConnection call = (HttpURLConnection) address.toURL().openConnection(Proxy.NO_PROXY);
        call.setConnectTimeout(PATIENCE_MILLIS);
        call.setReadTimeout(PATIENCE_MILLIS);
        call.setInstanceFollowRedirects(false);
        if (call instanceof HttpsURLConnection secure) {
            // The certificate is for the public name, and this asks its own machine, sends nothing and learns one word.
            // To check it would report a node as broken whenever its certificate has expired or is being replaced.
            secure.setSSLSocketFactory(trusting().getSocketFactory());
            secure.setHostnameVerifier((name, session) -> true);
        }
        return call;
    }

    /** A node that listens on all addresses is asked on loopback. */
    private String host() throws UnknownHostException {
        String host = settings.get(Setting.HOST);
        InetAddress address = InetAddress.getByName(host);
        String name = address.isAnyLocalAddress() ? (host.contains(":") ? "::1" : "127.0.0.1") : host;
        return name.contains(":") ? "[" + name + "]" : name;
    }

    private static SSLContext trusting() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new AnyCertificate()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java has no TLS.", e);
        }
    }

    private static final class AnyCertificate extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
