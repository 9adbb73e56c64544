package dev.latchkey.advice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.TestClock;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import org.junit.jupiter.api.Test;

/** Each node looks at the trials of roles. */
class TrialOnTwoNodesTest {
    private static final String TRIAL = "/roles/invoice_clerk/advice/trial";

    @Test
    void nodesThatLookAtTheSameTimeLeaveOneEvent() throws Exception {
        TestClock clock = Months.clock();
        try (RunningServer first = RunningServer.start(TestEngine.POSTGRESQL, clock);
                RunningServer second = first.secondNode(clock)) {
            Billing billing = new Billing(first);
            Months.pass(billing, clock);
            first.admin().post(TRIAL, """
                    {"remove": [{"api": "billing", "privilege": "files:read", "effect": "allow"}]}""").created();
            int allowed = first.send(first.request("/gate/v1/nginx/billing")
                            .header("X-Original-Method", "GET")
                            .header("X-Original-URI", "/v1/files/x")
                            .header("Authorization", "Bearer " + billing.accessToken(billing.clerk))
                            .build())
                    .status();
            assertThat(allowed).isEqualTo(200);
            Thread other = Thread.ofVirtual().start(second::keepHouse);
            first.keepHouse();
            other.join();
            assertThat(first.admin().get(TRIAL).json().get("state").asString()).isEqualTo("stopped");
            assertThat(first.admin()
                            .get("/events?operation=role.stop_trial")
                            .json()
                            .get("items"))
                    .hasSize(1);
        }
    }
}
