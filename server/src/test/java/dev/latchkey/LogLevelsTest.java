package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.database.TestEngine;
import dev.latchkey.management.LogLevels;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** The levels of the log, changed while the service runs. */
class LogLevelsTest {
    private static final String PATH = "/server/log-levels";
    private static final String HTTP = "dev.latchkey.http";

    private static RunningServer server;
    private static RunningServer.Api admin;

    @BeforeAll
    static void start() {
        server = RunningServer.start(TestEngine.SQLITE);
        admin = server.admin();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void asBefore() {
        for (Logger logger : ((LoggerContext) LoggerFactory.getILoggerFactory()).getLoggerList()) {
            if (logger.getName().startsWith("dev.latchkey")) {
                logger.setLevel(null);
            }
        }
    }

    private static Answer change(String logger, String level) {
        return admin.send(
                "PATCH",
                PATH,
                "{\"levels\":[{\"logger\":\"" + logger + "\"" + (level == null ? "" : ",\"level\":\"" + level + "\"")
                        + "}]}");
    }

    private static Logger logger(String name) {
        return (Logger) LoggerFactory.getLogger(name);
    }

    private static String level(JsonNode reply, String logger) {
        for (JsonNode level : reply.get("levels")) {
            if (level.get("logger").asString().equals(logger)) {
                return level.get("level").asString();
            }
        }
        throw new AssertionError(reply + " lacks " + logger);
    }

    @Test
    void aChangedLevelCountsAtOnceForThisPartAlone() {
        Answer answer = change(HTTP, "debug");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(level(answer.json(), HTTP)).isEqualTo("debug");
        assertThat(level(admin.get(PATH).json(), HTTP)).isEqualTo("debug");
        assertThat(logger("dev.latchkey.http.Wall").isDebugEnabled()).isTrue();
        assertThat(logger("dev.latchkey.event.EventLog").isDebugEnabled()).isFalse();
        assertThat(logger("org.eclipse.jetty.server.Server").isDebugEnabled()).isFalse();

        assertThat(level(change(HTTP, null).json(), HTTP)).isNotEqualTo("debug");
        assertThat(logger("dev.latchkey.http.Wall").isDebugEnabled()).isFalse();
    }

    @Test
    void withoutALevelAllOfLatchkeyHasThatOfTheSettingsAgain() {
        assertThat(level(change("dev.latchkey", "error").json(), HTTP)).isEqualTo("error");
        assertThat(level(change("dev.latchkey", null).json(), HTTP)).isEqualTo("info");
    }

    @Test
    void aChangeIsAnEventAndARepeatedOneIsNot() {
        change(HTTP, "debug");
        change(HTTP, "debug");
        JsonNode events = admin.get("/events?operation=log_level.update").json().get("items");
        JsonNode newest = events.get(0);
        assertThat(newest.get("actor").get("id").asString())
                .isEqualTo(server.bootstrap().clientId());
        assertThat(newest.get("changes")).hasSize(1);
        assertThat(newest.get("changes").get(0).get("field").asString()).isEqualTo(HTTP);
        assertThat(newest.get("changes").get(0).get("after").asString()).isEqualTo("debug");
        change(HTTP, "debug");
        assertThat(admin.get("/events?operation=log_level.update").json().get("items"))
                .hasSameSizeAs(events);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"levels\":[]}",
                "{\"levels\":[null]}",
                "{\"levels\":[{\"logger\":\"org.eclipse.jetty\",\"level\":\"debug\"}]}",
                "{\"levels\":[{\"logger\":\"ROOT\",\"level\":\"debug\"}]}",
                "{\"levels\":[{\"logger\":\"dev.latchkey.http.Wall\",\"level\":\"debug\"}]}",
                "{\"levels\":[{\"logger\":\"dev.latchkey.http\",\"level\":\"off\"}]}",
                "{\"levels\":[{\"logger\":\"dev.latchkey.http\",\"level\":\"trace\"}]}",
                "{\"levels\":[{\"logger\":\"dev.latchkey.gate\",\"level\":\"debug\"},{\"logger\":\"dev.latchkey.gate\",\"level\":\"info\"}]}",
                "{\"levels\":[{\"logger\":\"dev.latchkey.gate\",\"level\":\"debug\"},{\"logger\":\"other\",\"level\":\"info\"}]}"
            })
    void whatIsNotKnownChangesNothing(String json) {
        assertThat(admin.send("PATCH", PATH, json).status()).isEqualTo(422);
        assertThat(logger("dev.latchkey.gate").getLevel()).isNull();
        assertThat(logger("org.eclipse.jetty").isDebugEnabled()).isFalse();
    }

