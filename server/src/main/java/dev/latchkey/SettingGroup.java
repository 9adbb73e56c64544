package dev.latchkey;

/** Settings that belong together in the help. */
enum SettingGroup {
    LISTENING("Listening"),
    STORAGE("Storage"),
    FIRST_START("First start without the setup page"),
    CERTIFICATES("TLS certificates of programs"),
    FETCHING("Fetching from other hosts"),
    LIMITS("Limits and logs");

    private final String heading;

    SettingGroup(String heading) {
        this.heading = heading;
    }

    String heading() {
        return heading;
    }
}
