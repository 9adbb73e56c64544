package dev.latchkey.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.database.TestEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Limits that three real nodes share. What counts is how many calls pass, not when. */
class LimitsAmongNodesTest {
    private final List<RunningServer> nodes = new ArrayList<>();
    private Billing billing;

    @BeforeEach
    void start() {
        RunningServer first = RunningServer.start(TestEngine.POSTGRESQL);
        nodes.add(first);
        billing = new Billing(first);
        nodes.add(first.secondNode());
        nodes.add(first.secondNode());
    }

    @AfterEach
    void stop() {
        nodes.reversed().forEach(RunningServer::close);
    }

    private void limit(String limits) {
        assertThat(billing.admin
                        .send("PATCH", "/tokens/" + billing.reader.clientId(), "{\"limits\": " + limits + "}")
                        .status())
                .isEqualTo(200);
    }

    private static int call(RunningServer node, String accessToken) {
        return node.send(node.request("/gate/v1/haproxy/billing")
                        .header("X-Original-Method", "GET")
                        .header("X-Original-URI", "/v1/invoices")
                        .header("Authorization", "Bearer " + accessToken)
                        .build())
                .status();
    }

    /** Each of the nodes is called until it says that nothing is left of the quota. */
    private int callUntilNothingIsLeft(List<RunningServer> called) throws InterruptedException {
        String accessToken = billing.accessToken(billing.reader);
        AtomicInteger passed = new AtomicInteger();
        AtomicBoolean failed = new AtomicBoolean();
        List<Thread> callers = called.stream()
                .map(node -> Thread.ofVirtual().start(() -> {
                    // A refusal with a later time to try again than the next part: the quota is used up.
                    while (!failed.get()) {
                        var answer = node.send(node.request("/gate/v1/haproxy/billing")
                                .header("X-Original-Method", "GET")
                                .header("X-Original-URI", "/v1/invoices")
                                .header("Authorization", "Bearer " + accessToken)
                                .build());
                        if (answer.status() == 200) {
                            passed.incrementAndGet();
                        } else if (answer.status() != 429) {
                            failed.set(true);
                        } else if (Long.parseLong(answer.header("Retry-After")) > 60) {
                            return;
                        }
                    }
                }))
                .toList();
        for (Thread caller : callers) {
            caller.join();
        }
        assertThat(failed).isFalse();
        return passed.get();
    }

    @Test
    void threeNodesTogetherLetThroughWhatAQuotaAllows() throws InterruptedException {
        limit("{\"perMonth\": 1000}");
        assertThat(callUntilNothingIsLeft(nodes)).isBetween(990, 1050);
    }

    @Test
    void whatANodeUsedIsKnownToTheOthersAndAfterARestart() throws InterruptedException {
        limit("{\"perMonth\": 200}");
        int first = callUntilNothingIsLeft(List.of(nodes.get(1)));
        assertThat(first).isBetween(198, 202);
        nodes.removeLast().close();
        RunningServer another = nodes.getFirst().secondNode();
        nodes.add(another);
        assertThat(callUntilNothingIsLeft(List.of(another, nodes.getFirst()))).isBetween(0, 4);
    }

    @Test
    void aNodeThatStopsGivesBackWhatItHasNotUsed() throws InterruptedException {
        limit("{\"perMonth\": 300}");
        String accessToken = billing.accessToken(billing.reader);
        int passed = 0;
        for (int i = 0; i < 20; i++) {
            passed += call(nodes.getLast(), accessToken) == 200 ? 1 : 0;
        }
        nodes.removeLast().close();
        assertThat(passed + callUntilNothingIsLeft(nodes)).isBetween(297, 303);
    }
}
