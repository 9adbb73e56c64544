package dev.latchkey.http;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;

/** Header fields in the order received; names are compared without regard to case. */
public final class Headers {
    private final HttpFields fields;

    Headers(HttpFields fields) {
        this.fields = fields;
    }

    public static Headers of(Map<String, String> fields) {
        HttpFields.Mutable mutable = HttpFields.build();
        fields.forEach(mutable::add);
        return new Headers(mutable.asImmutable());
    }

    /** @param fields all values of each name */
    public static Headers ofAll(Map<String, List<String>> fields) {
        HttpFields.Mutable mutable = HttpFields.build();
        fields.forEach((name, values) -> values.forEach(value -> mutable.add(name, value)));
        return new Headers(mutable.asImmutable());
    }

    public Optional<String> first(String name) {
        return Optional.ofNullable(fields.get(name));
    }

    public List<String> all(String name) {
        // About ten fields of a request are looked up, most of which it does not have: Jetty's streams would be a third
        // of what a gate check allocates.
        List<String> values = null;
        for (HttpField field : fields) {
            if (field.is(name)) {
                values = values == null ? new ArrayList<>(1) : values;
                values.add(field.getValue());
            }
        }
        return values == null ? List.of() : Collections.unmodifiableList(values);
    }

    /** The value of a cookie (RFC 6265 section 5.4). */
    public Optional<String> cookie(String name) {
        for (String header : all("Cookie")) {
            for (String pair : header.split(";", -1)) {
                int equals = pair.indexOf('=');
                if (equals > 0 && pair.substring(0, equals).strip().equals(name)) {
                    return Optional.of(pair.substring(equals + 1).strip());
                }
            }
        }
        return Optional.empty();
    }

    /** The first matching name, as it was sent. */
    public Optional<String> name(Predicate<String> fits) {
        for (HttpField field : fields) {
            if (fits.test(field.getName())) {
                return Optional.of(field.getName());
            }
        }
        return Optional.empty();
    }
}
