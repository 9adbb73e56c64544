package dev.latchkey.console;

import dev.latchkey.http.Request;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The colours of the console: what a person chose in this browser, kept in a cookie. */
public enum Theme {
    LIGHT("sun"),
    DARK("moon"),
    /** As the device has it. */
    SYSTEM("sun-moon");

    static final String COOKIE = "latchkey_theme";

    private final String icon;

    Theme(String icon) {
        this.icon = icon;
    }

    /** The theme of this name; the system's for any other. */
    static Theme of(String name) {
        return switch (name) {
            case "light" -> LIGHT;
            case "dark" -> DARK;
            default -> SYSTEM;
        };
    }

    static Theme of(Request request) {
        return of(request.cookie(COOKIE).orElse(""));
    }

    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    public String label() {
        return name().charAt(0) + text().substring(1);
    }

    public String icon() {
        return icon;
    }

    /** The value of {@code data-theme} on the page's root element; null leaves the choice to the device. */
    public @Nullable String attribute() {
        return this == SYSTEM ? null : text();
    }

    /** The theme that the button at the top leads to. */
    public Theme next() {
        return switch (this) {
            case LIGHT -> DARK;
            case DARK -> SYSTEM;
            case SYSTEM -> LIGHT;
        };
    }
}
