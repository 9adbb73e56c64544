package dev.latchkey;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Metrics in Prometheus' text format, as a test reads them. */
final class Exposition {
    private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
    private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][\\w:]*)(?:\\{(.*)})? (\\S+)");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

    /** The parts of which a histogram or a summary consists. */
    private static final List<String> PARTS = List.of("_bucket", "_count", "_sum");

    record Sample(String name, Map<String, String> labels, double value) {}

    private final List<String> lines;

    Exposition(String text) {
        this.lines = text.lines().toList();
    }

    /** Reads the port for metrics. */
    static Exposition of(RunningServer server) {
        try (var stream = URI.create("http://localhost:" + server.metricsPort() + "/metrics")
                .toURL()
                .openStream()) {
            return new Exposition(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The type of each metric. */
    Map<String, String> types() {
        Map<String, String> types = new TreeMap<>();
        lines.stream()
                .map(TYPE::matcher)
                .filter(Matcher::matches)
                .forEach(found -> types.put(found.group(1), found.group(2)));
        return types;
    }

    Stream<Sample> samples() {
        return lines.stream()
                .map(SAMPLE::matcher)
                .filter(Matcher::matches)
                .map(found -> new Sample(found.group(1), labels(found.group(2)), Double.parseDouble(found.group(3))));
    }

    private static Map<String, String> labels(String text) {
        Map<String, String> labels = new LinkedHashMap<>();
        if (text != null) {
            LABEL.matcher(text).results().forEach(found -> labels.put(found.group(1), found.group(2)));
        }
        return labels;
    }

    /** The names of the labels of a metric, without the bounds of histograms. */
    Set<String> labelsOf(String metric) {
        return samples()
                .filter(sample -> metric.equals(sample.name())
                        || PARTS.stream().anyMatch(part -> sample.name().equals(metric + part)))
                .flatMap(sample -> sample.labels().keySet().stream())
                .filter(label -> !label.equals("le"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The sum of all samples of this name that have these labels, given as names and values. */
    double sum(String name, String... labels) {
        return samples()
                .filter(sample -> sample.name().equals(name))
                .filter(sample -> {
                    for (int i = 0; i < labels.length; i += 2) {
                        if (!labels[i + 1].equals(sample.labels().get(labels[i]))) {
                            return false;
                        }
                    }
                    return true;
                })
                .mapToDouble(Sample::value)
                .sum();
    }
}
