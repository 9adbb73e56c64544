package dev.latchkey;

import org.jspecify.annotations.Nullable;

/** Which Latchkey this is. */
final class Version {
    private Version() {}

    static String current() {
        @Nullable String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version.replace("-SNAPSHOT", "");
    }
}
