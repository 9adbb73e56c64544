package dev.latchkey.console;

import dev.latchkey.access.Caller;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the frame around every page shows.
 *
 * @param title the page's own title
 * @param section the entry of the navigation panel that the page belongs to, such as {@code tokens}
 * @param viewer who looks; null on the pages before signing in
 * @param csrf the value that every form sends back
 * @param theme {@code light}, {@code dark} or {@code system}
 * @param notice a sentence about what was just done
 * @param now the time that "3 minutes ago" counts from
 */
public record Frame(
        String title,
        String section,
        @Nullable Caller viewer,
        String displayName,
        String account,
        String version,
        String assets,
        String csrf,
        String theme,
        @Nullable String notice,
        Instant now) {

    /** Whether the viewer may see a section; links that would only lead to a refusal are left out. */
    public boolean shows(String privilege) {
        return viewer != null && viewer.has(new dev.latchkey.access.Privilege("latchkey", privilege));
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
        String first = viewer.roles().getFirst().name();
        int more = viewer.roles().size() - 1;
        return more == 0 ? first : first + " +" + more;
    }
}
