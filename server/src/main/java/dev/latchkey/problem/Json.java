package dev.latchkey.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.type.LogicalType;

/** JSON as Latchkey uses it: strict when read, without nulls when written, times as RFC 3339 text. */
public final class Json {
    private static final int LONGEST_FIELD_NAME = 100;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(32)
                            .maxStringLength(1_000_000)
                            .build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(DateTimeFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            .withCoercionConfigDefaults(
                    config -> config.setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.EmptyArray, CoercionAction.Fail))
            .withCoercionConfig(
                    LogicalType.Textual,
                    config -> config.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
            .addModule(new SimpleModule("strict times").addDeserializer(Instant.class, new TimeReader()))
            .changeDefaultPropertyInclusion(include -> include.withValueInclusion(JsonInclude.Include.NON_NULL))
            .build();

    private Json() {}

    public static byte[] write(Object value) {
        return MAPPER.writeValueAsBytes(value);
    }

    /** For people: each value on its own line. */
    public static String writeIndented(Object value) {
        return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value);
    }

    public static String writeText(Object value) {
        return MAPPER.writeValueAsString(value);
    }

    /** The same JSON in ASCII alone, as header fields need it. */
    public static String asciiText(String json) {
        StringBuilder ascii = new StringBuilder();
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (c < 0x7f) {
                ascii.append(c);
            } else {
                ascii.append("\\u").append(HexFormat.of().toHexDigits(c));
            }
        }
        return ascii.toString();
    }

    /** Reads text that a node wrote, without what only a newer version knows: for facts that restrict nothing. */
    public static <T> T readKnown(String json, Class<T> type) {
        return MAPPER.readerFor(type)
                .without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .readValue(json);
    }

    /** Reads text that we wrote ourselves. */
    public static <T> T readText(String json, Class<T> type) {
        return MAPPER.readValue(json, type);
    }

    /**
     * Reads a request's body into a record. A component that is not {@code @Nullable} is required.
     *
     * @throws Problem 400 for broken JSON, 422 for JSON of another shape, naming the field
     */
    public static <T> T read(String json, Class<T> type) {
        if (json.isBlank()) {
            throw Problem.badRequest("The body is empty. Send a JSON object.");
        }
        @Nullable T value;
        try (JsonParser parser = MAPPER.createParser(json)) {
            value = MAPPER.readerFor(type)
                    .without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .readValue(parser);
            if (parser.nextToken() != null) {
                throw Problem.badRequest("The body continues after the JSON value" + where(parser) + ".");
            }
        } catch (StreamReadException e) {
            String duplicate =
                    String.valueOf(e.getOriginalMessage()).startsWith("Duplicate") ? "; a name occurs twice" : "";
            throw Problem.badRequest("The body is not valid JSON" + where(e) + duplicate + ".");
        } catch (UnrecognizedPropertyException e) {
            String known = e.getKnownPropertyIds() == null
                    ? ""
                    : " Known fields: "
                            + e.getKnownPropertyIds().stream()
                                    .map(String::valueOf)
                                    .sorted()
                                    .collect(Collectors.joining(", "))
                            + ".";
            throw Problem.invalid(field(e), "There is no such field." + known);
        } catch (MismatchedInputException e) {
            throw Problem.invalid(field(e), expected(e.getTargetType()));
        } catch (DatabindException e) {
            throw Problem.invalid(field(e), "The value is not valid.");
        } catch (JacksonException e) {
            throw Problem.badRequest("The body cannot be read as JSON" + where(e) + ".");
        }
        if (value == null) {
            throw Problem.badRequest("The body must be a JSON object, not null.");
        }
        List<Problem.FieldError> errors = RequiredFields.missing(value);
        if (!errors.isEmpty()) {
            throw Problem.invalid(errors);
        }
        return value;
    }

    /** The names of the members of an object that {@link #read} accepted, including those with the value null. */
    public static Set<String> names(String json) {
        return MAPPER.readTree(json).propertyNames().stream().collect(Collectors.toUnmodifiableSet());
    }

    private static String expected(@Nullable Class<?> type) {
        if (type == null) {
            return "The value has the wrong type.";
        }
        if (type.isEnum()) {
            return "Send one of: "
                    + Arrays.stream(type.getEnumConstants())
                            .map(Json::writeText)
                            .map(name -> name.substring(1, name.length() - 1))
                            .collect(Collectors.joining(", "))
                    + ".";
        }
        if (type == boolean.class || type == Boolean.class) {
            return "Send true or false.";
        }
        if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
            return "Send a whole number.";
        }
        if (type == Instant.class) {
            return "Send a time such as \"2030-12-31T23:59:59Z\".";
        }
        if (CharSequence.class.isAssignableFrom(type)) {
            return "Send a text in quotation marks.";
        }
        if (type.isArray() || Collection.class.isAssignableFrom(type)) {
            return "Send a list in square brackets.";
        }
        return type.isRecord() || Map.class.isAssignableFrom(type)
                ? "Send a JSON object."
                : "The value has the wrong type.";
    }

    private static String field(DatabindException e) {
        StringBuilder path = new StringBuilder();
        for (JacksonException.Reference part : e.getPath()) {
            if (part.getPropertyName() == null) {
                path.append('[').append(part.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(part.getPropertyName());
            }
        }
        return path.isEmpty() ? "body" : Text.shortened(path.toString(), LONGEST_FIELD_NAME);
    }

    private static String where(JacksonException e) {
        return e.getLocation() == null
                ? ""
                : where(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
    }

    private static String where(JsonParser parser) {
        return where(
                parser.currentTokenLocation().getLineNr(),
                parser.currentTokenLocation().getColumnNr());
    }

    private static String where(int line, int column) {
        return line < 1 ? "" : " (line " + line + ", column " + column + ")";
    }
}
