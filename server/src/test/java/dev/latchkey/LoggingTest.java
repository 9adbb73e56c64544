package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import dev.latchkey.trace.CurrentRequest;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.slf4j.Logger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@ResourceLock(Resources.SYSTEM_ERR)
@ResourceLock(Resources.SYSTEM_PROPERTIES)
class LoggingTest {

    private static List<String> linesLogged(String format, String level, Consumer<LoggerContext> logging)
            throws Exception {
        PrintStream before = System.err;
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
        System.setProperty("latchkey.log.format", format);
        System.setProperty("latchkey.log.level", level);
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        try {
            JoranConfigurator configurator = new JoranConfigurator();
            configurator.setContext(context);
            configurator.doConfigure(LoggingTest.class.getResource("/logback.xml"));
            logging.accept(context);
        } finally {
            context.stop();
            System.clearProperty("latchkey.log.format");
            System.clearProperty("latchkey.log.level");
            System.setErr(before);
        }
        return written.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private static void logForgery(LoggerContext context) {
        Logger log = context.getLogger("dev.latchkey.oauth.TokenEndpoint");
        log.debug("not this");
        log.info("refused {}", "a\r\n2026-01-01T00:00:00.000Z INFO  Server: forged");
        log.warn("failed", new IllegalStateException("b\n2026-01-01T00:00:00.000Z INFO  Server: forged"));
        context.getLogger("org.eclipse.jetty.server.Server").info("not this");
        context.getLogger("com.zaxxer.hikari.HikariDataSource").info("not this");
        context.getLogger("org.flywaydb.core.FlywayExecutor").info("not this");
    }

    @Test
    void foreignTextCannotPassItselfOffAsAnEvent() throws Exception {
        List<String> lines = linesLogged("text", "info", LoggingTest::logForgery);
        assertThat(lines).anySatisfy(line -> assertThat(line).contains("INFO  TokenEndpoint: refused a 2026"));
        assertThat(lines).anySatisfy(line -> assertThat(line).startsWith("    2026-01-01T00:00:00.000Z"));
        assertThat(lines.stream().filter(line -> line.matches("\\d{4}-\\d\\d-\\d\\dT.*")))
                .as("lines that begin an event")
                .hasSize(2);
        assertThat(lines).noneSatisfy(line -> assertThat(line).contains("not this"));
    }

    @Test
    void jsonIsOneObjectALine() throws Exception {
        List<String> lines = linesLogged("json", "info", LoggingTest::logForgery);
        assertThat(lines).hasSize(2);
        JsonNode first = JsonMapper.shared().readTree(lines.getFirst());
        assertThat(first.get("level").asString()).isEqualTo("INFO");
        assertThat(first.get("formattedMessage").asString()).startsWith("refused a\r\n2026");
        JsonNode second = JsonMapper.shared().readTree(lines.getLast());
        assertThat(second.get("throwable").get("className").asString()).isEqualTo("java.lang.IllegalStateException");
    }

    private static void logInRequest(LoggerContext context) {
        Logger log = context.getLogger("dev.latchkey.gate.Gate");
        new CurrentRequest("4bf92f3577b34da6").during(() -> {
            log.warn("within");
            return null;
        });
        log.warn("without");
    }

    @Test
    void aLineOfARequestHasItsId() throws Exception {
        List<String> text = linesLogged("text", "info", LoggingTest::logInRequest);
        assertThat(text.getFirst()).endsWith("WARN  Gate request=4bf92f3577b34da6: within");
        assertThat(text.getLast()).endsWith("WARN  Gate: without");

        List<String> json = linesLogged("json", "info", LoggingTest::logInRequest);
        assertThat(JsonMapper.shared()
                        .readTree(json.getFirst())
                        .get("mdc")
                        .get("requestId")
                        .asString())
                .isEqualTo("4bf92f3577b34da6");
        assertThat(json.getLast()).doesNotContain("requestId");
    }

    @Test
    void theLevelIsOursAloneToSet() throws Exception {
        assertThat(linesLogged("text", "debug", context -> {
                    context.getLogger("dev.latchkey.http.HttpServer").debug("this");
                    context.getLogger("org.eclipse.jetty.server.Server").info("not that");
                }))
                .singleElement()
                .satisfies(line -> assertThat(line).endsWith("DEBUG HttpServer: this"));
        assertThat(linesLogged("text", "error", LoggingTest::logForgery)).isEmpty();
    }
}
