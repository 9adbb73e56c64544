package dev.latchkey;

/** Settings that belong together in the help. */
enum SettingGroup {
    LISTENING("Where it listens"),
    STORAGE("Where its data is"),
    FIRST_START("A first start without the set-up page"),
    CERTIFICATES("TLS certificates of programs"),
    FETCHING("What it may fetch"),
    LIMITS("Limits and logs");

    private final String heading;

    SettingGroup(String heading) {
        this.heading = heading;
    }

    String heading() {
        return heading;
    }
}
