package dev.latchkey.verifier;

import java.net.URI;
import java.util.Set;

/** Latchkey's public base URL, as an application names it. */
final class Issuer {
    private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]");

    private Issuer() {}

    /** @throws IllegalArgumentException when it is not a base URL */
    static URI parse(String text) {
        URI issuer = URI.create(text.replaceFirst("/$", ""));
        boolean web = "https".equals(issuer.getScheme()) || "http".equals(issuer.getScheme());
        if (!web
                || issuer.getHost() == null
                || issuer.getRawUserInfo() != null
                || issuer.getRawQuery() != null
                || issuer.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    "The issuer is Latchkey's public base URL, such as https://auth.example.com.");
        }
        return issuer;
    }

    /** @throws IllegalStateException when others could read and change what is sent to it */
    static void requireEncrypted(URI issuer) {
        if ("http".equals(issuer.getScheme()) && !THIS_MACHINE.contains(issuer.getHost())) {
            throw new IllegalStateException(
                    "The issuer " + issuer + " begins with http:. Use https:, or accept the risk with plainHttp().");
        }
    }
}
