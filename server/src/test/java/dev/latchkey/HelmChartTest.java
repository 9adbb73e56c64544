package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The Helm chart names what this version has. What it makes is checked by {@code deploy/helm/check}, which needs more programs. */
class HelmChartTest {
    private static final Path CHART = Path.of("../deploy/helm/latchkey");

    private static String template(String name) throws IOException {
        return Files.readString(CHART.resolve("templates").resolve(name));
    }

    private static Set<String> found(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(MatchResult::group)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void everyVariableOfTheChartIsASetting() throws IOException {
        Set<String> variables = found("LATCHKEY_[A-Z_]*[A-Z]\\b(?!_)", template("statefulset.yaml"));
        assertThat(variables)
                .contains("LATCHKEY_HOST", "LATCHKEY_MASTER_KEY")
                .allSatisfy(variable -> assertThat(Setting.withEnvironmentVariable(variable))
                        .as(variable)
                        .isPresent());
    }

    @Test
    void noSecretCanBeAmongTheOtherSettings() throws IOException {
        JsonNode names = new JsonMapper()
                .readTree(Files.readString(CHART.resolve("values.schema.json")))
                .at("/properties/settings/propertyNames/not/enum");
        Set<String> refused = new TreeSet<>();
        names.forEach(name -> refused.add(name.asString()));
        assertThat(refused)
                .containsAll(Setting.all().stream()
                        .filter(Setting::isSecret)
                        .map(Setting::key)
                        .toList());
        assertThat(refused)
                .allSatisfy(key -> assertThat(Setting.withKey(key)).as(key).isPresent());
    }

    @Test
    void theVersionIsThatOfTheProgram() throws IOException {
        String version = Pattern.compile("<version>([^<]*?)(-SNAPSHOT)?</version>")
                .matcher(Files.readString(Path.of("../pom.xml")))
                .results()
                .map(found -> found.group(1))
                .findFirst()
                .orElseThrow();
        assertThat(Files.readString(CHART.resolve("Chart.yaml"))).contains("appVersion: " + version);
    }

    @Test
    void theProbesAskWhatTheNodeAnswers() throws IOException {
        String pod = template("statefulset.yaml");
        assertThat(found("path: /health/\\w+", pod)).containsExactly("path: /health/live", "path: /health/ready");
        assertThat(Stream.of(
                        "runAsNonRoot: true", "readOnlyRootFilesystem: true", "drop: [ALL]", "type: RuntimeDefault"))
                .allSatisfy(hardening -> assertThat(pod).contains(hardening));
    }
}
