package dev.latchkey.http;

import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    public Optional<String> first(String name) {
        return Optional.ofNullable(fields.get(name));
    }

    public List<String> all(String name) {
        return fields.getFields(name).stream().map(HttpField::getValue).toList();
    }
}
