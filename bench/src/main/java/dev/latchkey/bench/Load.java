package dev.latchkey.bench;

import dev.latchkey.bench.Latchkey.Credentials;
import dev.latchkey.bench.Peers.Peer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Puts the whole server under load from another process, together with its own ceiling and its peers, in one run, and writes the
 * results. {@code bench/load --help} lists the options.
 */
public final class Load {
    private static final int CONNECTIONS = 16;

    private final Path project;
    private final Path folder;
    private final Options options;
    private final List<String> command;
    private final Generator generator;
    private final Report report = new Report();

    private Load(Path project, Path folder, Options options) {
        this.project = project;
        this.folder = folder;
        this.options = options;
        this.command = options.built()
                ? List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-jar",
                        project.resolve("server/target/latchkey.jar").toString())
                : List.of(project.resolve("latchkey").toString());
        this.generator = new Generator(folder);
    }

    /**
     * What to measure, and for how long.
     *
     * @param built whether to start the jar that is there
     * @param scale how many tokens there are in each step of the scale
     * @param imported how many keys of another system are imported
     * @param only the one part that is wanted; empty for all
     */
    record Options(
            int seconds,
            int rounds,
            int warmUpSeconds,
            boolean peers,
            boolean built,
            List<Integer> scale,
            int imported,
            String only) {
        static Options parse(List<String> arguments) {
            if (arguments.contains("--help")) {
                System.out.println("""
                        bench/load [--smoke] [--no-peers] [--seconds=8] [--rounds=3] [--warm-up=15] [--scale=1000,100000,1000000] [--imported=1000000]
                                   [--only=keys|metrics]
                          --smoke      everything briefly, without peers
                          --no-peers   Latchkey alone
                          --seconds    how long each round lasts
                          --rounds     how many rounds; the tables show medians and ranges
                          --warm-up    seconds of load before the first round
                          --built      start the existing jar, not ./latchkey, which builds it when needed
                          --scale      numbers of API tokens; 0 leaves the scale out
                          --imported   how many keys of another system to import; 0 leaves them out
                          --only       keys: only API keys, imported ones and AuthZEN; metrics: only what metrics cost
                          --observed   another table: what traces and the request log cost
                          --usage      another table: what the counting of calls costs, with a billion calls of ten million tokens on SQLite
                                       [--tokens=10000000] [--callers=2000] [--calls=1000000000]
                        """);
                System.out.println(RoughOptions.HELP);
                System.exit(0);
            }
            boolean smoke = arguments.contains("--smoke");
            return new Options(
                    number(arguments, "seconds", smoke ? 1 : 8),
                    number(arguments, "rounds", smoke ? 1 : 3),
                    number(arguments, "warm-up", smoke ? 0 : 15),
                    !smoke && !arguments.contains("--no-peers"),
                    arguments.contains("--built"),
                    Stream.of(text(arguments, "scale", smoke ? "1000" : "1000,100000,1000000")
                                    .split(",", -1))
                            .map(Integer::valueOf)
                            .filter(number -> number > 0)
                            .toList(),
                    number(arguments, "imported", smoke ? 1_000 : 1_000_000),
                    text(arguments, "only", ""));
        }

        static String text(List<String> arguments, String name, String otherwise) {
            return arguments.stream()
                    .filter(argument -> argument.startsWith("--" + name + "="))
                    .map(argument -> argument.substring(name.length() + 3))
                    .findFirst()
                    .orElse(otherwise);
        }

        static int number(List<String> arguments, String name, int otherwise) {
            return Integer.parseInt(text(arguments, name, Integer.toString(otherwise)));
        }
    }

    /** @param arguments the project's folder, the folder for results, and options */
    public static void main(String[] arguments) throws IOException {
        Path results = Path.of(arguments[1]).toAbsolutePath();
        Files.createDirectories(results);
        List<String> wanted = Arrays.asList(arguments).subList(2, arguments.length);
        Options options = Options.parse(wanted);
        if (RoughOptions.areWanted(wanted)) {
            Path project = Path.of(arguments[0]).toAbsolutePath().normalize();
            Rough.measure(project, results, RoughOptions.parse(wanted));
            return;
        }
        try (TemporaryFolder folder = new TemporaryFolder("latchkey-bench")) {
            Load load = new Load(Path.of(arguments[0]).toAbsolutePath().normalize(), folder.path(), options);
            if (wanted.contains("--usage")) {
                UsageCost.measure(load.command, folder.path(), options, UsageCost.Size.parse(wanted), results);
                return;
            }
            if (wanted.contains("--observed")) {
                Observed.measure(folder.path(), load.command, options, results);
                return;
            }
            try {
                load.run();
            } finally {
                // Measurements from before a failure are worth keeping.
                load.report.write(results);
            }
        }
    }

    private void run() {
        if (!Generator.has("wrk") || !Generator.has("h2load")) {
            throw new IllegalStateException("wrk and h2load are needed (Debian: wrk, nghttp2-client)");
        }
        report.settings(options, CONNECTIONS);
        if (options.only().equals("metrics")) {
            metricsCost();
            return;
        }
        if (options.only().equals("keys")) {
            try (Latchkey latchkey = Latchkey.start(command, folder.resolve("data"), Map.of())) {
                latchkey.registerApi();
                keys(latchkey, callers(latchkey));
            }
            return;
        }
        List<Peer> peers = options.peers() ? peers() : List.of();
        // The first start is not measured, because it sets up an account.
        Latchkey.start(command, folder.resolve("data"), Map.of()).close();
        List<Long> starts = new ArrayList<>();
        for (int i = 0; i < 2 * options.rounds(); i++) {
            try (Latchkey latchkey = Latchkey.start(command, folder.resolve("data"), Map.of())) {
                starts.add(latchkey.served().startMillis());
            }
        }
        try (Latchkey latchkey = Latchkey.start(command, folder.resolve("data"), Map.of())) {
            starts.add(latchkey.served().startMillis());
            everything(latchkey, starts, peers);
        } finally {
            peers.forEach(peer -> peer.served().close());
        }
        overTls();
        metricsCost();
        for (int tokens : options.scale()) {
            scale(tokens);
        }
    }

    private void metricsCost() {
        new MetricsCost(command, folder, generator, options).measured().forEach(report::metricsCost);
    }

    private List<Peer> peers() {
        List<Peer> peers = new ArrayList<>();
        Path home = project.resolve("bench/target/peers");
        peer(
                peers,
                "Keycloak",
                () -> Peers.keycloak(
                        home.resolve("keycloak"),
                        Path.of(System.getProperty("java.home")),
                        read(home.resolve("keycloak.version"))));
        peer(
                peers,
                "oidc-provider",
                () -> Peers.oidcProvider(home.resolve("oidc-provider"), read(home.resolve("oidc-provider.version"))));
        return peers;
    }

    private interface Start {
        Peer start();
    }

    private void peer(List<Peer> peers, String name, Start start) {
        try {
            Peer peer = start.start();
            peers.add(peer);
        } catch (RuntimeException e) {
            report.missing(
                    name, String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
        }
    }

    /**
     * A call, and the server that handles it.
     *
     * @param lua that changes what is sent; empty for the same request each time
     */
    private record Subject(Served server, Call call, String lua) {
        Subject(Served server, Call call) {
            this(server, call, "");
        }
    }

    /** A call that many callers make in turn, so that what a server remembers of the last one does not help. */
    private Subject inTurn(Served server, String name, List<Call> calls) {
        Call first = calls.getFirst();
        String file = name.replaceAll("[^a-z]+", "-");
        return new Subject(
                server,
                Call.get(name, first.url(), Map.of()),
                generator.inTurn(file, calls.stream().map(Wire::request).toList()));
    }

    private void everything(Latchkey latchkey, List<Long> starts, List<Peer> peers) {
        sleep(options.warmUpSeconds() < 5 ? 0 : 5);
        Map<Served, Long> idle = new LinkedHashMap<>();
        idle.put(latchkey.served(), latchkey.served().residentMib());
        peers.forEach(peer -> idle.put(peer.served(), peer.served().residentMib()));

        latchkey.registerApi();
        Credentials program = latchkey.createToken("\"role\":\"caller\"");
        Credentials api = latchkey.createToken("\"role\":\"public\",\"actsFor\":\"bench\"");
        String accessToken = latchkey.accessTokenForApi(program);
        Call token = latchkey.token(program);
        List<Subject> subjects = new ArrayList<>();
        for (Call call : List.of(
                latchkey.health(), token, latchkey.introspection(api, accessToken), latchkey.gate(accessToken))) {
            subjects.add(new Subject(latchkey.served(), call));
        }
        List<Credentials> many = callers(latchkey);
        List<String> accessTokens =
                many.stream().map(latchkey::accessTokenForApi).toList();
        String suffix = String.format(Locale.ROOT, ", %,d API tokens in turn", many.size());
        subjects.add(inTurn(
                latchkey.served(),
                "token endpoint" + suffix,
                many.stream().map(latchkey::token).toList()));
        subjects.add(inTurn(
                latchkey.served(),
                "introspection" + suffix,
                accessTokens.stream()
                        .map(one -> latchkey.introspection(api, one))
                        .toList()));
        subjects.add(inTurn(
                latchkey.served(),
                "gate check" + suffix,
                accessTokens.stream().map(latchkey::gate).toList()));
        for (Call call : List.of(latchkey.list("?pageSize=25"), latchkey.signInPage())) {
            subjects.add(new Subject(latchkey.served(), call));
        }
        peers.forEach(peer -> peer.calls().forEach(call -> subjects.add(new Subject(peer.served(), call))));
        Map<Subject, List<Sample>> samples = most(subjects);
        samples.forEach((subject, each) -> report.most(subject.call().name(), each));

        double rate = Report.median(samples.get(new Subject(latchkey.served(), token)), Sample::perSecond);
        report.steady(
                "token endpoint at 70% of its maximum",
                rounds(() -> generator.each(
                        latchkey.served(), token, CONNECTIONS, options.seconds(), true, (int) (rate * 0.7))));
        report.steady(
                "token endpoint beyond saturation: 600 connections, at full load",
                rounds(() -> generator.each(latchkey.served(), token, 600, options.seconds(), true, null)));
        report.revocation(new Revocations(latchkey).underLoad(generator, token, 30 * Math.min(3, options.rounds())));
        keys(latchkey, many);
        idle.forEach((served, mib) -> report.server(
                served,
                served.equals(latchkey.served()) ? starts : List.of(served.startMillis()),
                mib,
                served.residentMib()));
    }

    /** Programs that call in turn. */
    private List<Credentials> callers(Latchkey latchkey) {
        return Stream.generate(() -> latchkey.createToken("\"role\":\"caller\""))
                .limit(options.warmUpSeconds() < 5 ? 20 : 1_000)
                .toList();
    }

    /**
     * The gate with API keys next to the gate with access tokens, and AuthZEN, in a turn of their own: access tokens live only ten
     * minutes.
     */
    private void keys(Latchkey latchkey, List<Credentials> programs) {
        latchkey.renew();
        List<Subject> subjects = new ArrayList<>();
        Served served = latchkey.served();
        subjects.add(new Subject(served, latchkey.health()));
        int imported = options.imported();
        if (imported > 0) {
            report.imported(imported, ImportedKeys.bring(command, latchkey, folder, imported));
            latchkey.renew();
            Call call = latchkey.gateWithKey(ImportedKeys.key(0));
            String name = String.format(Locale.ROOT, "gate check, any of %,d imported keys", imported);
            subjects.add(new Subject(served, Call.get(name, call.url(), call.fields()), ImportedKeys.any(imported)));
        }
        String suffix = String.format(Locale.ROOT, ", %,d in turn", programs.size());
        List<Call> withKeys = Stream.generate(() -> latchkey.gateWithKey(latchkey.createKey("caller")))
                .limit(programs.size())
                .toList();
        subjects.add(inTurn(served, "gate check, API keys" + suffix, withKeys));
        List<Call> withAccessTokens = programs.stream()
                .map(latchkey::accessTokenForApi)
                .map(latchkey::gate)
                .toList();
        subjects.add(inTurn(served, "gate check, access tokens" + suffix, withAccessTokens));
        List<String> asked = Stream.generate(() -> programs.stream().map(Credentials::id))
                .flatMap(ids -> ids)
                .limit(100)
                .toList();
        subjects.add(new Subject(served, latchkey.evaluation(asked.getFirst())));
        subjects.add(new Subject(served, latchkey.evaluations(asked)));
        most(subjects).forEach((subject, each) -> report.keys(subject.call().name(), each));
    }

    /** Alternating rounds, so that other activity on the machine affects all of them. */
    private Map<Subject, List<Sample>> most(List<Subject> subjects) {
        if (options.warmUpSeconds() > 0) {
            subjects.forEach(subject -> generator.most(
                    subject.server(), subject.call(), CONNECTIONS, options.warmUpSeconds(), subject.lua()));
        }
        Map<Subject, List<Sample>> samples = new LinkedHashMap<>();
        for (int round = 0; round < options.rounds(); round++) {
            for (Subject subject : subjects) {
                samples.computeIfAbsent(subject, unused -> new ArrayList<>())
                        .add(generator.most(
                                subject.server(), subject.call(), CONNECTIONS, options.seconds(), subject.lua()));
            }
        }
        return samples;
    }

    private List<Sample> rounds(Supplier<Sample> round) {
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < options.rounds(); i++) {
            samples.add(round.get());
        }
        return samples;
    }

    /** The token endpoint plain and with TLS 1.3, over HTTP/1.1 and HTTP/2, from the same generator. */
    private void overTls() {
        Path certificate = folder.resolve("tls.crt");
        Path key = folder.resolve("tls.key");
        Generator.run(List.of(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
                "-keyout",
                key.toString(),
                "-out",
                certificate.toString()));
        Path secured = folder.resolve("secured");
        Credentials securedProgram;
        try (Latchkey before = Latchkey.start(command, secured, Map.of())) {
            securedProgram = before.createToken("\"role\":\"public\"");
        }
        Map<String, String> tls = Map.of(
                "LATCHKEY_TLS_CERTIFICATE_FILE", certificate.toString(), "LATCHKEY_TLS_KEY_FILE", key.toString());
        try (Latchkey plain = Latchkey.start(command, folder.resolve("plain"), Map.of());
                Latchkey encrypted = Latchkey.start(command, secured, tls)) {
            Call open = plain.token(plain.createToken("\"role\":\"public\""));
            Call closed = encrypted.token(securedProgram);
            record Way(String name, Served server, Call call, boolean http1) {}
            List<Way> ways = List.of(
                    new Way("token endpoint, HTTP/1.1", plain.served(), open, true),
                    new Way("token endpoint, HTTP/1.1 over TLS 1.3", encrypted.served(), closed, true),
                    new Way("token endpoint, HTTP/2 without TLS (h2c)", plain.served(), open, false),
                    new Way("token endpoint, HTTP/2 over TLS 1.3", encrypted.served(), closed, false));
            Map<Way, List<Sample>> samples = new LinkedHashMap<>();
            for (int round = options.warmUpSeconds() > 0 ? -1 : 0; round < options.rounds(); round++) {
                for (Way way : ways) {
                    int seconds = round < 0 ? options.warmUpSeconds() : options.seconds();
                    Sample sample = generator.each(way.server(), way.call(), CONNECTIONS, seconds, way.http1(), null);
                    if (round >= 0) {
                        samples.computeIfAbsent(way, unused -> new ArrayList<>())
                                .add(sample);
                    }
                }
            }
            samples.forEach((way, each) -> report.steady(way.name(), each));
        }
    }

    private void scale(int tokens) {
        Path data = folder.resolve("scale");
        if (!Files.exists(data)) {
            Latchkey.start(command, data, Map.of()).close();
        }
        long start = System.nanoTime();
        String account = Filling.fill(data, tokens);
        System.err.printf("filled %,d tokens in %d s%n", tokens, (System.nanoTime() - start) / 1_000_000_000);
        try (Latchkey latchkey = Latchkey.start(command, data, Map.of())) {
            report.scale(tokens, "start to first answer", latchkey.served().startMillis() + " ms");
            Call call = Call.form("", latchkey.served().url() + "/oauth/v2/token", Map.of(), "");
            int few = Math.min(1_000, tokens);
            tokenEndpoint(latchkey, tokens, "1,000 of them, cached", call, Filling.random(account, few));
            tokenEndpoint(latchkey, tokens, "any of them", call, Filling.random(account, tokens));
            latchkey.renew();
            pages(latchkey, tokens, account);
            report.scale(tokens, "resident memory after that", latchkey.served().residentMib() + " MiB");
        }
    }

    private void tokenEndpoint(Latchkey latchkey, int tokens, String what, Call call, String lua) {
        if (options.warmUpSeconds() > 0) {
            generator.most(latchkey.served(), call, CONNECTIONS, options.warmUpSeconds(), lua);
        }
        List<Sample> samples =
                rounds(() -> generator.most(latchkey.served(), call, CONNECTIONS, options.seconds(), lua));
        report.scale(
                tokens,
                "token endpoint, " + what,
                Report.whole(Report.median(samples, Sample::perSecond)) + " requests/s, p99 "
                        + Report.number(Report.median(samples, Sample::p99)) + " ms, CPU "
                        + Report.number(Report.median(samples, Sample::cpuMicros)) + " µs/request, "
                        + samples.stream().mapToLong(Sample::other).sum() + " not 2xx");
    }

    private void pages(Latchkey latchkey, int tokens, String account) {
        String after = "";
        for (int i = 0; i < 100; i++) {
            String page = Http.answer(latchkey.list("?pageSize=100" + after)).body();
            if (!page.contains("nextPageToken")) {
                break;
            }
            after = "&pageToken=" + Http.field(page, "nextPageToken");
        }
        Map<String, String> queries = new LinkedHashMap<>();
        queries.put("first page", "?pageSize=25");
        queries.put("page after 10,000 others", "?pageSize=25" + after);
        queries.put("by last access", "?pageSize=25&sort=-lastAccess");
        queries.put("by role", "?pageSize=25&sort=role");
        queries.put("active ones by last access", "?pageSize=25&status=active&sort=-lastAccess");
        queries.put("active ones by description", "?pageSize=25&status=active&sort=description");
        queries.put("revoked ones", "?pageSize=25&status=revoked");
        queries.put("of one role, by description", "?pageSize=25&role=public&sort=description");
        queries.put("search that finds many", "?pageSize=25&search=team");
        queries.put("search that finds one", "?pageSize=25&search=" + (tokens - 2) + "+of");
        queries.put("search for a client id", "?pageSize=25&search=" + Filling.clientId(account, tokens / 2));
        queries.put("search that finds nothing", "?pageSize=25&search=nothing-like-this");
        queries.forEach((what, query) -> report.scale(tokens, "list of tokens, " + what, timed(latchkey.list(query))));
        String cookie = latchkey.signIn();
        report.scale(
                tokens,
                "the console's list, first page",
                timed(Call.get("", latchkey.served().url() + "/tokens", Map.of("Cookie", cookie))));
    }

    /** One after the other, as a person would request them. */
    private static String timed(Call call) {
        double[] times = new double[21];
        for (int i = 0; i < times.length; i++) {
            long start = System.nanoTime();
            int status = Http.answer(call).statusCode();
            times[i] = (System.nanoTime() - start) / 1_000_000.0;
            if (status != 200) {
                return "status " + status;
            }
        }
        Arrays.sort(times);
        return "median " + Report.number(times[times.length / 2]) + " ms, max " + Report.number(times[times.length - 1])
                + " ms";
    }

    private static void sleep(int seconds) {
        try {
            Thread.sleep(seconds * 1_000L);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
