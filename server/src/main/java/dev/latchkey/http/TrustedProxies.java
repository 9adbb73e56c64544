package dev.latchkey.http;

import java.util.ArrayList;
import java.util.List;

/**
 * Who is really calling, when a reverse proxy stands between. {@code X-Forwarded-For} and {@code X-Forwarded-Proto} are
 * believed only from a trusted proxy, and of the list only what trusted proxies added: the right-most address that is not
 * one of them. Everything further left may have been made up by the caller.
 */
final class TrustedProxies {
    private final List<AddressRange> ranges;

    TrustedProxies(List<AddressRange> ranges) {
        this.ranges = List.copyOf(ranges);
    }

    record Caller(String address, boolean secure) {}

    Caller caller(String peer, boolean secure, Headers headers) {
        if (ranges.isEmpty() || !trusts(peer)) {
            return new Caller(peer, secure);
        }
        boolean secureAtProxy = headers.first("X-Forwarded-Proto")
                .map(value -> value.strip().equalsIgnoreCase("https"))
                .orElse(secure);
        List<String> hops = new ArrayList<>();
        for (String header : headers.all("X-Forwarded-For")) {
            for (String hop : header.split(",", -1)) {
                hops.add(hop.strip());
            }
        }
        String address = peer;
        for (String hop : hops.reversed()) {
            try {
                address = AddressRange.canonical(hop);
            } catch (IllegalArgumentException e) {
                break;
            }
            if (!trusts(address)) {
                break;
            }
        }
        return new Caller(address, secureAtProxy);
    }

    private boolean trusts(String address) {
        return ranges.stream().anyMatch(range -> range.contains(address));
    }
}
