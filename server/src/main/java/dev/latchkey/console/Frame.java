package dev.latchkey.console;

import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Privilege;
import dev.latchkey.event.Attention;
import dev.latchkey.http.BasePath;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the frame around every page shows.
 *
 * @param title the page's own title
 * @param section the entry of the navigation panel that the page belongs to, such as {@code tokens}
 * @param base below which path the world sees the console
 * @param path the page's own path
 * @param back the page's address with what it is filtered by, for coming back to it
 * @param viewer who looks; null on the pages before signing in
 * @param csrf the value that every form sends back
 * @param theme {@code light}, {@code dark} or {@code system}
 * @param notice a sentence about what was just done
 * @param attention what waits for somebody because the database has lost changes
 * @param now the time that "3 minutes ago" counts from
 */
public record Frame(
        String title,
        String section,
        BasePath base,
        String path,
        String back,
        @Nullable Caller viewer,
        String displayName,
        String account,
        String version,
        String assets,
        String csrf,
        String theme,
        @Nullable String notice,
        Attention attention,
        Instant now) {

    /** Whether the viewer has a privilege; what would only lead to a refusal is left out. */
    public boolean may(String privilege) {
        return viewer != null && viewer.has(new Privilege(ManagementApi.NAME, privilege));
    }

    /** The first letters of the name's first two words. */
    public String initials() {
        StringBuilder initials = new StringBuilder();
        for (String word : displayName.strip().split("[\\s.@_-]+", -1)) {
            if (!word.isEmpty() && initials.length() < 2) {
                initials.appendCodePoint(Character.toUpperCase(word.codePointAt(0)));
            }
        }
        return initials.toString();
    }

    public String roleLine() {
        if (viewer == null || viewer.roles().isEmpty()) {
            return "No role";
        }
        int more = viewer.roles().size() - 1;
        return viewer.roles().getFirst().name() + (more == 0 ? "" : " +" + more);
    }

    /** The theme that the button leads to. */
    public String nextTheme() {
        return switch (theme) {
            case "light" -> "dark";
            case "dark" -> "system";
            default -> "light";
        };
    }

    public String themeIcon() {
        return switch (theme) {
            case "light" -> "sun";
            case "dark" -> "moon";
            default -> "sun-moon";
        };
    }
}
