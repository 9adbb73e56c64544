package dev.latchkey.oauth;

import dev.latchkey.event.Origin;
import dev.latchkey.http.Request;
import dev.latchkey.path.RequestPath;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * An access token as a caller presents it to a resource, with what proves that it is the caller's own.
 *
 * @param authorization the Authorization field
 * @param proofs the DPoP fields (RFC 9449)
 * @param method the request's method
 * @param urls the resource's URL in all its spellings, without a query; only DPoP proofs are compared with it, so it may be
 *     empty when there are none
 * @param certificates the caller's TLS certificate (RFC 8705), followed by its chain; empty for none
 */
public record PresentedAccessToken(
        String authorization,
        List<String> proofs,
        String method,
        List<String> urls,
        List<X509Certificate> certificates,
        Origin origin) {

    /**
     * What a request to this server presents.
     *
     * @param bases the public base URLs of this server
     */
    public static PresentedAccessToken of(Request request, String authorization, List<String> bases) {
        List<String> proofs = request.headers().all(DpopProofs.FIELD);
        return new PresentedAccessToken(
                authorization,
                proofs,
                request.method(),
                proofs.isEmpty() ? List.of() : urls(request, bases),
                request.clientCertificates(),
                new Origin(request.remoteAddress(), request.userAgent()));
    }

    private static List<String> urls(Request request, List<String> bases) {
        String path = RequestPath.ofTarget(request.target());
        return bases.stream().map(base -> base + path).toList();
    }

    @Override
    public String toString() {
        return "PresentedAccessToken";
    }
}
