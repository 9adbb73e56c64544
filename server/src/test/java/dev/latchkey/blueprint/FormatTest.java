package dev.latchkey.blueprint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.account.AccountApi.UpdateAccount;
import dev.latchkey.apitoken.ApiTokenJson.CreateToken;
import dev.latchkey.apitoken.AuthenticationSettings;
import dev.latchkey.registry.CreateApi;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The format of blueprints: its schema, its completeness, and its bounds. */
class FormatTest {
    @Test
    void theSchemaForEditorsIsWrittenFromTheFormat() throws IOException {
        Path file = Path.of("../docs/blueprint.schema.json");
        assertThat(Files.readString(file))
                .as("docs/blueprint.schema.json must be:\n" + JsonSchema.text())
                .isEqualTo(JsonSchema.text());
    }

    private static Set<String> members(Shape shape, String... path) {
        Shape at = shape;
        for (String step : path) {
            at = switch (at) {
                case Shape.Members members -> members.members().get(step).shape();
                case Shape.Named named -> named.each();
                case Shape.Items items -> items.each();
                default -> throw new IllegalArgumentException(step);
            };
        }
        return new TreeSet<>(((Shape.Members) at).members().keySet());
    }

    private static Set<String> components(Class<?> request, String... without) {
        Set<String> names = new TreeSet<>();
        Arrays.stream(request.getRecordComponents())
                .map(RecordComponent::getName)
                .forEach(names::add);
        names.removeAll(List.of(without));
        return names;
    }

    /** A term that the management API learns must be in blueprints as well, or left out on purpose, here. */
    @Test
    void aBlueprintSaysEverythingThatRequestsSay() {
        Shape all = Format.BLUEPRINT;
        assertThat(members(all, "account")).isEqualTo(components(UpdateAccount.class));
        Set<String> api = members(all, "apis", "x");
        api.remove("openapi");
        assertThat(api).isEqualTo(components(CreateApi.class, "name"));
        Set<String> token = members(all, "tokens", "0");
        token.remove("clientId");
        assertThat(token).isEqualTo(components(CreateToken.class, "owner"));
        assertThat(members(all, "tokens", "0", "authentication"))
                .isEqualTo(components(AuthenticationSettings.class, "importId"));
    }

    @Test
    void aSmallFileThatAliasesMakeLargeIsRefused() {
        StringBuilder bomb =
                new StringBuilder("version: 1\nname: x\ntokens:\n  - description: x\n    role: x\n    authentication:\n"
                        + "      method: federated\n      claims:\n        a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 9; i++) {
            bomb.append("        a").append(i).append(": &a").append(i).append(" [");
            bomb.append(("*a" + (i - 1) + ", ").repeat(9))
                    .append("*a")
                    .append(i - 1)
                    .append("]\n");
        }
        assertThatThrownBy(() -> BlueprintReader.of("bomb.yaml", bomb.toString()))
                .isInstanceOf(UnusableBlueprintException.class)
                .hasMessageStartingWith("bomb.yaml:");
    }
}
