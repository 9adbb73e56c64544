package dev.latchkey.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrustedProxiesTest {
    private static final TrustedProxies PROXIES = new TrustedProxies(
            Stream.of("10.0.0.0/8", "fd00::/8").map(AddressRange::parse).toList(), null);

    private static String address(TrustedProxies proxies, String peer, String forwardedFor) {
        return proxies.caller(AddressRange.address(peer), false, Headers.of(Map.of("X-Forwarded-For", forwardedFor)))
                .address();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            10.0.0.1     | 203.0.113.7                        | 203.0.113.7
            10.0.0.1     | 198.51.100.1, 203.0.113.7          | 203.0.113.7
            10.0.0.1     | 198.51.100.1, 203.0.113.7,10.0.0.2 | 203.0.113.7
            10.0.0.1     | 10.0.0.3, 10.0.0.2                 | 10.0.0.3
            10.0.0.1     | 203.0.113.7:4711                   | 203.0.113.7
            10.0.0.1     | 2001:db8::1                        | 2001:db8:0:0:0:0:0:1
            10.0.0.1     | [2001:db8::1]                      | 2001:db8:0:0:0:0:0:1
            10.0.0.1     | [2001:db8::1]:4711                 | 2001:db8:0:0:0:0:0:1
            10.0.0.1     | ::ffff:203.0.113.7                 | 203.0.113.7
            fd00::1      | 203.0.113.7                        | 203.0.113.7
            10.0.0.1     | unknown                            | 10.0.0.1
            10.0.0.1     | ''                                 | 10.0.0.1
            10.0.0.1     | 203.0.113.7, localhost             | 10.0.0.1
            10.0.0.1     | 203.0.113.7, nonsense, 10.0.0.2    | 10.0.0.2
            10.0.0.1     | ,                                  | 10.0.0.1
            10.0.0.1     | [                                  | 10.0.0.1
            192.0.2.1    | 203.0.113.7                        | 192.0.2.1
            """)
    void theCallerIsTheRightMostAddressThatIsNoTrustedProxy(String peer, String forwardedFor, String caller) {
        assertThat(address(PROXIES, peer, forwardedFor)).isEqualTo(caller);
    }

    @Test
    void withoutTrustedProxiesNoOneIsBelieved() {
        assertThat(address(new TrustedProxies(List.of(), null), "127.0.0.1", "203.0.113.7"))
                .isEqualTo("127.0.0.1");
    }

    @Test
    void theProtocolIsBelievedFromTheSameProxiesOnly() {
        Headers https = Headers.of(Map.of("X-Forwarded-Proto", "https"));
        Headers http = Headers.of(Map.of("X-Forwarded-Proto", "http"));
        assertThat(PROXIES.caller(AddressRange.address("10.0.0.1"), false, https)
                        .secure())
                .isTrue();
        assertThat(PROXIES.caller(AddressRange.address("192.0.2.1"), false, https)
                        .secure())
                .isFalse();
        assertThat(PROXIES.caller(AddressRange.address("10.0.0.1"), true, http).secure())
                .isFalse();
        assertThat(PROXIES.caller(AddressRange.address("192.0.2.1"), true, http).secure())
                .isTrue();
    }

    @Test
    void theForwardedFieldThatProxiesPassOnUnreadIsNotBelieved() {
        Headers headers = Headers.of(Map.of("Forwarded", "for=203.0.113.7;proto=https"));
        assertThat(PROXIES.caller(AddressRange.address("10.0.0.1"), false, headers))
                .isEqualTo(new TrustedProxies.Caller("10.0.0.1", false, null));
    }
}
