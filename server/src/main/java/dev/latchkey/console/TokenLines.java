package dev.latchkey.console;

import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ApiTokenJson;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Those terms of a token that are optional lines of text: their fields in forms, and how a token's page shows them. */
public final class TokenLines {
    /** All of them, in the order of the form. */
    public static final List<Line> ALL = List.of(new Line(
            "nameInAccessTokens",
            "Name in its access tokens",
            "A short name for systems that show one, such as Trino: the claim name. It proves nothing.",
            60));

    private TokenLines() {}

    /**
     * A term that is a line of text.
     *
     * @param name its name in the management API
     * @param longest how many characters it may have
     */
    public record Line(String name, String label, String hint, int longest) {}

    /** The token's lines by their labels, without absent ones. */
    public static Map<String, String> of(ApiToken apiToken) {
        Map<String, @Nullable String> texts = ApiTokenJson.texts(apiToken.terms());
        Map<String, String> lines = new LinkedHashMap<>();
        for (Line line : ALL) {
            String text = texts.get(line.name());
            if (text != null) {
                lines.put(line.label(), text);
            }
        }
        return lines;
    }
}
