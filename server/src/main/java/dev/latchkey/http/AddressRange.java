package dev.latchkey.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** A network (CIDR) or a single address, IPv4 or IPv6. */
public final class AddressRange {
    private final byte[] network;
    private final int prefixLength;

    private AddressRange(byte[] network, int prefixLength) {
        this.network = network;
        this.prefixLength = prefixLength;
    }

    /**
     * Parses {@code 10.0.0.0/8}, {@code ::1} and the like.
     *
     * @throws IllegalArgumentException for anything else, host names included
     */
    public static AddressRange parse(String text) {
        int slash = text.indexOf('/');
        byte[] address = bytes(slash < 0 ? text : text.substring(0, slash));
        int most = address.length * 8;
        int prefixLength = slash < 0 ? most : Integer.parseInt(text.substring(slash + 1));
        if (prefixLength < 0 || prefixLength > most) {
            throw new IllegalArgumentException("The prefix length must be from 0 to " + most + ".");
        }
        return new AddressRange(address, prefixLength);
    }

    /** Whether the address, written as numbers, lies within; anything that is not an address does not. */
    public boolean contains(String address) {
        byte[] other;
        try {
            other = bytes(address);
        } catch (IllegalArgumentException e) {
            return false;
        }
        if (other.length != network.length) {
            return false;
        }
        int whole = prefixLength / 8;
        if (!Arrays.equals(network, 0, whole, other, 0, whole)) {
            return false;
        }
        int rest = prefixLength % 8;
        int mask = rest == 0 ? 0 : 0xff << (8 - rest);
        return rest == 0 || (network[whole] & mask) == (other[whole] & mask);
    }

    /** The address in its usual spelling, IPv4-mapped IPv6 as IPv4; throws IllegalArgumentException for a non-address. */
    static String canonical(String text) {
        try {
            String plain = text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
            return InetAddress.getByAddress(bytes(plain)).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static byte[] bytes(String text) {
        // InetAddress.ofLiteral never asks a name server.
        int zone = text.indexOf('%');
        return InetAddress.ofLiteral(zone < 0 ? text : text.substring(0, zone)).getAddress();
    }

    @Override
    public String toString() {
        try {
            return InetAddress.getByAddress(network).getHostAddress() + "/" + prefixLength;
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
