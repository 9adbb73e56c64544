package dev.latchkey.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What people copy from the console is what the project ships and its tests run. */
class GatewayConfigurationTest {
    private static final Path DEPLOY = Path.of("..", "deploy");

    /** What is for gateways: not the charts, the rules for monitoring and the files beside the folders. */
    private static List<Path> shipped() throws IOException {
        try (Stream<Path> files = Files.walk(DEPLOY)) {
            return files.filter(file ->
                            Files.isRegularFile(file) && !file.getParent().equals(DEPLOY))
                    .filter(file ->
                            !file.startsWith(DEPLOY.resolve("observe")) && !file.startsWith(DEPLOY.resolve("helm")))
                    .toList();
        }
    }

    @Test
    void everyFileIsShownAsItIsShippedButForTheNameAndLatchkeysAddress() throws IOException {
        List<GatewayConfiguration> shown = GatewayConfiguration.of("orders", "http://latchkey.internal:9999", null);
        assertThat(shown).hasSameSizeAs(shipped());
        for (Path file : shipped()) {
            String expected = Files.readString(file)
                    .replace("/billing", "/orders")
                    .replace("latchkey-api: billing", "latchkey-api: orders")
                    .replace("127.0.0.1:8080", "latchkey.internal:9999")
                    .replace("address: 127.0.0.1, port_value: 8080", "address: latchkey.internal, port_value: 9999")
                    .stripTrailing();
            assertThat(shown)
                    .as(file.toString())
                    .filteredOn(each -> each.name().endsWith(": " + file.getFileName()))
                    .extracting(GatewayConfiguration::code)
                    .contains(expected);
        }
    }

    @Test
    void belowAPathGatewaysAskThere() {
        assertThat(GatewayConfiguration.of("orders", "http://latchkey.internal:9999/auth", null))
                .extracting(GatewayConfiguration::code)
                .noneMatch(code -> code.contains("/auth/auth"))
                .anyMatch(code -> code.contains("proxy_pass http://latchkey/auth/gate/v1/nginx/orders;"))
                .anyMatch(code -> code.contains("path_prefix: /auth/gate/v1/envoy/orders"))
                .anyMatch(code -> code.contains("http://latchkey.internal:9999/auth/gate/v1/forward-auth/orders"))
                .anyMatch(code -> code.contains("server latchkey.internal:9999;"));
        assertThat(GatewayConfiguration.of("orders", "https://example.com/auth", null))
                .extracting(GatewayConfiguration::code)
                .anyMatch(code -> code.contains("http://127.0.0.1:8080/auth/gate/v1/forward-auth/orders"));
    }

    @Test
    void anEncryptedIssuerIsNotAskedForEachRequest() {
        assertThat(GatewayConfiguration.of("orders", "https://auth.example.com", null))
                .extracting(GatewayConfiguration::code)
                .noneMatch(code -> code.contains("auth.example.com"))
                .anyMatch(code -> code.contains("server 127.0.0.1:8080;"));
    }

    @Test
    void theHeaderInWhichTheApiTakesKeysIsTheOneThatIsRemoved() {
        assertThat(GatewayConfiguration.of("orders", "https://auth.example.com", "X-Key-2"))
                .extracting(GatewayConfiguration::code)
                .noneMatch(code -> code.toLowerCase(Locale.ROOT).contains("x-api-key"))
                .anyMatch(code -> code.contains("proxy_set_header X-Key-2 \"\";"))
                .anyMatch(code -> code.contains("request_header -X-Key-2") && code.contains("headers>X-Key-2 delete"))
                .anyMatch(code -> code.contains("KEY_FIELD = \"x-key-2\""))
                .anyMatch(code -> code.contains("request_headers_to_remove: [x-key-2]"));
        assertThat(GatewayConfiguration.of("orders", "https://auth.example.com", "key"))
                .extracting(GatewayConfiguration::code)
                .anyMatch(code -> code.contains("headers>Key delete"));
    }
}
