package dev.latchkey.openapi;

import java.util.List;
import java.util.Map;

/** A part of a YAML or JSON document, which knows its position. Lines and columns begin with 1. */
sealed interface Tree {
    Place place();

    /** @param file the name by which people know it */
    record Place(String file, int line, int column) {
        @Override
        public String toString() {
            return file + ", line " + line + ", column " + column;
        }
    }

    record Text(String value, Place place) implements Tree {}

    record Items(List<Tree> items, Place place) implements Tree {}

    /** In the order of the document. */
    record Fields(Map<String, Tree> fields, Place place) implements Tree {
        /** The text of a member; empty when it has none. */
        String text(String name) {
            return fields.get(name) instanceof Text text ? text.value() : "";
        }
    }
}
