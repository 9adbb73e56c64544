package dev.latchkey.event;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/** The lines of a witness: an event each, as JSON. An altered line is not believed. */
final class WitnessLines {
    private static final Logger log = LoggerFactory.getLogger(WitnessLines.class);

    /** Longer than any event. */
    private static final int LONGEST = 64 << 20;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(LONGEST)
                            .build())
                    .build())
            .changeDefaultPropertyInclusion(include ->
                    include.withValueInclusion(com.fasterxml.jackson.annotation.JsonInclude.Include.NON_NULL))
            .build();

    private final Chain chain;

    WitnessLines(Chain chain) {
        this.chain = chain;
    }

    static byte[] write(Collection<EventRow> rows) {
        StringBuilder lines = new StringBuilder();
        for (EventRow row : rows) {
            lines.append(MAPPER.writeValueAsString(row)).append('\n');
        }
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The event of the last unaltered line; null when there is none. */
    @Nullable EventRow lastOf(Path segment) throws IOException {
        for (String line : new String(Files.readAllBytes(segment), StandardCharsets.UTF_8)
                .lines()
                .toList()
                .reversed()) {
            EventRow row = read(line);
            if (row != null && chain.isWhole(row)) {
                return row;
            }
        }
        return null;
    }

    /**
     * Skips altered lines and logs how many there were. Checking a line costs more than reading it, so only lines that
     * matter are checked.
     */
    void forEach(Path segment, Predicate<EventRow> matters, Consumer<EventRow> action) throws IOException {
        // Bytes that are not text make altered lines, not an error.
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(Files.newInputStream(segment), StandardCharsets.UTF_8))) {
            int strange = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                EventRow row = read(line);
                if (row != null && !matters.test(row)) {
                    continue;
                }
                if (row != null && chain.isWhole(row)) {
                    action.accept(row);
                } else {
                    strange++;
                }
            }
            if (strange > 0) {
                log.warn("Lines of {} that were altered and are ignored: {}", segment, strange);
            }
        }
    }

    private static @Nullable EventRow read(String line) {
        try {
            return MAPPER.readValue(line, EventRow.class);
        } catch (JacksonException e) {
            return null;
        }
    }
}
