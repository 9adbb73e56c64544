package dev.latchkey.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What every configuration that the project ships must contain, those included that no test runs. */
class DeployTest {
    private static final Path DEPLOY = Gateway.repository().resolve("deploy");

    /** All folders but those for monitoring and Kubernetes. */
    static List<Path> gateways() {
        return below(DEPLOY)
                .filter(Files::isDirectory)
                .filter(folder -> !folder.endsWith("observe") && !folder.endsWith("helm"))
                .toList();
    }

    static List<Path> yamlFiles() {
        return Stream.concat(gateways().stream(), Stream.of(DEPLOY.resolve("observe")))
                .flatMap(DeployTest::below)
                .filter(file -> file.toString().matches(".*\\.ya?ml"))
                .toList();
    }

    private static Stream<Path> below(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList().stream().sorted();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("yamlFiles")
    void everyYamlFileIsYaml(Path file) {
        assertThat(new Load(LoadSettings.builder().build()).loadFromString(text(file)))
                .isNotNull();
    }

    @ParameterizedTest
    @MethodSource("gateways")
    void everyGatewayAsksTheGateHandlesAllSevenFieldsRemovesApiKeysAndIsInTheReadme(Path gateway) {
        String all = String.join("\n", below(gateway).map(DeployTest::text).toList());
        assertThat(all)
                .containsPattern("/gate/v1/(nginx|haproxy|forward-auth|envoy)/billing")
                .contains("8000", "8080", "9000", "Latchkey")
                .doesNotContain("failure_mode_allow: true", "allow_degradation: true", "trustForwardHeader: true");
        assertThat(all.toLowerCase(Locale.ROOT))
                .contains(
                        "latchkey-endpoint",
                        "latchkey-client-id",
                        "latchkey-account",
                        "latchkey-role",
                        "latchkey-description",
                        "latchkey-credential",
                        "latchkey-assertion",
                        "x-api-key",
                        "x-original-url",
                        "x-rewrite-url");
        assertThat(below(gateway))
                .allSatisfy(file -> assertThat(text(DEPLOY.resolve("README.md")))
                        .contains("](" + gateway.getFileName() + "/" + file.getFileName() + ")"));
    }

    /** Caddy and Traefik pass refusals on as they are, and Envoy does over gRPC. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "nginx/nginx.conf",
                "haproxy/latchkey.lua",
                "envoy/envoy.yaml",
                "kong/kong.yml",
                "apisix/apisix.yaml"
            })
    void aGatewayThatListsTheFieldsOfARefusalPassesOnWhenToTryAgain(String file) {
        assertThat(text(DEPLOY.resolve(file)).toLowerCase(Locale.ROOT).replace('_', '-'))
                .contains("retry-after", "ratelimit", "ratelimit-policy");
    }

    /** The others pass all fields of the caller on. */
    @ParameterizedTest
    @ValueSource(strings = {"haproxy/latchkey.lua", "envoy/envoy.yaml", "kong/kong.yml", "apisix/apisix.yaml"})
    void aGatewayThatListsTheFieldsOfItsQuestionNamesThoseOfMcp(String file) {
        assertThat(text(DEPLOY.resolve(file)).toLowerCase(Locale.ROOT))
                .contains("mcp-protocol-version", "mcp-method", "mcp-name");
    }

    @ParameterizedTest
    @MethodSource("envoyFiles")
    void envoyDeniesWithoutAnAnswerAndTidiesNothingUp(Path file) {
        assertThat(text(file))
                .contains(
                        "transport_api_version: V3",
                        "failure_mode_allow: false",
                        "normalize_path: false",
                        "merge_slashes: false",
                        "path_with_escaped_slashes_action: KEEP_UNCHANGED",
                        "headers_with_underscores_action: DROP_HEADER")
                .containsPattern("path_prefix: /gate/v1/envoy/billing|latchkey-api: billing");
    }

    static List<Path> envoyFiles() {
        return below(DEPLOY.resolve("envoy")).toList();
    }
}
