package dev.latchkey.console;

import dev.latchkey.access.Api;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The scopes of an API that are not privileges, as its form has them: one per line, with the privilege that it stands for, if any. */
public final class ScopeLines {
    private ScopeLines() {}

    public static String of(Api api) {
        return api.scopes().entrySet().stream()
                .map(scope -> scope.getValue().isEmpty() ? scope.getKey() : scope.getKey() + " = " + scope.getValue())
                .collect(Collectors.joining("\n"));
    }

    static SortedMap<String, String> read(String text) {
        SortedMap<String, String> scopes = new TreeMap<>();
        text.lines().map(String::strip).filter(line -> !line.isEmpty()).forEach(line -> {
            int equals = line.indexOf('=');
            scopes.put(
                    equals < 0 ? line : line.substring(0, equals).strip(),
                    equals < 0 ? "" : line.substring(equals + 1).strip());
        });
        return scopes;
    }
}
