package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Api;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A newer node on the same database, which writes what this version does not know: whatever that means, nothing is ignored,
 * nothing unknown is allowed, and this node continues to work.
 */
class NewerNodeTest {
    private final RunningServer server = RunningServer.start(TestEngine.POSTGRESQL);
    private final Api admin = server.admin();

    @AfterEach
    void stop() {
        server.close();
    }

    /** Makes these changes with one event, of a kind that this version does not know. */
    private void newerNodeWrites(String... changes) throws SQLException {
        try (Connection connection = DriverManager.getConnection(server.databaseUrl());
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(
                    "insert into event (sequence, at, actor_kind, actor_id, actor_name, operation, target_kind,"
                            + " target_id, target_name, changes, previous_hash, hash) select sequence + 1, 1, 'robot', 'r2',"
                            + " 'R2', 'constellation.align', 'constellation', 'orion', 'Orion',"
                            + " '[{\"field\":\"stars\",\"after\":\"8\",\"unit\":\"piece\"}]', hash, 'hash' || sequence from event_head");
            statement.execute("update event_head set sequence = sequence + 1, hash = 'hash' || sequence");
            for (String change : changes) {
                statement.execute(change);
            }
            connection.commit();
        }
    }

    private int statusFor(Credentials token) {
        return server.requestAccessToken(token, "").status();
    }

    @Test
    void anUnknownEventMayHaveChangedAnything() throws Exception {
        admin.createRole("reader", "tokens:read");
        Credentials token = admin.createToken("Reads", "reader");
        Credentials paused = admin.createToken("Is paused", "reader");
        Api reader = server.api(token);
        assertThat(reader.get("/tokens").status()).isEqualTo(200);
        assertThat(statusFor(paused)).isEqualTo(200);

        newerNodeWrites("delete from role_privilege where role_name = 'reader'");
        Waiting.until("the role to be read again", () -> reader.get("/tokens").status() == 403);

        newerNodeWrites(
                "alter table api_token drop constraint api_token_state_check",
                "update api_token set state = 'paused' where client_id = '" + paused.clientId() + "'");
        Waiting.until("the token to be read again", () -> statusFor(paused) == 401);
        assertThat(statusFor(token)).isEqualTo(200);

        assertThat(server.get("/health/ready").status()).isEqualTo(200);
        assertThat(admin.get("/events").body()).contains("robot R2").contains("\"stars\"");
        assertThat(admin.post("/tokens/" + token.clientId() + "/revoke", "{}").status())
                .isEqualTo(200);
        assertThat(statusFor(token)).isEqualTo(401);
    }

    @Test
    void aTokenWithUnknownTermsWorksForNoOneButCanBeSeenAndRevoked() throws Exception {
        for (String change : new String[] {
            "authentication = '{\"method\":\"retina\",\"eye\":\"left\"}'",
            "authentication = '{\"method\":\"client_secret\",\"onlyAtFullMoon\":true}'",
            "sender_constraint = 'voice'"
        }) {
            Credentials token = admin.createToken("Has terms", "public");
            assertThat(statusFor(token)).isEqualTo(200);
            newerNodeWrites("update api_token set " + change + " where client_id = '" + token.clientId() + "'");
            Waiting.until(change, () -> statusFor(token) == 401);
            String path = "/tokens/" + token.clientId();
            assertThat(admin.get("/tokens").status()).as(change).isEqualTo(200);
            assertThat(admin.get(path)
                            .json()
                            .get("authentication")
                            .get("method")
                            .asString())
                    .isEqualTo("unknown");
            Answer edited = admin.send("PATCH", path, "{\"description\":\"Edited\"}");
            assertThat(edited.status()).as(edited.body()).isEqualTo(422);
            assertThat(edited.body()).contains("newer Latchkey");
            assertThat(admin.post(path + "/revoke", "{}").status()).as(change).isEqualTo(200);
            assertThat(admin.get(path).json().get("state").asString()).isEqualTo("revoked");
        }
    }

    @Test
    void anEndpointWithUnknownAccessIsClosed() throws Exception {
        admin.post("/apis", """
                {"name": "shop", "audience": "https://shop.example", "hosts": ["shop.example"],
                 "endpoints": [{"method": "GET", "path": "/open", "access": "public"},
                               {"method": "GET", "path": "/strange", "access": "public"}]}""").created();
        assertThat(gate("/strange")).isEqualTo(200);
        newerNodeWrites(
                "alter table api_endpoint drop constraint api_endpoint_access_check",
                "update api_endpoint set access = 'full_moon' where path = '/strange'");
        Waiting.until("the endpoint to be read again", () -> gate("/strange") == 401);
        assertThat(gate("/open")).isEqualTo(200);
    }

    private int gate(String path) {
        return server.send(server.request("/gate/v1/nginx/shop")
                        .header("X-Original-Method", "GET")
                        .header("X-Original-URI", path)
                        .build())
                .status();
    }
}
