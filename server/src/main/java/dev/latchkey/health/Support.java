package dev.latchkey.health;

import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.database.Database;
import dev.latchkey.database.Reason;
import dev.latchkey.health.HealthApi.HealthReply;
import dev.latchkey.http.Response;
import dev.latchkey.management.Doc;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Tag;
import dev.latchkey.problem.Problem;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What someone who helps from outside needs to know about a running node, without anything that is secret or names a person. */
public final class Support {
    private static final Logger log = LoggerFactory.getLogger(Support.class);

    private static final int MOST_FRAMES = 60;
    private static final int MOST_THREADS = 500;

    private final Health health;
    private final Database database;
    private final List<SettingLine> settings;
    private final Redaction redaction;

    /** @param redaction knows the words of this installation, such as the values of its settings */
    public Support(Health health, Database database, List<SettingLine> settings, Redaction redaction) {
        this.health = health;
        this.database = database;
        this.settings = List.copyOf(settings);
        this.redaction = redaction;
    }

    /** A platform thread: what it is doing, without the data that it does it with. */
    public record ThreadLine(String name, String state, List<String> frames) {
        static ThreadLine of(Map.Entry<Thread, StackTraceElement[]> entry) {
            return new ThreadLine(
                    entry.getKey().getName(),
                    entry.getKey().getState().name(),
                    Arrays.stream(entry.getValue())
                            .limit(MOST_FRAMES)
                            .map(StackTraceElement::toString)
                            .toList());
        }
    }

    /** What the support bundle of a running node is made of. */
    public record SupportReply(
            String version,
            Machine machine,
            List<SettingLine> settings,

            @Doc("The names of machines are replaced by numbers")
            HealthReply health,

            @Doc("Absent when the database does not answer") @Nullable Inventory inventory,

            List<ThreadLine> threads) {}

    public List<Operation> operations() {
        return List.of(Operation.get("/server/support")
                .id("getSupportData")
                .tag(Tag.SERVER)
                .needs(ManagementApi.ACCOUNT_MANAGE)
                .summary("Get what someone who helps needs to know")
                .description(
                        "What latchkey support-bundle collects from a running node: its version, its settings without secrets, names"
                                + " and addresses, its health, numbers, and what its threads do.")
                .answers(SupportReply.class)
                .by((caller, request) -> Response.json(200, reply(caller))));
    }

    private SupportReply reply(Caller caller) {
        HealthReport report = health.report(caller);
        return new SupportReply(
                report.version(),
                Machine.current(),
                settings,
                HealthReply.of(nameless(report)),
                inventory(),
                threads());
    }

    private @Nullable Inventory inventory() {
        try {
            return database.read(Inventory::of);
        } catch (Problem problem) {
            log.debug("The database cannot be counted ({})", Reason.of(problem));
            return null;
        }
    }

    private static List<ThreadLine> threads() {
        return Thread.getAllStackTraces().entrySet().stream()
                .sorted(Comparator.comparing(entry -> entry.getKey().getName()))
                .limit(MOST_THREADS)
                .map(ThreadLine::of)
                .toList();
    }

    /** The report with a number for each machine. */
    private HealthReport nameless(HealthReport report) {
        Map<String, String> numbers = new LinkedHashMap<>();
        report.nodes().stream()
                .map(Node::host)
                .distinct()
                .forEach(host -> numbers.put(host, "machine " + (numbers.size() + 1)));
        return report.with(
                report.findings().stream()
                        .map(finding -> finding.with(redaction.words(nameless(finding.found(), numbers))))
                        .toList(),
                report.nodes().stream()
                        .map(node -> node.with(numbers.getOrDefault(node.host(), "")))
                        .toList());
    }

    /** All at once, so that a machine that is called "machine" or "1" does not spoil what was put in before. */
    private static String nameless(String text, Map<String, String> numbers) {
        if (numbers.isEmpty()) {
            return text;
        }
        String names = numbers.keySet().stream()
                .sorted(Comparator.comparingInt(name -> -name.length()))
                .map(Pattern::quote)
                .collect(Collectors.joining("|"));
        return Pattern.compile("(?<![\\w.-])(" + names + ")(?![\\w-])")
                .matcher(text)
                .replaceAll(found -> numbers.getOrDefault(found.group(), ""));
    }
}
