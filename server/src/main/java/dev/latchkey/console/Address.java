package dev.latchkey.console;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** An address of the console, to which query parameters are added one by one. */
record Address(String text) {

    static Address of(String path) {
        return new Address(path);
    }

    /** The address with one more parameter; without a value it stays as it is. */
    Address with(String name, String value) {
        return value.isEmpty()
                ? this
                : new Address(text + (text.contains("?") ? "&" : "?") + name + "="
                        + URLEncoder.encode(value, StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return text;
    }
}
