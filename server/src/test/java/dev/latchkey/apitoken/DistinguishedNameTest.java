package dev.latchkey.apitoken;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Subjects of certificates (RFC 4514), as real authorities write them. */
class DistinguishedNameTest {
    private static final Map<String, String> MORE_TYPES = Map.of(
            "BUSINESSCATEGORY", "2.5.4.15",
            "ORGANIZATIONIDENTIFIER", "2.5.4.97",
            "JURISDICTIONCOUNTRYNAME", "1.3.6.1.4.1.311.60.2.1.3",
            "E", "1.2.840.113549.1.9.1",
            "POSTALCODE", "2.5.4.17");

    static Stream<String> namesOfRealKindsOfCertificates() throws IOException {
        try (InputStream in = DistinguishedNameTest.class.getResourceAsStream("/cases/certificate-subjects.txt")) {
            List<String> names = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            assertThat(names).hasSizeGreaterThan(5);
            return Stream.concat(names.stream(), Stream.of("CN=M\u00fcller,O=K\u00f6ln"));
        }
    }

    @ParameterizedTest
    @MethodSource("namesOfRealKindsOfCertificates")
    void theNameInACertificateIsTheOneThatWasRegistered(String name) {
        X500Principal inCertificate = new X500Principal(name, MORE_TYPES);
        X500Principal asReadFromIt = new X500Principal(inCertificate.getEncoded());
        assertThat(DistinguishedName.parse(name)).isEqualTo(DistinguishedName.of(asReadFromIt));
        assertThat(DistinguishedName.parse(name + ",OU=more")).isNotEqualTo(DistinguishedName.of(asReadFromIt));
    }

    @Test
    void spellingMakesNoDifference() {
        assertThat(DistinguishedName.parse("cn=API.Example, o=Example  Ltd"))
                .isEqualTo(DistinguishedName.parse("CN=api.example,2.5.4.10=example ltd"))
                .isEqualTo(DistinguishedName.parse("CN=#130b6170692e6578616d706c65,OID.2.5.4.10=Example Ltd"));
        assertThat(DistinguishedName.parse("E=a@example.com"))
                .isEqualTo(DistinguishedName.parse("emailAddress=a@example.com"));
        assertThat(DistinguishedName.parse("CN=a+OU=b")).isEqualTo(DistinguishedName.parse("OU=b+CN=a"));
    }

    @Test
    void orderPartsAndTypesMakeADifference() {
        assertThat(DistinguishedName.parse("CN=a,OU=b"))
                .isNotEqualTo(DistinguishedName.parse("OU=b,CN=a"))
                .isNotEqualTo(DistinguishedName.parse("CN=a+OU=b"))
                .isNotEqualTo(DistinguishedName.parse("CN=a\\,OU=b"))
                .isNotEqualTo(DistinguishedName.parse("CN=a,O=b"));
        assertThat(DistinguishedName.parse("CN=#0c0161")).isNotEqualTo(DistinguishedName.parse("CN=\\#0c0161"));
        assertThat(DistinguishedName.parse("CN=#020161")).isNotEqualTo(DistinguishedName.parse("CN=\\#020161"));
    }

    @Test
    void whatCannotBeComparedIsRefusedWithAReason() {
        for (String name : List.of(
                "", "billing", "nonsense=1", "CN=#", "CN=#0c", "CN=#0cff61", "CN=#zz", "CN=a+CN=b", "1.2.x=a", "=a")) {
            assertThatThrownBy(() -> DistinguishedName.parse(name))
                    .as(name)
                    .isInstanceOf(IllegalArgumentException.class)
                    .message()
                    .isNotBlank();
        }
    }
}
