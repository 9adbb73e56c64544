package dev.latchkey.http;

import dev.latchkey.lane.Seldom;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the real caller behind a reverse proxy. {@code X-Forwarded-For} and {@code X-Forwarded-Proto} are trusted only
 * from a trusted proxy, and of the list only what trusted proxies added: the right-most address that is not one of
 * them. The caller may have made up everything further left.
 *
 * <p>RFC 7239's {@code Forwarded} is not read: proxies that write {@code X-Forwarded-For} pass a caller's own
 * {@code Forwarded} on unchanged, so trusting both would mean trusting the caller.
 */
final class TrustedProxies {
    private static final Logger log = LoggerFactory.getLogger(TrustedProxies.class);

    private final Supplier<List<AddressRange>> current;
    private final @Nullable String certificateField;
    private final boolean publicHttps;
    private final Seldom warning = new Seldom();

    /**
     * @param current their addresses at the moment
     * @param certificateField the header field in which they pass on the caller's TLS certificate; null for none
     * @param publicHttps whether callers reach us over https, whatever arrives here
     */
    TrustedProxies(Supplier<List<AddressRange>> current, @Nullable String certificateField, boolean publicHttps) {
        this.current = current;
        this.certificateField = certificateField;
        this.publicHttps = publicHttps;
    }

    TrustedProxies(List<AddressRange> ranges, @Nullable String certificateField) {
        this(() -> ranges, certificateField, false);
    }

    /** @param certificates what a proxy says that the caller presented; null when no proxy passes certificates on */
    record Caller(String address, boolean secure, @Nullable List<X509Certificate> certificates) {}

    Caller caller(InetAddress peer, boolean secure, Headers headers) {
        List<AddressRange> ranges = current.get();
        if (!trusts(ranges, peer)) {
            warnOfUnknownProxy(peer, secure, headers);
            return new Caller(peer.getHostAddress(), secure || publicHttps, null);
        }
        boolean secureAtProxy = headers.first("X-Forwarded-Proto")
                .map(value -> value.strip().equalsIgnoreCase("https"))
                .orElse(secure || publicHttps);
        return new Caller(
                farthest(ranges, peer, headers.all("X-Forwarded-For")).getHostAddress(),
                secureAtProxy,
                certificateField == null ? null : ClientCertificateField.read(headers.all(certificateField)));
    }

    /** Logs at most once a minute, because anyone can send these fields. */
    private void warnOfUnknownProxy(InetAddress peer, boolean secure, Headers headers) {
        if (publicHttps
                && !secure
                && (headers.first("X-Forwarded-Proto").isPresent()
                        || headers.first("X-Forwarded-For").isPresent()
                        || headers.first("Forwarded").isPresent())
                && warning.isDue()) {
            log.warn(
                    "Requests arrive over plain http from a proxy at {} that is not in trusted-proxies, although the issuer"
                            + " is https. All its callers count as one address. Add the proxy if it is yours",
                    peer.getHostAddress());
        }
    }

    /** Walks the list from our end; an entry that is not an address ends the walk at the last one that was. */
    private static InetAddress farthest(List<AddressRange> ranges, InetAddress peer, List<String> lists) {
        InetAddress address = peer;
        for (String list : lists.reversed()) {
            int end = list.length();
            while (end >= 0) {
                int comma = list.lastIndexOf(',', end - 1);
                try {
                    address = AddressRange.address(
                            withoutPort(list.substring(comma + 1, end).strip()));
                } catch (IllegalArgumentException e) {
                    return address;
                }
                if (!trusts(ranges, address)) {
                    return address;
                }
                end = comma;
            }
        }
        return address;
    }

    /** Some proxies write {@code 192.0.2.1:4711} and {@code [2001:db8::1]:4711}. */
    private static String withoutPort(String hop) {
        if (hop.startsWith("[")) {
            int bracket = hop.indexOf(']');
            return bracket < 0 ? hop : hop.substring(1, bracket);
        }
        int colon = hop.indexOf(':');
        return colon >= 0 && colon == hop.lastIndexOf(':') ? hop.substring(0, colon) : hop;
    }

    /** Whether there are any at the moment. */
    boolean areKnown() {
        return !current.get().isEmpty();
    }

    /** Whether one of them has this address. */
    boolean trusts(InetAddress address) {
        return trusts(current.get(), address);
    }

    private static boolean trusts(List<AddressRange> ranges, InetAddress address) {
        for (AddressRange range : ranges) {
            if (range.contains(address)) {
                return true;
            }
        }
        return false;
    }
}
