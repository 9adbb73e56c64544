package dev.latchkey.http;

import dev.latchkey.problem.Problem;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * The TLS certificate of a caller, as proxies write it into a header field: {@code :base64:} (RFC 9440 section 2.1), base64
 * of the DER form, or PEM with percent-encoding (nginx's {@code $ssl_client_escaped_cert}).
 */
final class ClientCertificateField {
    private static final String PEM = "-----BEGIN CERTIFICATE-----";

    private ClientCertificateField() {}

    /**
     * The certificate, then the part of its chain that the proxy passes on; empty when the caller presented none.
     *
     * @throws Problem 400 when the field occurs twice or is unreadable: someone other than the proxy may have written
     *     it
     */
    static List<X509Certificate> read(List<String> values) {
        if (values.isEmpty() || (values.size() == 1 && values.getFirst().isBlank())) {
            return List.of();
        }
        if (values.size() > 1) {
            throw unreadable();
        }
        try {
            String value = percentDecoded(values.getFirst().strip());
            byte[] encoded = value.startsWith(PEM)
                    ? value.getBytes(StandardCharsets.US_ASCII)
                    : Base64.getDecoder().decode(between(value));
            List<X509Certificate> certificates = new ArrayList<>();
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(encoded))) {
                certificates.add((X509Certificate) certificate);
            }
            if (!certificates.isEmpty()) {
                return List.copyOf(certificates);
            }
        } catch (IllegalArgumentException | CertificateException e) {
            // answered below, like a field without a certificate
        }
        throw unreadable();
    }

    /** RFC 9651 section 3.3.5 puts colons around bytes. */
    private static String between(String value) {
        boolean colons = value.length() > 2 && value.startsWith(":") && value.endsWith(":");
        return colons ? value.substring(1, value.length() - 1) : value;
    }

    /** Unlike in forms, a plus sign is one of base64's own characters. */
    private static String percentDecoded(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        StringBuilder decoded = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                if (i + 2 >= text.length()) {
                    throw new IllegalArgumentException("a percent sequence is cut off");
                }
                c = (char) HexFormat.fromHexDigits(text, i + 1, i + 3);
                i += 2;
            }
            decoded.append(c);
        }
        return decoded.toString();
    }

    private static Problem unreadable() {
        return Problem.badRequest("The client certificate that the proxy passes on is unreadable.");
    }
}
