package dev.latchkey.event;

/**
 * Where a request came from.
 *
 * @param address empty when it is not known
 * @param userAgent the caller's own name for itself, at most 200 characters; empty when it sends none
 */
public record Origin(String address, String userAgent) {

    /** Where a caller is whose address is not known: in no range of addresses. */
    public static Origin unknown(String userAgent) {
        return new Origin("", userAgent);
    }

    public boolean hasAddress() {
        return !address.isEmpty();
    }
}
