package dev.latchkey.console;

import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Privilege;
import dev.latchkey.event.Attention;
import dev.latchkey.http.BasePath;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the frame around every page shows.
 *
 * @param title the title of the page
 * @param section the entry of the navigation panel that the page belongs to, such as {@code tokens}
 * @param base the path below which browsers see the console
 * @param path the path of the page
 * @param back the address of the page with its filters, for coming back to it
 * @param viewer the person who is signed in; null before signing in
 * @param csrf the value that every form sends back
 * @param notice a sentence about the change that led to this page; null for none
 * @param attention what needs a person because the database has lost changes
 * @param now the time from which "3 minutes ago" is counted
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
        Theme theme,
        @Nullable String notice,
        Attention attention,
        Instant now) {

    /** Whether the viewer has a privilege; pages leave out what would only be refused. */
    public boolean may(String privilege) {
        return viewer != null && viewer.has(new Privilege(ManagementApi.NAME, privilege));
    }

    /** The pages in a part of the navigation panel. */
    public List<Destination> destinations(Destination.Group group) {
        return viewer == null ? List.of() : Destination.of(group, viewer);
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
}
