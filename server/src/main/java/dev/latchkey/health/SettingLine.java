package dev.latchkey.health;

import dev.latchkey.management.Doc;

/** A setting as it may leave the house: its value only if that cannot be a secret, a name or an address. */
public record SettingLine(
        String name,

        @Doc("The spelling by which it was set, or default") String from,

        @Doc("The value if it is a number or one of a few words; otherwise set or not set")
        String value) {}
