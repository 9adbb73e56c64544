package dev.latchkey.apitoken;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForeignHashTest {
    private static final String HEX = new HashRecipe("", "").sha256("key");

    @Test
    void everySpellingOfASha256IsTheSameHash() {
        byte[] bytes = HexFormat.of().parseHex(HEX);
        assertThat(HEX).isEqualTo("2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683");
        for (String spelling : new String[] {
            HEX,
            HexFormat.of().withUpperCase().formatHex(bytes),
            "  " + HEX + "\n",
            Base64.getEncoder().encodeToString(bytes),
            Base64.getEncoder().withoutPadding().encodeToString(bytes),
            Base64.getUrlEncoder().encodeToString(bytes),
            Base64.getUrlEncoder().withoutPadding().encodeToString(bytes)
        }) {
            assertThat(ForeignHash.hex(spelling)).as(spelling).isEqualTo(HEX);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy | bcrypt",
                "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaasv4 | Argon2",
                "$pbkdf2-sha256$i=25000,l=32$c2FsdA$aGFzaA | PBKDF2",
                "pbkdf2_sha256$600000$c2FsdA$aGFzaA= | PBKDF2",
                "$scrypt$ln=16,r=8,p=1$c2FsdA$aGFzaA | scrypt",
                "$6$rounds=5000$salt$hash | salted",
                "d41d8cd98f00b204e9800998ecf8427e | MD5",
                "da39a3ee5e6b4b0d3255bfef95601890afd80709 | SHA-1",
                "acme_live_123 | 64 hexadecimal digits or in base64"
            })
    void anythingElseIsRefusedWithTheReason(String hash, String reason) {
        assertThatThrownBy(() -> ForeignHash.hex(hash))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }
}
