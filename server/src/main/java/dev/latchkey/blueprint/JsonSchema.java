package dev.latchkey.blueprint;

import dev.latchkey.problem.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes the format of blueprints as a JSON Schema, so that editors complete and check one while it is written. */
final class JsonSchema {
    private JsonSchema() {}

    /** The schema as text. */
    static String text() {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("$schema", "http://json-schema.org/draft-07/schema#");
        schema.put("title", "Latchkey blueprint");
        schema.putAll(of(Format.BLUEPRINT));
        return Json.writeIndented(schema) + "\n";
    }

    private static Map<String, Object> of(Shape shape) {
        Map<String, Object> schema = new LinkedHashMap<>();
        switch (shape) {
            case Shape.Text text -> {
                schema.put("type", "string");
                if (!text.pattern().startsWith("(?s)")) {
                    schema.put("pattern", "^(?:" + text.pattern() + ")$");
                }
            }
            case Shape.Whole number -> {
                schema.put("type", "integer");
                schema.put("minimum", number.least());
                schema.put("maximum", number.most());
            }
            case Shape.Flag flag -> schema.put("type", "boolean");
            case Shape.OneOf one -> schema.put("enum", one.texts());
            case Shape.Items items -> {
                schema.put("type", "array");
                schema.put("items", of(items.each()));
            }
            case Shape.Named named -> {
                schema.put("type", "object");
                schema.put("propertyNames", of(named.names()));
                schema.put("additionalProperties", of(named.each()));
            }
            case Shape.Members members -> {
                schema.put("type", "object");
                Map<String, Object> properties = new LinkedHashMap<>();
                List<String> required = new ArrayList<>();
                members.members().forEach((name, member) -> {
                    properties.put(name, of(member));
                    if (member.required()) {
                        required.add(name);
                    }
                });
                schema.put("properties", properties);
                if (!required.isEmpty()) {
                    schema.put("required", required);
                }
                schema.put("additionalProperties", false);
            }
            case Shape.Either either -> schema.put("oneOf", List.of(of(either.brief()), of(either.full())));
            case Shape.Anything anything -> {}
        }
        return schema;
    }

    private static Map<String, Object> of(Shape.Member member) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("description", member.meaning());
        if (member.clearable()) {
            schema.put("anyOf", List.of(of(member.shape()), Map.of("type", "null")));
        } else {
            schema.putAll(of(member.shape()));
        }
        return schema;
    }
}
