package dev.latchkey.openapi;

import dev.latchkey.openapi.Tree.Fields;
import dev.latchkey.openapi.Tree.Items;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The addresses at which a document says that its API is. */
final class Servers {
    private static final int MAX_SERVERS = 20;
    private static final int MAX_LENGTH = 500;

    private Servers() {}

    /** Those of a document or of one of its paths, with the defaults of their variables. */
    static List<String> of(Fields part) {
        List<String> servers = new ArrayList<>();
        if (part.fields().get("servers") instanceof Items items) {
            for (Tree item : items.items()) {
                if (item instanceof Fields server && servers.size() < MAX_SERVERS) {
                    servers.add(Words.line(withDefaults(server), MAX_LENGTH));
                }
            }
        }
        return List.copyOf(servers);
    }

    private static String withDefaults(Fields server) {
        String url = server.text("url");
        if (server.fields().get("variables") instanceof Fields variables) {
            for (Map.Entry<String, Tree> variable : variables.fields().entrySet()) {
                if (variable.getValue() instanceof Fields described) {
                    url = url.replace("{" + variable.getKey() + "}", described.text("default"));
                }
            }
        }
        return url;
    }
}
