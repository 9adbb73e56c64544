package dev.latchkey.bench.chaos;

import dev.latchkey.bench.Ports;
import dev.latchkey.bench.chaos.Break.Cause;
import dev.latchkey.bench.chaos.Step.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Three nodes on a primary and an asynchronous standby, with links between all of them. */
final class PostgresqlGround implements Ground {
    private static final int NODES = 3;
    private static final int RESTORES = 5;
    private static final long CATCH_UP_MILLIS = 20_000;
    private static final String DATABASE = "latchkey";

    private final Path folder;
    private final History history;
    private final List<Actor> actors = new ArrayList<>();
    private final Place first;
    private final Place second;
    private Place primary;
    private int copies;

    /**
     * A server, and the links that lead to it.
     *
     * @param replication for the other server
     * @param links one for each node
     */
    private record Place(PostgresServer server, Link replication, List<Link> links) implements AutoCloseable {
        static Place of(Path programs, Path folder, String name) {
            int port = Ports.free();
            return new Place(
                    new PostgresServer(programs, folder.resolve(name), port),
                    new Link(port),
                    IntStream.range(0, NODES).mapToObj(i -> new Link(port)).toList());
        }

        @Override
        public void close() {
            links.forEach(Link::close);
            replication.close();
            server.close();
        }
    }

    PostgresqlGround(
            Path programs, Path jar, Path folder, List<Integer> ports, Map<String, String> settings, History history) {
        this.folder = folder.resolve("postgresql");
        this.history = history;
        Command.of("mkdir", "-p", this.folder.toString()).run();
        PostgresServer.give(this.folder);
        first = Place.of(programs, this.folder, "one");
        second = Place.of(programs, this.folder, "two");
        primary = first;
        try {
            first.server().create();
            first.server().start();
            first.server().ask("create role latchkey login");
            first.server().ask("create database " + DATABASE + " owner latchkey");
            second.server().copyFrom(first.replication().port());
            second.server().start();
            for (int i = 0; i < NODES; i++) {
                List<Link> links = List.of(first.links().get(i), second.links().get(i));
                Map<String, String> all = new HashMap<>(settings);
                all.put(
                        "LATCHKEY_DATABASE_URL",
                        "jdbc:postgresql://127.0.0.1:" + links.getFirst().port() + ",127.0.0.1:"
                                + links.getLast().port() + "/" + DATABASE
                                + "?user=latchkey&targetServerType=primary");
                Actor actor = new Actor(new Node("node" + (i + 1), ports.get(i), jar, folder, all), links, history);
                actors.add(actor);
                actor.start();
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    @Override
    public List<Actor> actors() {
        return List.copyOf(actors);
    }

    @Override
    public List<Kind> kinds() {
        return List.of(Kind.FAILOVER, Kind.RESTART, Kind.RESTORE);
    }

    @Override
    public List<String> leftOut() {
        return Actor.canSkew() ? List.of() : List.of("wrong clocks, because libfaketime is not installed");
    }

    @Override
    public void perform(Step step) {
        switch (step.kind()) {
            case FAILOVER -> failOver(step.millis());
            case RESTART -> restart();
            case RESTORE -> restore(step.millis(), step.thorough());
            default -> throw new IllegalArgumentException(step.toString());
        }
    }

    private Place standby() {
        return primary == first ? second : first;
    }

    private void failOver(long lag) {
        Place old = primary;
        Place next = standby();
        long keeps = awaitStandby();
        old.replication().silence();
        history.awaitChanges(lag);
        long ordered = history.now();
        old.server().crash();
        long inForce = history.now();
        long from = history.now();
        next.server().ask("select pg_promote(true, 60)");
        long to = history.now();
        history.add(new Break(Break.ALL, Cause.NO_DATABASE, ordered, inForce, from, to));
        history.add(new Loss("a standby that lagged behind was promoted", keeps, from, to));
        primary = next;
        old.replication().reset();
        old.replication().heal();
        old.server().copyFrom(next.replication().port());
        old.server().start();
    }

    /** Waits until the standby has everything that the primary has now; changes confirmed before that moment are safe. */
    private long awaitStandby() {
        long keeps = history.now();
        String position = primary.server().ask("select pg_current_wal_lsn()");
        long end = System.nanoTime() + CATCH_UP_MILLIS * 1_000_000;
        while (!standby()
                .server()
                .ask("select coalesce(pg_last_wal_replay_lsn(), '0/0') >= '" + position + "'::pg_lsn")
                .equals("t")) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("the standby does not follow");
            }
            Actor.sleep(20);
        }
        return keeps;
    }

    private void restart() {
        long ordered = history.now();
        primary.server().stop();
        long inForce = history.now();
        primary.server().start();
        history.add(new Break(Break.ALL, Cause.NO_DATABASE, ordered, inForce, inForce, history.now()));
    }

    /** @param stopped whether the nodes are stopped during that, as they should be */
    private void restore(long age, boolean stopped) {
        Path copy = folder.resolve("copy-" + ++copies + ".dump");
        long keeps = history.now();
        program("pg_dump", "-Fc", "-f", copy.toString(), DATABASE).run();
        history.awaitChanges(age);
        if (stopped) {
            down(0, () -> putBack(copy, keeps));
        } else {
            putBack(copy, keeps);
        }
        Command.of("rm", "-f", copy.toString()).run();
    }

    /** Stops this node and those after it, does something, and starts them again. */
    private void down(int number, Runnable meanwhile) {
        if (number == actors.size()) {
            meanwhile.run();
            return;
        }
        Actor actor = actors.get(number);
        actor.lock().lock();
        try {
            actor.down(() -> down(number + 1, meanwhile));
        } finally {
            actor.lock().unlock();
        }
    }

    private void putBack(Path copy, long keeps) {
        long from = history.now();
        Command restore = program("pg_restore", "--clean", "--if-exists", "-1", "-d", DATABASE, copy.toString());
        Command.Result result = restore.result();
        // Nodes that are still running may be in its way.
        for (int i = 1; result.status() != 0 && i < RESTORES; i++) {
            result = restore.result();
        }
        if (result.status() != 0) {
            throw new IllegalStateException("pg_restore: " + result.said());
        }
        long to = history.now();
        history.add(new Break(Break.ALL, Cause.NO_DATABASE, from, to, to, to));
        history.add(new Loss("an old copy was restored", keeps, from, to));
    }

    private Command program(String name, String... more) {
        List<String> words = new ArrayList<>(
                List.of("-h", "127.0.0.1", "-p", "" + primary.server().port(), "-U", "postgres"));
        words.addAll(List.of(more));
        return primary.server().program(name, words.toArray(String[]::new));
    }

    @Override
    public void close() {
        actors.forEach(Actor::close);
        first.close();
        second.close();
    }
}
