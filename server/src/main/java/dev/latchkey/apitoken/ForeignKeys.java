package dev.latchkey.apitoken;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import dev.latchkey.problem.Text;
import java.math.BigInteger;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The public keys of others, read key by key (RFC 7517 section 5): one unusable key does not affect the others.
 *
 * @param keys the keys that can check signatures
 * @param skipped the other keys, each with the reason
 * @param holdSecrets whether any of them was a private or shared key
 */
public record ForeignKeys(List<JWK> keys, List<String> skipped, boolean holdSecrets) {
    /** The members that are read. Others, such as certificates, are ignored. */
    private static final List<String> MEMBERS = List.of("kty", "crv", "x", "y", "n", "e", "kid", "alg");

    private static final List<String> SECRETS = List.of("d", "p", "q", "dp", "dq", "qi", "oth", "k");

    /** {@code jwt-svid} is SPIFFE's name for {@code sig} (Trust Domain and Bundle specification section 4.2.2). */
    private static final Set<String> USES = Set.of("sig", "jwt-svid");

    private static final Set<String> CURVES = Set.of("P-256", "P-384", "P-521", "Ed25519");

    private static final int MIN_RSA_BITS = 2_048;

    /** Others choose the key, so these limits bound the cost of a check: larger keys take many times as long. */
    private static final int MAX_RSA_BITS = 8_192;

    private static final int MAX_RSA_EXPONENT_BITS = 64;

    private static final int LONGEST_NAME = 60;

    /**
     * Reads a JWK set.
     *
     * @throws ParseException when it is not a JWK set
     */
    public static ForeignKeys read(Map<String, ?> set) throws ParseException {
        if (!(set.get("keys") instanceof List<?> entries)) {
            throw new ParseException("This is not a JWK set: {\"keys\":[...]} (RFC 7517 section 5).", 0);
        }
        List<JWK> keys = new ArrayList<>();
        List<String> skipped = new ArrayList<>();
        boolean secrets = false;
        int number = 0;
        for (Object entry : entries) {
            number++;
            Map<?, ?> members = entry instanceof Map<?, ?> object ? object : Map.of();
            String name = members.get("kid") instanceof String kid
                    ? "key " + Text.shortened(kid, LONGEST_NAME)
                    : "key number " + number;
            secrets |= SECRETS.stream().anyMatch(secret -> members.get(secret) != null);
            try {
                keys.add(key(members));
            } catch (ParseException | RuntimeException e) {
                // Nimbus throws other exceptions for some malformed keys.
                skipped.add(name + " (" + (e instanceof ParseException ? e.getMessage() : "it is malformed") + ")");
            }
        }
        return new ForeignKeys(List.copyOf(keys), List.copyOf(skipped), secrets);
    }

    private static JWK key(Map<?, ?> members) throws ParseException {
        if (SECRETS.stream().anyMatch(secret -> members.get(secret) != null)) {
            throw new ParseException("it is not a public key", 0);
        }
        if (members.get("use") instanceof Object use && !USES.contains(use)) {
            throw new ParseException("it is not for signatures", 0);
        }
        if (members.get("key_ops") instanceof Object operations
                && !(operations instanceof List<?> list && list.contains("verify"))) {
            throw new ParseException("it is not for checking signatures", 0);
        }
        if (members.get("crv") instanceof Object curve && !CURVES.contains(curve)) {
            throw new ParseException("its curve is not one of P-256, P-384, P-521, Ed25519", 0);
        }
        Map<String, Object> known = new LinkedHashMap<>();
        for (String member : MEMBERS) {
            Object value = members.get(member);
            if (value != null) {
                known.put(member, value);
            }
        }
        JWK key = JWK.parse(known);
        if (key instanceof RSAKey rsa) {
            String weak = whyUnusable(rsa);
            if (weak != null) {
                throw new ParseException(weak, 0);
            }
        }
        return key;
    }

    /** Why an RSA key is not used for checks; null when it is. */
    public static @Nullable String whyUnusable(RSAKey key) {
        BigInteger exponent = key.getPublicExponent().decodeToBigInteger();
        if (key.size() < MIN_RSA_BITS) {
            return "RSA keys need at least " + MIN_RSA_BITS + " bits (RFC 7518 section 3.3)";
        }
        if (key.size() > MAX_RSA_BITS || exponent.bitLength() > MAX_RSA_EXPONENT_BITS) {
            return "RSA keys may have at most " + MAX_RSA_BITS + " bits, and an exponent of at most "
                    + MAX_RSA_EXPONENT_BITS;
        }
        // With exponent 1 every text is its own signature; with an even one there is no private key.
        return exponent.compareTo(BigInteger.TWO) > 0 && exponent.testBit(0)
                ? null
                : "the exponent of an RSA key must be odd and at least 3";
    }
}
