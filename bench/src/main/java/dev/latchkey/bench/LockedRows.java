package dev.latchkey.bench;

import java.util.List;

/** A transaction that was left open on PostgreSQL, with locks on the rows of the tokens in use and of the log's end. */
final class LockedRows implements Disturbance {
    @Override
    public String name() {
        return "row-locks";
    }

    @Override
    public String title(Size size) {
        return "an open transaction that locks rows";
    }

    @Override
    public boolean isPossible(Ground.Engine engine) {
        return engine == Ground.Engine.POSTGRESQL;
    }

    @Override
    public Going begin(Scene scene) {
        return HeldLock.begin(
                scene,
                List.of(
                        "begin",
                        "select client_id from api_token where role_name = 'caller' for update",
                        "select sequence from event_head for update"));
    }
}
