package dev.latchkey.management;

import dev.latchkey.http.Response;
import dev.latchkey.management.Operation.Guarded;
import dev.latchkey.problem.Json;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Problem.FieldError;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Lets programs send a resource back as they read it, with their changes in it: a member that PATCH cannot change is
 * accepted while its value is the same. One that differs is refused, with the reason.
 */
public final class ReadBack {
    private ReadBack() {}

    /** The operations, of which each PATCH accepts what the GET of the same path answers. */
    public static List<Operation> accepting(List<Operation> operations) {
        Map<String, Operation> reads = new HashMap<>();
        operations.stream()
                .filter(operation -> operation.method().equals("GET"))
                .forEach(operation -> reads.put(operation.path(), operation));
        return operations.stream()
                .map(operation -> {
                    Operation read = operation.method().equals("PATCH") ? reads.get(operation.path()) : null;
                    return read == null ? operation : operation.with(accepting(operation, read));
                })
                .toList();
    }

    private static Guarded accepting(Operation change, Operation read) {
        Map<Object, RecordComponent> changeable = components(change.body());
        Map<Object, RecordComponent> readable = components(read.reply());
        return (caller, request) -> {
            // Most changes contain only what they change; nothing is read for those.
            Map<?, ?> sent = request.json(Map.class);
            if (sent.keySet().stream().noneMatch(name -> !changeable.containsKey(name) && readable.containsKey(name))
                    || (read.privilege() != null && !caller.has(read.privilege()))) {
                return change.handler().handle(caller, request);
            }
            Map<?, ?> now = object(read.handler().handle(caller, request));
            Map<String, Object> left = new LinkedHashMap<>();
            List<FieldError> errors = new ArrayList<>();
            sent.forEach((key, value) -> {
                String name = String.valueOf(key);
                boolean same = Objects.equals(value, now.get(name));
                @Nullable RecordComponent known = changeable.get(name);
                @Nullable RecordComponent shown = readable.get(name);
                if (known != null ? !same || !isOptional(known) : shown == null) {
                    left.put(name, value);
                } else if (known == null && !same && !isObserved(shown)) {
                    errors.add(new FieldError(
                            name, "This cannot be changed here. Leave it out, or send its current value."));
                }
            });
            if (!errors.isEmpty()) {
                throw Problem.invalid(errors);
            }
            return change.handler().handle(caller, request.withBody(Json.write(left)));
        };
    }

    private static Map<?, ?> object(Response response) {
        return Json.readText(new String(response.body(), StandardCharsets.UTF_8), Map.class);
    }

    private static Map<Object, RecordComponent> components(@Nullable Class<?> record) {
        Map<Object, RecordComponent> components = new HashMap<>();
        if (record != null && record.isRecord()) {
            for (RecordComponent component : record.getRecordComponents()) {
                components.put(component.getName(), component);
            }
        }
        return components;
    }

    private static boolean isOptional(RecordComponent component) {
        return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
    }

    private static boolean isObserved(@Nullable RecordComponent component) {
        Doc doc = component == null ? null : component.getAnnotation(Doc.class);
        return doc != null && doc.observed();
    }
}
