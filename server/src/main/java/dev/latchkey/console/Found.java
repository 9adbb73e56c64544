package dev.latchkey.console;

import java.util.List;
import java.util.Locale;

/**
 * What a search through everything found.
 *
 * @param groups those with hits
 * @param hint why something may be missing; empty when nothing is
 */
public record Found(String search, List<Group> groups, String hint) {

    /**
     * The hits of one kind.
     *
     * @param all where all of them are listed; empty when these are all
     */
    public record Group(String label, List<Hit> hits, String all) {
        /** "tokens", for ids. */
        public String id() {
            return label.toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Something that was found.
     *
     * @param more what tells it from others with the same label; may be empty
     */
    public record Hit(String label, String more, String href, String icon) {}

    public boolean isEmpty() {
        return groups.isEmpty();
    }

    public long number() {
        return groups.stream().mapToLong(group -> group.hits().size()).sum();
    }
}
