package dev.latchkey.blueprint;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a value in a blueprint may look like. The reader refuses everything else, and the JSON Schema for editors is written
 * from the same declarations.
 */
sealed interface Shape {
    /** @param pattern a regular expression that the whole text matches */
    record Text(String pattern, String expected) implements Shape {}

    record Whole(long least, long most) implements Shape {}

    record Flag() implements Shape {}

    record OneOf(List<String> texts) implements Shape {}

    record Items(Shape each) implements Shape {}

    /**
     * Values by names that people choose.
     *
     * @param names what the names are
     */
    record Named(Text names, Shape each) implements Shape {}

    /** An object with known members, by name. */
    record Members(Map<String, Member> members) implements Shape {}

    /** The short form of a value, or an object. */
    record Either(Shape brief, Members full) implements Shape {}

    /** Any value, such as a JSON Web Key. */
    record Anything() implements Shape {}

    /**
     * A member of an object.
     *
     * @param clearable whether null, which clears it, is a value as well
     */
    record Member(String name, Shape shape, boolean required, boolean clearable, String meaning) {
        /** The same, which must be there. */
        Member needed() {
            return new Member(name, shape, true, clearable, meaning);
        }

        /** The same, which null clears. */
        Member orNull() {
            return new Member(name, shape, required, true, meaning);
        }
    }

    static Member member(String name, Shape shape, String meaning) {
        return new Member(name, shape, false, false, meaning);
    }

    static Members members(Member... members) {
        Map<String, Member> byName = new LinkedHashMap<>();
        Arrays.asList(members).forEach(member -> byName.put(member.name(), member));
        return new Members(byName);
    }

    static Text text() {
        return new Text("(?s).*", "text");
    }

    /** In words, for an error. */
    default String expected() {
        return switch (this) {
            case Text text -> text.expected();
            case Whole number -> "a number from " + number.least() + " to " + number.most();
            case Flag flag -> "true or false";
            case OneOf one -> "one of " + String.join(", ", one.texts());
            case Items items -> "a list";
            case Named named -> "an object with " + named.names().expected() + " as names";
            case Members members ->
                "an object with " + String.join(", ", members.members().keySet());
            case Either either ->
                either.brief().expected() + ", or " + either.full().expected();
            case Anything anything -> "a value";
        };
    }
}
