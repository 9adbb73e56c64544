package dev.latchkey.bench.chaos;

import static dev.latchkey.bench.chaos.MadeUp.GRANT;
import static dev.latchkey.bench.chaos.MadeUp.TOKEN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.bench.chaos.Break.Cause;
import dev.latchkey.bench.chaos.Change.Answer;
import dev.latchkey.bench.chaos.Change.Effect;
import dev.latchkey.bench.chaos.Finding.Rule;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class CheckerTest {
    private static MadeUp history() {
        return new MadeUp();
    }

    /** A token that is revoked on node one; the answer is there at 10,000. */
    private static MadeUp revoked() {
        return history().made("one", TOKEN, 1_000, 1_010).ended("one", TOKEN, 9_980, 10_000);
    }

    @Test
    void theNodeThatAnsweredMustRefuseFromTheAnswerOn() {
        assertThat(revoked().accepted("one", TOKEN, 10_000, 10_050).rules()).isEmpty();
        assertThat(revoked().accepted("one", TOKEN, 10_001, 10_050).rules()).containsExactly(Rule.ENDED_AND_ACCEPTED);
    }

    @Test
    void otherNodesHaveHalfASecond() {
        assertThat(revoked().accepted("two", TOKEN, 10_500, 10_600).rules()).isEmpty();
        assertThat(revoked().accepted("two", TOKEN, 10_501, 10_600).rules()).containsExactly(Rule.ENDED_AND_ACCEPTED);
    }

    @Test
    void onABusyMachineTheyHaveTheSlackToo() {
        MadeUp late = revoked().accepted("two", TOKEN, 12_500, 12_600);

        assertThat(late.findings(Duration.ofSeconds(2))).isEmpty();
        assertThat(late.findings(Duration.ofMillis(1_999))).hasSize(1);
    }

    @Test
    void noSlackIsLongerThanTheLease() {
        Duration slack = Duration.ofMinutes(1);

        assertThat(revoked().accepted("two", TOKEN, 15_000, 15_100).findings(slack))
                .isEmpty();
        assertThat(revoked().accepted("two", TOKEN, 15_001, 15_100).findings(slack))
                .hasSize(1);
    }

    @Test
    void whatBeganBeforeTheBoundMayEndLater() {
        assertThat(revoked().accepted("two", TOKEN, 10_400, 30_000).rules()).isEmpty();
    }

    @Test
    void aRevocationWithoutAnAnswerPromisesNothing() {
        assertThat(history()
                        .made("one", TOKEN, 1_000, 1_010)
                        .changed("one", TOKEN, Effect.ENDS, Answer.UNKNOWN, 9_980, 10_000)
                        .accepted("one", TOKEN, 20_000, 20_010)
                        .rules())
                .isEmpty();
    }

    @Test
    void aNodeThatWasCutOffContinuesForItsLeaseFromTheLastMomentOfContact() {
        MadeUp cut = revoked().broken("two", Cause.CUT_OFF, 9_000, 60_000);

        assertThat(cut.accepted("two", TOKEN, 14_000, 14_010).rules()).isEmpty();
        assertThat(cut.accepted("two", TOKEN, 14_001, 14_010).rules()).containsExactly(Rule.ENDED_AND_ACCEPTED);
    }

    @Test
    void theLeaseOfANodeThatRegainedContactStartsAtTheRevocation() {
        MadeUp cut = revoked().broken("two", Cause.CUT_OFF, 10_100, 60_000);

        assertThat(cut.accepted("two", TOKEN, 15_000, 15_010).rules()).isEmpty();
        assertThat(cut.accepted("two", TOKEN, 15_001, 15_010).rules()).containsExactly(Rule.ENDED_AND_ACCEPTED);
    }

    @Test
    void aNodeThatWasCutOffKnowsOneSecondAfterItReachesTheDatabaseAgain() {
        MadeUp cut = revoked().broken("two", Cause.CUT_OFF, 9_900, 11_000);

        assertThat(cut.accepted("two", TOKEN, 12_000, 12_010).rules()).isEmpty();
        assertThat(cut.accepted("two", TOKEN, 12_001, 12_010).rules()).containsExactly(Rule.ENDED_AND_ACCEPTED);
    }

    @Test
    void aNodeThatIsCutOffAgainAndAgainHearsNothingButItsLeaseEnds() {
        MadeUp cut = revoked()
                .broken("two", Cause.CUT_OFF, 9_900, 11_000)
                .broken("two", Cause.CUT_OFF, 11_500, 13_000)
                .broken("two", Cause.CUT_OFF, 13_900, 20_000);

        assertThat(cut.accepted("two", TOKEN, 14_900, 14_910).rules()).isEmpty();
        assertThat(cut.accepted("two", TOKEN, 14_901, 14_910).rules()).containsExactly(Rule.ENDED_AND_ACCEPTED);
    }

    @Test
    void theBreakOfAnotherNodeExcusesNothing() {
        assertThat(revoked()
                        .broken("one", Cause.CUT_OFF, 9_000, 60_000)
                        .accepted("two", TOKEN, 10_501, 10_510)
                        .rules())
                .containsExactly(Rule.ENDED_AND_ACCEPTED);
    }

    @Test
    void withoutADatabaseAllNodesGoOnForTheirLeases() {
        MadeUp without = revoked().broken(Break.ALL, Cause.NO_DATABASE, 10_050, 30_000);

        assertThat(without.accepted("two", TOKEN, 15_000, 15_010).rules()).isEmpty();
        assertThat(without.accepted("two", TOKEN, 15_001, 15_010).rules()).containsExactly(Rule.ENDED_AND_ACCEPTED);
    }

    @Test
    void whatWaitedForAFrozenNodeWasDecidedAfterwards() {
        // Asked while it stood still, answered after it had stood still for longer than its lease.
        assertThat(revoked()
                        .broken("two", Cause.FROZEN, 9_900, 20_000)
                        .accepted("two", TOKEN, 10_100, 20_100)
                        .rules())
                .containsExactly(Rule.ENDED_AND_ACCEPTED);
        // Within its lease it cannot know yet.
        assertThat(revoked()
                        .broken("two", Cause.FROZEN, 9_900, 12_000)
                        .accepted("two", TOKEN, 10_100, 12_100)
                        .rules())
                .isEmpty();
    }

    @Test
    void aLostRevocationIsMadeAgainWithinASecondByTheNodeThatConfirmedIt() {
        MadeUp lost =
                revoked().broken(Break.ALL, Cause.NO_DATABASE, 10_600, 12_000).lost(9_000, 11_900, 12_000);

        assertThat(lost.accepted("one", TOKEN, 13_000, 13_010).rules()).isEmpty();
        assertThat(lost.accepted("two", TOKEN, 13_500, 13_510).rules()).isEmpty();
        assertThat(lost.accepted("one", TOKEN, 13_001, 13_010).rules()).containsExactly(Rule.ENDED_AND_ACCEPTED);
        assertThat(lost.accepted("two", TOKEN, 13_501, 13_510).rules()).hasSize(2);
    }

    @Test
    void beforeTheOlderDatabaseIsThereALostRevocationStillCounts() {
        assertThat(revoked()
                        .broken(Break.ALL, Cause.NO_DATABASE, 10_600, 12_000)
                        .lost(9_000, 11_900, 12_000)
                        .accepted("two", TOKEN, 10_700, 10_710)
                        .rules())
                .containsExactly(Rule.ENDED_AND_ACCEPTED);
    }

    @Test
    void whatWaitedForTheDatabaseMayHaveBeenDecidedByTheOlderOne() {
        assertThat(revoked()
                        .broken(Break.ALL, Cause.NO_DATABASE, 10_600, 12_000)
                        .lost(9_000, 11_900, 12_000)
                        .accepted("two", TOKEN, 10_700, 12_500)
                        .rules())
                .isEmpty();
    }

    @Test
    void aLossDoesNotExcuseWhatItKeeps() {
        assertThat(revoked()
                        .broken(Break.ALL, Cause.NO_DATABASE, 20_000, 21_000)
                        .lost(15_000, 20_900, 21_000)
                        .accepted("one", TOKEN, 21_100, 21_110)
                        .rules())
                .containsExactly(Rule.ENDED_AND_ACCEPTED);
    }

    @Test
    void aLossDoesNotExcuseWhatIsEndedAfterIt() {
        assertThat(history()
                        .made("one", TOKEN, 1_000, 1_010)
                        .lost(2_000, 3_000, 4_000)
                        .ended("one", TOKEN, 9_980, 10_000)
                        .accepted("two", TOKEN, 10_501, 10_510)
                        .rules())
                .containsExactly(Rule.ENDED_AND_ACCEPTED);
    }

    @Test
    void aRevocationCanBeLostTwice() {
        // Made again by 13,000, and the second loss goes back to 12,500.
        MadeUp twice = revoked().lost(9_000, 11_900, 12_000).lost(12_500, 19_000, 20_000);

        assertThat(twice.accepted("one", TOKEN, 20_900, 20_910).rules()).isEmpty();
        assertThat(twice.accepted("one", TOKEN, 21_001, 21_010).rules()).containsExactly(Rule.ENDED_AND_ACCEPTED);
    }

    @Test
    void onlyTheNodeThatConfirmedItIsSureToKnowWhatWasLost() {
        MadeUp away = revoked()
                .lost(9_000, 11_900, 12_000)
                .broken("one", Cause.DOWN, 11_000, 30_000)
                .accepted("two", TOKEN, 29_000, 29_010);

        assertThat(away.rules()).isEmpty();
        assertThat(away.accepted("two", TOKEN, 31_501, 31_510).rules()).containsExactly(Rule.ENDED_AND_ACCEPTED);
    }

    @Test
    void aRemovedPrivilegeIsValidAgainOnlyWhenItIsAllowedAgain() {
        MadeUp taken = history().made("one", GRANT, 1_000, 1_010).ended("one", GRANT, 9_980, 10_000);

        assertThat(taken.accepted("one", GRANT, 11_000, 11_010).rules()).containsExactly(Rule.ENDED_AND_ACCEPTED);
        assertThat(history()
                        .made("one", GRANT, 1_000, 1_010)
                        .ended("one", GRANT, 9_980, 10_000)
                        .changed("two", GRANT, Effect.RESTORES, Answer.UNKNOWN, 10_500, 11_500)
                        .accepted("one", GRANT, 11_000, 11_010)
                        .rules())
                .isEmpty();
    }

    @Test
    void whatIsMissingAtTheEndMustBeListedAsLost() {
        assertThat(history()
                        .made("one", TOKEN, 1_000, 1_010)
                        .atTheEnd(TOKEN, true)
                        .rules())
                .isEmpty();
        assertThat(history().made("one", TOKEN, 1_000, 1_010).rules()).containsExactly(Rule.ANSWERED_AND_MISSING);
        assertThat(history()
                        .made("one", TOKEN, 1_000, 1_010)
                        .listedAsLost(TOKEN, Effect.MAKES)
                        .rules())
                .isEmpty();
        assertThat(history()
                        .made("one", TOKEN, 1_000, 1_010)
                        .listedAsLost(TOKEN, Effect.ENDS)
                        .rules())
                .as("another change of the same thing")
                .containsExactly(Rule.ANSWERED_AND_MISSING);
    }

    @Test
    void whatWasNotAnsweredMayBeMissing() {
        assertThat(history()
                        .changed("one", TOKEN, Effect.MAKES, Answer.UNKNOWN, 1_000, 1_010)
                        .rules())
                .isEmpty();
    }

    @Test
    void whatEndedForGoodIsNotBackAtTheEndListedOrNot() {
        assertThat(revoked().atTheEnd(TOKEN, false).rules()).isEmpty();
        assertThat(revoked().rules()).as("gone altogether").isEmpty();
        assertThat(revoked().atTheEnd(TOKEN, true).rules()).containsExactly(Rule.ENDED_AND_BACK);
        assertThat(revoked()
                        .atTheEnd(TOKEN, true)
                        .listedAsLost(TOKEN, Effect.ENDS)
                        .rules())
                .containsExactly(Rule.ENDED_AND_BACK);
    }

    @Test
    void aPrivilegeThatCameBackMustBeListedAsLost() {
        MadeUp taken = history()
                .made("one", GRANT, 1_000, 1_010)
                .ended("one", GRANT, 9_980, 10_000)
                .atTheEnd(GRANT, true);

        assertThat(taken.rules()).containsExactly(Rule.ANSWERED_AND_MISSING);
        assertThat(taken.listedAsLost(GRANT, Effect.ENDS).rules()).isEmpty();
    }

    @Test
    void theChainMustBeWhole() {
        assertThat(history().verified(0).rules()).isEmpty();
        assertThat(history().verified(1).rules()).containsExactly(Rule.CHAIN_BROKEN);
        assertThat(history().verified(2).rules()).containsExactly(Rule.CHAIN_BROKEN);
    }

    @Test
    void keptNumbersMustBeRight() {
        assertThat(history().counted(3, 3).rules()).isEmpty();
        assertThat(history().counted(3, 2).rules()).containsExactly(Rule.COUNT_WRONG);
    }

    @Test
    void nodesMustAnswerAtTheEnd() {
        assertThat(history().unwell("two: 503").rules()).containsExactly(Rule.NODE_UNWELL);
    }

    /** A token created on node one, which is valid until the end. */
    private static MadeUp good() {
        return history().made("one", TOKEN, 1_000, 1_010).atTheEnd(TOKEN, true);
    }

    @Test
    void whatCountsMustBeAcceptedByANodeThatHears() {
        assertThat(good().refused("two", TOKEN, 1_500, 1_600).rules())
                .as("before everybody must know of it")
                .isEmpty();
        assertThat(good().refused("two", TOKEN, 1_510, 1_600).rules()).containsExactly(Rule.GOOD_AND_REFUSED);
    }

    @Test
    void whatMayHaveEndedMayBeRefused() {
        assertThat(good().changed("one", TOKEN, Effect.ENDS, Answer.UNKNOWN, 5_000, 6_000)
                        .refused("two", TOKEN, 4_000, 5_100)
                        .rules())
                .isEmpty();
        assertThat(good().changed("one", TOKEN, Effect.ENDS, Answer.REFUSED, 5_000, 6_000)
                        .refused("two", TOKEN, 7_000, 7_100)
                        .rules())
                .containsExactly(Rule.GOOD_AND_REFUSED);
    }

    /** A signing key is seen when it has signed, which may be while its withdrawal is being answered. */
    @Test
    void whatIsFirstSeenWhileItEndsMayBeRefused() {
        assertThat(history()
                        .changed("one", TOKEN, Effect.ENDS, Answer.DONE, 2_000, 2_100)
                        .made("two", TOKEN, 2_050, 2_060)
                        .refused("two", TOKEN, 9_000, 9_010)
                        .rules())
                .doesNotContain(Rule.GOOD_AND_REFUSED);
    }

    @Test
    void whatEndsForGoodIsNotBackBecauseItIsSeenForTheFirstTime() {
        assertThat(history()
                        .changed("one", TOKEN, Effect.ENDS, Answer.DONE, 2_000, 2_100)
                        .made("two", TOKEN, 9_000, 9_010)
                        .accepted("two", TOKEN, 9_100, 9_110)
                        .rules())
                .contains(Rule.ENDED_AND_ACCEPTED);
    }

    @Test
    void aNodeThatCannotHearMayRefuseUntilASecondAfterwards() {
        assertThat(good().broken("two", Cause.CUT_OFF, 5_000, 20_000)
                        .refused("two", TOKEN, 21_000, 21_010)
                        .rules())
                .isEmpty();
        assertThat(good().broken("two", Cause.CUT_OFF, 5_000, 20_000)
                        .refused("two", TOKEN, 21_001, 21_010)
                        .rules())
                .containsExactly(Rule.GOOD_AND_REFUSED);
    }

    @Test
    void whatMayHaveBeenLostMayBeRefused() {
        assertThat(good().lost(1_000, 5_000, 6_000)
                        .refused("two", TOKEN, 20_000, 20_010)
                        .rules())
                .isEmpty();
        assertThat(good().lost(4_000, 5_000, 6_000)
                        .refused("two", TOKEN, 20_000, 20_010)
                        .rules())
                .containsExactly(Rule.GOOD_AND_REFUSED);
    }

    @Test
    void aNodeThatHearsMustSayYesOrNo() {
        assertThat(good().unanswered("two", TOKEN, 1_010, 1_100).rules()).containsExactly(Rule.UNANSWERED);
        assertThat(good().broken(Break.ALL, Cause.NO_DATABASE, 5_000, 20_000)
                        .unanswered("two", TOKEN, 4_000, 5_000)
                        .unanswered("two", TOKEN, 21_000, 21_010)
                        .rules())
                .isEmpty();
        assertThat(good().broken(Break.ALL, Cause.NO_DATABASE, 5_000, 20_000)
                        .unanswered("two", TOKEN, 21_001, 21_010)
                        .rules())
                .containsExactly(Rule.UNANSWERED);
    }

    @Test
    void afterALossANodeMayTakeASecondToReadEverythingAgain() {
        assertThat(good().lost(4_000, 5_000, 6_000)
                        .unanswered("two", TOKEN, 7_000, 7_010)
                        .rules())
                .isEmpty();
        assertThat(good().lost(4_000, 5_000, 6_000)
                        .unanswered("two", TOKEN, 7_001, 7_010)
                        .rules())
                .containsExactly(Rule.UNANSWERED);
    }
}
