package dev.latchkey.problem;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.deser.std.StdScalarDeserializer;

/**
 * Reads times as RFC 3339 writes them, with four digits for the year; numbers, whose unit would be a guess, are
 * refused.
 */
final class TimeReader extends StdScalarDeserializer<Instant> {
    private static final long serialVersionUID = 1L;

    TimeReader() {
        super(Instant.class);
    }

    @Override
    public Instant deserialize(JsonParser parser, DeserializationContext context) {
        if (!parser.hasToken(JsonToken.VALUE_STRING)) {
            return (Instant) context.handleUnexpectedToken(getValueType(context), parser);
        }
        String text = parser.getString();
        try {
            OffsetDateTime time = OffsetDateTime.parse(text);
            if (time.getYear() >= 0 && time.getYear() <= 9_999) {
                return time.toInstant();
            }
        } catch (DateTimeException e) {
            // answered below, like a year that no store can hold
        }
        return (Instant) context.handleWeirdStringValue(Instant.class, text, "not a time");
    }
}
