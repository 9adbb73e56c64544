package dev.latchkey.management;

import static dev.latchkey.access.ManagementApi.ACCOUNT_MANAGE;

import dev.latchkey.access.Caller;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.management.LogLevels.Wanted;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Shows and changes the levels of the server's log while it runs. */
public final class LogLevelsApi {
    private static final String LOGGER = "dev.latchkey for all of it, or a part such as dev.latchkey.http";

    private final LogLevels levels;

    public LogLevelsApi(LogLevels levels) {
        this.levels = levels;
    }

    /** The level of a part of Latchkey. */
    public record LogLevel(
            @Doc(LOGGER) String logger,
            @Doc("error, warn, info or debug") String level) {}

    /** The levels of all parts. */
    public record LogLevelList(List<LogLevel> levels) {}

    /** The level that a part of Latchkey should have. */
    public record WantedLogLevel(
            @Doc(LOGGER) String logger,

            @Doc("error, warn, info or debug; absent to undo an earlier change") @Nullable String level) {}

    /** Levels to change. Others stay as they are. */
    public record ChangeLogLevels(List<WantedLogLevel> levels) {}

    public List<Operation> operations() {
        return List.of(
                Operation.get("/server/log-levels")
                        .id("getLogLevels")
                        .tag(Tag.SERVER)
                        .needs(ACCOUNT_MANAGE)
                        .summary("Get the levels of the server's log")
                        .description("As they are on the node that answers.")
                        .answers(LogLevelList.class)
                        .by((caller, request) -> reply(levels.levels(caller))),
                Operation.patch("/server/log-levels")
                        .id("changeLogLevels")
                        .tag(Tag.SERVER)
                        .needs(ACCOUNT_MANAGE)
                        .summary("Change levels of the server's log")
                        .description("On all nodes that are running, until they are restarted.")
                        .takes(ChangeLogLevels.class)
                        .answers(LogLevelList.class)
                        .by(this::change));
    }

    private Response change(Caller caller, Request request) {
        List<Wanted> wanted = request.json(ChangeLogLevels.class).levels().stream()
                .map(level -> new Wanted(level.logger(), level.level()))
                .toList();
        return reply(levels.change(caller, wanted));
    }

    private static Response reply(Map<String, String> levels) {
        return Response.json(
                200,
                new LogLevelList(levels.entrySet().stream()
                        .map(level -> new LogLevel(level.getKey(), level.getValue()))
                        .toList()));
    }
}
