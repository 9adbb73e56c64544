package dev.latchkey.http;

import dev.latchkey.problem.Text;
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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Fetches files from hosts that the operator allows, and from no others: an address that a user enters must not make
 * this server call what only it can reach.
 */
public final class RemoteFiles implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int MAX_REDIRECTS = 3;

    private final Supplier<Set<String>> allowedHosts;
    private final String setting;
    private final String accept;
    private final int maxBytes;
    private final boolean onlyPrivate;

    /** Created on first use: most installations fetch nothing, and it would slow down every start. */
    private @Nullable HttpClient http;

    /**
     * @param allowedHosts those of the moment, in lower case; with the port unless it is the scheme's default
     * @param setting the setting that allows a host, for error messages
     * @param accept the media types that are requested
     * @param maxBytes how long a file may be
     * @param onlyPrivate whether only {@linkplain #isPrivate private} addresses are allowed, so that no one along the
     *     way can replace the file
     */
    public RemoteFiles(
            Supplier<Set<String>> allowedHosts, String setting, String accept, int maxBytes, boolean onlyPrivate) {
        this.allowedHosts = allowedHosts;
        this.setting = setting;
        this.accept = accept;
        this.maxBytes = maxBytes;
        this.onlyPrivate = onlyPrivate;
    }

    /** Whether no one along the way can replace what is fetched: the address is https, or on this machine. */
    public static boolean isPrivate(URI address) {
        return "https".equalsIgnoreCase(address.getScheme())
                || Set.of("localhost", "127.0.0.1", "[::1]")
                        .contains(String.valueOf(address.getHost()).toLowerCase(Locale.ROOT));
    }

    /** The hosts that are allowed at the moment. */
    public Set<String> allowedHosts() {
        return allowedHosts.get();
    }

    /** A file cannot be fetched; the message says from which address, and why. */
    public static class UnavailableException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private UnavailableException(String message) {
            super(message);
        }
    }

    /** The address is not allowed, so the file was not requested. */
    public static final class NotAllowedException extends UnavailableException {
        private static final long serialVersionUID = 1L;

        private NotAllowedException(String message) {
            super(message);
        }
    }

    /**
     * The whole file, bounded in time and size: a slow server must not hold anyone up.
     *
     * @throws UnavailableException when it cannot be fetched, or is not allowed
     */
    public byte[] fetch(URI address) {
        URI next = address;
        for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
            requireAllowed(next);
            HttpResponse<byte[]> response = get(next);
            if (response.statusCode() == 200) {
                return response.body();
            }
            String location = response.headers().firstValue("Location").orElse(null);
            if (response.statusCode() / 100 != 3 || location == null) {
                throw new UnavailableException(next + " answered " + response.statusCode() + " instead of a file");
            }
            next = redirected(next, location);
        }
        throw new UnavailableException(address + " redirects too often");
    }

    private static URI redirected(URI from, String location) {
        try {
            URI to = from.resolve(location);
            if ("https".equalsIgnoreCase(from.getScheme()) && !"https".equalsIgnoreCase(to.getScheme())) {
                throw new UnavailableException(from + " redirects away from https");
            }
            return to;
        } catch (IllegalArgumentException e) {
            throw new UnavailableException(from + " redirects to an invalid address");
        }
    }

    private HttpResponse<byte[]> get(URI address) {
        HttpRequest request = HttpRequest.newBuilder(address)
                .timeout(PATIENCE)
                .header("Accept", accept)
                .build();
        CompletableFuture<HttpResponse<byte[]>> answer = http().sendAsync(
                        request, HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), maxBytes));
        try {
            return answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            answer.cancel(true);
            throw new UnavailableException(
                    address + " cannot be fetched within " + PATIENCE.toSeconds() + " seconds and "
                            + (maxBytes >= 1024 * 1024 ? maxBytes / 1024 / 1024 + " MiB" : maxBytes / 1024 + " KiB"));
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new UnavailableException(address + " was not fetched in time");
        }
    }

    /**
     * Refuses an address that the operator does not allow.
     *
     * @throws NotAllowedException which says what the operator can do
     */
    private void requireAllowed(URI address) {
        String scheme = address.getScheme() == null ? "" : address.getScheme().toLowerCase(Locale.ROOT);
        String host = address.getHost() == null ? "" : address.getHost().toLowerCase(Locale.ROOT);
        boolean web = scheme.equals("https") || scheme.equals("http");
        boolean ownPort = address.getPort() < 0 || address.getPort() == (scheme.equals("https") ? 443 : 80);
        String named = ownPort ? host : host + ":" + address.getPort();
        boolean allowed = web
                && address.getRawUserInfo() == null
                && !host.isEmpty()
                && allowedHosts.get().contains(named);
        if (!allowed) {
            throw new NotAllowedException(Text.quote(address.toString()) + " is not fetched. "
                    + (web
                            ? "An administrator can allow the host " + Text.quote(named) + " with " + setting
                            : "Only https and http addresses can be allowed"));
        }
        if (onlyPrivate && !isPrivate(address)) {
            throw new UnavailableException(
                    Text.quote(address.toString())
                            + " is not fetched: over plain http, anyone along the way could replace it. Register its https address");
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