    @Test
    void callersWhoOnlyReadTheAuditLogMayNeitherSeeNorChangeThem() {
        admin.createRole("auditor", "audit:read");
        RunningServer.Api auditor = server.api(admin.createToken("Auditor", "auditor"));
        assertThat(auditor.get(PATH).status()).isEqualTo(403);
        assertThat(auditor.send("PATCH", PATH, "{\"levels\":[{\"logger\":\"dev.latchkey\",\"level\":\"error\"}]}")
                        .status())
                .isEqualTo(403);
    }

    @Test
    void theOtherNodesFollow() {
        try (RunningServer first = RunningServer.start(TestEngine.POSTGRESQL);
                RunningServer second = first.secondNode()) {
            // The nodes share the loggers of this process, so the second one gets more of its own.
            LoggerContext own = new LoggerContext();
            LogLevels levels = new LogLevels(second.parts().database, second.parts().events, () -> "info", own);
            assertThat(levels).isNotNull();
            first.admin().send("PATCH", PATH, "{\"levels\":[{\"logger\":\"dev.latchkey.lane\",\"level\":\"debug\"}]}");
            Waiting.until(
                    "the other node", () -> own.getLogger("dev.latchkey.lane").getLevel() == Level.DEBUG);
            assertThat(own.getLogger("dev.latchkey.gate").getLevel()).isNull();
        }
    }

    @Test
    void anUndoReachesTheOtherNodesAlsoThroughOneThatWasRestarted() {
        try (RunningServer first = RunningServer.start(TestEngine.POSTGRESQL);
                RunningServer second = first.secondNode()) {
            LoggerContext own = new LoggerContext();
            assertThat(new LogLevels(second.parts().database, second.parts().events, () -> "info", own))
                    .isNotNull();
            RunningServer.Api admin = first.admin();
            String undo = "{\"levels\":[{\"logger\":\"dev.latchkey\"},{\"logger\":\"dev.latchkey.lane\"}]}";
            admin.send("PATCH", PATH, undo.replace("\"}", "\",\"level\":\"debug\"}"));
            Waiting.until(
                    "the other node", () -> own.getLogger("dev.latchkey.lane").getLevel() == Level.DEBUG);
            // What a restart does to the first node.
            asBefore();
            assertThat(admin.send("PATCH", PATH, undo).status()).isEqualTo(200);
            Waiting.until(
                    "the undo on the other node",
                    () -> own.getLogger("dev.latchkey.lane").getLevel() == null);
            assertThat(own.getLogger("dev.latchkey").getLevel()).isEqualTo(Level.INFO);
        }
    }

    @Test
    void everyPackageThatLogsHasALevel() {
        JavaClasses all = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.latchkey");
        TreeSet<String> packages = new TreeSet<>();
        all.forEach(type -> type.getFields().stream()
                .filter(field -> field.getRawType().isEquivalentTo(org.slf4j.Logger.class))
                .forEach(field -> packages.add(type.getPackageName())));
        List<String> named = new ArrayList<>();
        admin.get(PATH)
                .json()
                .get("levels")
                .forEach(level -> named.add(level.get("logger").asString()));
        assertThat(named).containsExactlyInAnyOrderElementsOf(packages);
    }
}
