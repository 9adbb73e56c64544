package dev.latchkey.openapi;

import dev.latchkey.http.Text;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Fetches documents from hosts that the operator allowed, and from nowhere else: an address in a document must not make
 * this server call whatever its author likes (server-side request forgery).
 */
public final class RemoteDocuments implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int MAX_REDIRECTS = 3;

    private final Set<String> allowedHosts;

    /** Made when first used: most installations allow no host, and it would slow down every start. */
    private @Nullable HttpClient http;

    /** @param allowedHosts lower case; with a port when it is not the scheme's own */
    public RemoteDocuments(Set<String> allowedHosts) {
        this.allowedHosts = Set.copyOf(allowedHosts);
    }

    byte[] fetch(URI address, String referredFrom) {
        URI next = address;
        for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
            requireAllowed(next, referredFrom);
            HttpResponse<byte[]> response = get(next, referredFrom);
            if (response.statusCode() == 200) {
                return response.body();
            }
            String location = response.headers().firstValue("Location").orElse(null);
            if (response.statusCode() / 100 != 3 || location == null) {
                throw new UnusableDocumentException(
                        referredFrom, next + " answered " + response.statusCode() + " instead of a document");
            }
            next = redirected(next, location, referredFrom);
        }
        throw new UnusableDocumentException(referredFrom, address + " redirects too often");
    }

    private static URI redirected(URI from, String location, String referredFrom) {
        try {
            URI to = from.resolve(location);
            if ("https".equalsIgnoreCase(from.getScheme()) && !"https".equalsIgnoreCase(to.getScheme())) {
                throw new UnusableDocumentException(referredFrom, from + " redirects away from https");
            }
            return to;
        } catch (IllegalArgumentException e) {
            throw new UnusableDocumentException(referredFrom, from + " redirects to nowhere");
        }
    }

    /** The whole answer within the time and the size: a server that sends slowly must hold nobody up. */
    private HttpResponse<byte[]> get(URI address, String referredFrom) {
        HttpRequest request = HttpRequest.newBuilder(address)
                .timeout(PATIENCE)
                .header("Accept", "application/yaml, application/json, */*;q=0.1")
                .build();
        CompletableFuture<HttpResponse<byte[]>> answer = http().sendAsync(
                        request,
                        HttpResponse.BodyHandlers.limiting(
                                HttpResponse.BodyHandlers.ofByteArray(), TreeParser.MAX_BYTES));
        try {
            return answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            answer.cancel(true);
            throw new UnusableDocumentException(
                    referredFrom, address + " cannot be read, or not within 10 seconds and 8 MiB");
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new UnusableDocumentException(referredFrom, address + " was not fetched in time");
        }
    }

    private void requireAllowed(URI address, String referredFrom) {
        String scheme = address.getScheme() == null ? "" : address.getScheme().toLowerCase(Locale.ROOT);
        String host = address.getHost() == null ? "" : address.getHost().toLowerCase(Locale.ROOT);
        boolean web = scheme.equals("https") || scheme.equals("http");
        boolean ownPort = address.getPort() < 0 || address.getPort() == (scheme.equals("https") ? 443 : 80);
        boolean allowed = web
                && address.getRawUserInfo() == null
                && !host.isEmpty()
                && allowedHosts.contains(ownPort ? host : host + ":" + address.getPort());
        if (!allowed) {
            throw new UnusableDocumentException(
                    referredFrom,
                    Text.quote(address.toString()) + " is not fetched. "
                            + (web
                                    ? "An administrator can allow the host " + Text.quote(host)
                                            + " with LATCHKEY_IMPORT_HOSTS"
                                    : "Only https and http addresses can be allowed"));
        }
    }

    private synchronized HttpClient http() {
        if (http == null) {
            http = HttpClient.newBuilder()
                    .connectTimeout(PATIENCE)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .build();
        }
        return http;
    }

    @Override
    public synchronized void close() {
        if (http != null) {
            http.shutdownNow();
            http.close();
        }
    }
}
