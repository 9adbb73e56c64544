package dev.latchkey.problem;

import java.lang.reflect.AnnotatedType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a parsed body lacks: a record component that is not {@code @Nullable} is required, a list must not contain
 * null, and a text must be one that can be stored. Later code can then rely on the types.
 */
final class RequiredFields {
    /** No one reads more, and a body full of nulls must not cause an answer many times its size. */
    private static final int MOST_ERRORS = 20;

    private RequiredFields() {}

    /** The components of a record type, found once. */
    private record Component(String name, RecordComponent component, boolean required) {}

    private static final ClassValue<List<Component>> COMPONENTS = new ClassValue<>() {
        @Override
        protected List<Component> computeValue(Class<?> type) {
            List<Component> components = new ArrayList<>();
            for (RecordComponent component : type.getRecordComponents()) {
                component.getAccessor().setAccessible(true);
                AnnotatedType annotated = component.getAnnotatedType();
                components.add(
                        new Component(component.getName(), component, !annotated.isAnnotationPresent(Nullable.class)));
            }
            return List.copyOf(components);
        }
    };

    static List<Problem.FieldError> missing(Object body) {
        List<Problem.FieldError> errors = new ArrayList<>();
        check(body, "", errors);
        return errors;
    }

    private static void check(Object value, String path, List<Problem.FieldError> errors) {
        if (errors.size() >= MOST_ERRORS) {
            return;
        }
        switch (value) {
            case String text -> {
                if (!Text.isStorable(text)) {
                    errors.add(new Problem.FieldError(
                            path.isEmpty() ? "body" : path, "The text holds a character that cannot be stored."));
                }
            }
            case Object[] array -> check(Arrays.asList(array), path, errors);
            case List<?> list -> {
                for (int i = 0; i < list.size(); i++) {
                    checkPart(list.get(i), true, path + "[" + i + "]", errors);
                }
            }
            case Record body -> {
                for (Component component : COMPONENTS.get(body.getClass())) {
                    String name = path.isEmpty() ? component.name() : path + "." + component.name();
                    checkPart(value(component.component(), body), component.required(), name, errors);
                }
            }
            default -> {}
        }
    }

    private static void checkPart(
            @Nullable Object part, boolean required, String path, List<Problem.FieldError> errors) {
        if (part != null) {
            check(part, path, errors);
        } else if (required && errors.size() < MOST_ERRORS) {
            errors.add(new Problem.FieldError(path, "This is required."));
        }
    }

    private static @Nullable Object value(RecordComponent component, Record body) {
        try {
            return component.getAccessor().invoke(body);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
