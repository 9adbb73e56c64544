package dev.latchkey.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.TestClock;
import dev.latchkey.database.Database;
import dev.latchkey.database.TestEngine;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a node says about itself in the database that it shares. */
class NodesTest {
    private static final Nodes.Self SELF = new Nodes.Self("one.example", "one.example:/data", "1.0");

    private static void isChangedByANewerVersion(Database database, String script, int version) {
        database.change(transaction -> transaction
                .handle()
                .execute(
                        "insert into schema_history (installed_rank, version, description, type, script, checksum,"
                                + " installed_by, installed_on, execution_time, success) select ?, ?, 'from the future',"
                                + " type, ?, checksum, installed_by, installed_on, execution_time, success from"
                                + " schema_history where version = '1'",
                        version,
                        Integer.toString(version),
                        script));
    }

    @ParameterizedTest
    @EnumSource(TestEngine.class)
    void aNodeReportsTheSchemaThatItKnowsAlsoWhenANewerOneHasChangedTheDatabase(TestEngine engine) {
        String known = Long.toString(Database.knownSchema().version());
        try (Database database = engine.open()) {
            isChangedByANewerVersion(database, "V9999__from_the_future__nodes_since_" + known + ".sql", 9999);
            try (Nodes nodes = new Nodes(database, SELF, new TestClock())) {
                nodes.beat();
                nodes.beat();
                assertThat(nodes.all()).extracting(Node::schema).containsExactly(known);
            }
            assertThat(database.read(NodeStore::all)).isEmpty();
        }
    }
}
