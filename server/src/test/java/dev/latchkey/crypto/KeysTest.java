package dev.latchkey.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is derived from the master key: hashes and sealed texts. */
class KeysTest {
    private final MasterKey masterKey = masterKey(1);
    private final MasterKey otherKey = masterKey(2);

    private static MasterKey masterKey(int fill) {
        byte[] bytes = new byte[32];
        bytes[0] = (byte) fill;
        return MasterKey.parse(Base64.getEncoder().encodeToString(bytes), "the test");
    }

    @Test
    void aHashIsTheSameForTheSameKeyPurposeAndText() {
        assertThat(new KeyedHash(masterKey(1), "a").of("text"))
                .isEqualTo(new KeyedHash(masterKey, "a").of("text"))
                .matches("[A-Za-z0-9_-]{43}");
    }

    /** Every stored hash depends on this derivation; if it ever changes, all of them become useless. */
    @Test
    void theDerivationStaysAsItIs() {
        assertThat(new KeyedHash(masterKey, "api token secret").of("text"))
                .isEqualTo("Ng7K9VK9y9t_Go_CfT-ncuzK5mQZJYD2f4CONXGQrVc");
    }

    @Test
    void aHashDiffersByKeyPurposeAndText() {
        assertThat(List.of(
                        new KeyedHash(masterKey, "a").of("text"),
                        new KeyedHash(masterKey, "b").of("text"),
                        new KeyedHash(otherKey, "a").of("text"),
                        new KeyedHash(masterKey, "a").of("Text")))
                .doesNotHaveDuplicates();
    }

    @Test
    void onlyTheSameTextMatchesItsHash() {
        KeyedHash hash = new KeyedHash(masterKey, "a");
        assertThat(hash.matches("text", hash.of("text"))).isTrue();
        assertThat(hash.matches("texT", hash.of("text"))).isFalse();
        assertThat(hash.matches("text", hash.of("text").substring(1))).isFalse();
        assertThat(hash.matches("text", "")).isFalse();
        assertThat(hash.matches("text", "\u00e9".repeat(43))).isFalse();
    }

    @Test
    void manyThreadsMayHashAtOnce() throws Exception {
        KeyedHash hash = new KeyedHash(masterKey, "a");
        List<String> expected =
                IntStream.range(0, 2_000).mapToObj(i -> hash.of("text" + i)).toList();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            Callable<List<String>> all = () ->
                    IntStream.range(0, 2_000).mapToObj(i -> hash.of("text" + i)).toList();
            for (Future<List<String>> one : threads.invokeAll(List.of(all, all, all, all, all, all, all, all))) {
                assertThat(one.get()).isEqualTo(expected);
            }
        }
    }

    @Test
    void whatIsSealedIsOpenedWithTheSameLabel() {
        Vault vault = new Vault(masterKey, "a");
        String text = "{\"d\":\"s3cr3t \u20ac\"}";
        String sealed = vault.seal(text, "key1");
        assertThat(sealed).doesNotContain("s3cr3t").matches("[A-Za-z0-9_-]+");
        assertThat(new Vault(masterKey, "a").open(sealed, "key1")).isEqualTo(text);
        assertThat(vault.seal(text, "key1")).as("a new nonce each time").isNotEqualTo(sealed);
        assertThat(vault.open(vault.seal("", "empty"), "empty")).isEmpty();
    }

    @Test
    void whatIsSealedOpensUnderNoOtherLabelPurposeOrKeyNorAltered() {
        Vault vault = new Vault(masterKey, "a");
        String sealed = vault.seal("text", "key1");
        byte[] bytes = Base64.getUrlDecoder().decode(sealed);
        assertRefused(vault, sealed, "key2");
        assertRefused(new Vault(masterKey, "b"), sealed, "key1");
        assertRefused(new Vault(otherKey, "a"), sealed, "key1");
        for (int i = 0; i < bytes.length; i++) {
            byte[] altered = bytes.clone();
            altered[i] ^= 1;
            assertRefused(vault, Base64.getUrlEncoder().withoutPadding().encodeToString(altered), "key1");
        }
        assertRefused(vault, "", "key1");
        assertRefused(vault, "AAAA", "key1");
        assertRefused(vault, "not base64!", "key1");
    }

    private static void assertRefused(Vault vault, String sealed, String label) {
        assertThatThrownBy(() -> vault.open(sealed, label))
                .isInstanceOf(UnusableKeyException.class)
                .hasMessageContaining("The master key does not belong to this database.");
    }
}
