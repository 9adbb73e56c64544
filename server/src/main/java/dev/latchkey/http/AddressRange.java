package dev.latchkey.http;

import java.net.Inet4Address;
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
     * Parses a network such as {@code 10.0.0.0/8}, or an address such as {@code ::1}.
     *
     * @throws IllegalArgumentException for anything else, host names included
     */
    public static AddressRange parse(String text) {
        int slash = text.indexOf('/');
        byte[] address = address(slash < 0 ? text : text.substring(0, slash)).getAddress();
        int most = address.length * 8;
        int prefixLength = slash < 0 ? most : number(text.substring(slash + 1));
        if (prefixLength < 0 || prefixLength > most) {
            throw new IllegalArgumentException("The prefix length must be from 0 to " + most + ".");
        }
        return new AddressRange(address, prefixLength);
    }

    /** Whether the text is one address, written as numbers and without a zone, which means something on one machine only. */
    public static boolean isAddress(String text) {
        try {
            address(text);
            return text.indexOf('%') < 0;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * The part of an address that is assumed to belong to one caller, as people write it: an IPv4 address, or the first 64 bits of
     * an IPv6 one, such as {@code 2001:db8::/64}; empty for anything that is not an address.
     */
    public static String ofOneCaller(String text) {
        try {
            InetAddress address = address(text);
            return address instanceof Inet4Address ? address.getHostAddress() : network(address.getAddress());
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private static String network(byte[] address) {
        int last = 8;
        while (last > 0 && address[last - 1] == 0 && address[last - 2] == 0) {
            last -= 2;
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < last; i += 2) {
            text.append(i == 0 ? "" : ":")
                    .append(Integer.toHexString((address[i] & 0xff) << 8 | (address[i + 1] & 0xff)));
        }
        return text + "::/64";
    }

    /** Whether the address, written as numbers, is in the range; anything that is not an address is not. */
    public boolean contains(String address) {
        try {
            return contains(address(address));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    boolean contains(InetAddress address) {
        byte[] other = address.getAddress();
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

    /**
     * An address written as numbers, IPv4-mapped IPv6 as IPv4; no name server is ever asked.
     *
     * @throws IllegalArgumentException for anything else, the short forms of IPv4 ("10.1") included
     */
    static InetAddress address(String text) {
        if (text.indexOf(':') < 0 && text.chars().filter(c -> c == '.').count() != 3) {
            throw new IllegalArgumentException("This is not an IP address.");
        }
        // What follows % is the caller's own name for a network interface, and means nothing here.
        int zone = text.indexOf('%');
        return withoutZone(InetAddress.ofLiteral(zone < 0 ? text : text.substring(0, zone)));
    }

    static InetAddress withoutZone(InetAddress address) {
        if (address instanceof Inet4Address) {
            return address;
        }
        try {
            return InetAddress.getByAddress(address.getAddress());
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static int number(String digits) {
        if (digits.isEmpty() || digits.length() > 3 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException("The prefix length must be a number.");
        }
        return Integer.parseInt(digits);
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
