package dev.latchkey;

import org.jspecify.annotations.Nullable;

/** The version of this Latchkey. */
final class Version {
    private Version() {}

    static String current() {
        @Nullable String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
