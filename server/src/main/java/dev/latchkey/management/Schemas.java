package dev.latchkey.management;

import java.lang.reflect.AnnotatedType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The JSON schemas of records, for the OpenAPI document: each record is defined once, under its simple name. */
final class Schemas {
    private final Map<String, Object> definitions = new LinkedHashMap<>();
    private final Map<String, Class<?>> records = new HashMap<>();

    /** Defines a schema that is not made from a record. */
    void define(String name, Map<String, Object> schema) {
        definitions.put(name, schema);
    }

    /** The schema of a type; of a record, a reference to its definition. */
    Map<String, Object> of(Type type) {
        return of(type, null);
    }

    /** All definitions, in the order in which they were first needed. */
    Map<String, Object> all() {
        return Collections.unmodifiableMap(definitions);
    }

    private Map<String, Object> of(Type type, @Nullable String description) {
        Map<String, Object> schema = new LinkedHashMap<>();
        if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
            schema.put("type", "array");
            schema.put("items", of(list.getActualTypeArguments()[0], null));
        } else if (type instanceof ParameterizedType map && map.getRawType() == Map.class) {
            schema.put("type", "object");
            Type values = map.getActualTypeArguments()[1];
            // Values of any kind belong to a format defined elsewhere, such as a JWK set.
            schema.put("additionalProperties", values == Object.class ? Map.of() : of(values, null));
        } else if (type == String.class) {
            schema.put("type", "string");
        } else if (type == boolean.class || type == Boolean.class) {
            schema.put("type", "boolean");
        } else if (type == int.class || type == long.class || type == Integer.class || type == Long.class) {
            schema.put("type", "integer");
        } else if (type == Instant.class) {
            schema.put("type", "string");
            schema.put("format", "date-time");
        } else if (type instanceof Class<?> record && record.isRecord()) {
            define(record);
            schema.put("$ref", "#/components/schemas/" + record.getSimpleName());
        } else {
            throw new IllegalArgumentException("the OpenAPI document has no schema for " + type);
        }
        if (description != null) {
            schema.put("description", description);
        }
        return schema;
    }

    private void define(Class<?> record) {
        Class<?> known = records.putIfAbsent(record.getSimpleName(), record);
        if (known == record) {
            return;
        }
        if (known != null) {
            throw new IllegalStateException("The OpenAPI document cannot tell " + known + " from " + record + ".");
        }
        Map<String, Object> schema = new LinkedHashMap<>();
        // Registered before its fields, so that a record that contains itself ends.
        definitions.put(record.getSimpleName(), schema);
        schema.put("type", "object");
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        for (RecordComponent component : record.getRecordComponents()) {
            Doc doc = component.getAnnotation(Doc.class);
            Map<String, Object> property = of(component.getGenericType(), doc == null ? null : doc.value());
            if (doc != null && doc.clearable()) {
                property.computeIfPresent("type", (name, type) -> List.of(type, "null"));
            }
            properties.put(component.getName(), property);
            AnnotatedType annotated = component.getAnnotatedType();
            if (!annotated.isAnnotationPresent(Nullable.class)) {
                required.add(component.getName());
            }
        }
        schema.put("properties", properties);
        if (!required.isEmpty()) {
            schema.put("required", required);
        }
        schema.put("additionalProperties", false);
    }
}
