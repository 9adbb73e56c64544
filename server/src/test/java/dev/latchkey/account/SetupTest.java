package dev.latchkey.account;

import static dev.latchkey.account.Installation.ADA;
import static dev.latchkey.account.Installation.HOME;
import static dev.latchkey.account.Installation.PASSWORD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Role;
import dev.latchkey.database.TestEngine;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Change;
import dev.latchkey.event.EventType;
import dev.latchkey.problem.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestEngine.class)
class SetupTest {
    @Parameter
    TestEngine engine;

    Installation at;

    @BeforeEach
    void open() {
        at = new Installation(engine);
    }

    @AfterEach
    void close() {
        at.close();
    }

    private User complete(String secret) {
        return at.setup.complete(secret, "Example", "Ada@Example.com ", " Ada ", PASSWORD, HOME);
    }

    private String openLink() {
        return at.setup.openLink().orElseThrow();
    }

    @Test
    void theLinkMakesTheAccountItsRolesAndItsFirstAdministrator() {
        User ada = complete(openLink());
        assertThat(ada.email()).isEqualTo(ADA);
        assertThat(ada.name()).isEqualTo("Ada");
        assertThat(ada.roles()).containsExactly(Role.ACCOUNT_ADMIN);
        assertThat(at.setup.account().orElseThrow()).satisfies(account -> {
            assertThat(account.key()).matches("[0-9a-hjkmnp-tv-z]{6}");
            assertThat(account.name()).isEqualTo("Example");
            assertThat(account.createdAt()).isEqualTo(at.clock.instant());
        });
        assertThat(at.roles.list(at.ada())).extracting(Role::name).containsExactly(Role.ACCOUNT_ADMIN, Role.PUBLIC);
        assertThat(at.ada().has(ManagementApi.SECURITY_MANAGE)).isTrue();
        assertThat(at.canSignIn(ADA, PASSWORD)).isTrue();
    }

    @Test
    void settingUpLeavesOneEvent() {
        complete(openLink());
        assertThat(at.events()).singleElement().satisfies(event -> {
            assertThat(event.type()).isEqualTo(EventType.ACCOUNT_SETUP);
            assertThat(event.actor()).isEqualTo(new Actor.System("setup", HOME));
            assertThat(event.target().name()).isEqualTo("Example");
            assertThat(event.changes()).containsExactly(Change.set("administrator", ADA));
        });
    }

    @Test
    void theLinkWorksOnce() {
        String secret = openLink();
        complete(secret);
        assertThat(at.setup.isOpen(secret)).isFalse();
        assertThat(catchThrowableOfType(Problem.class, () -> complete(secret)).status())
                .isEqualTo(404);
    }

    @Test
    void ofTwoWhoUseTheLinkAtOnceOneIsRefused() throws Exception {
        String secret = openLink();
        Callable<String> use = () -> {
            try {
                return complete(secret).email();
            } catch (Problem problem) {
                return Integer.toString(problem.status());
            }
        };
        List<String> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<String> one : threads.invokeAll(List.of(use, use, use))) {
                answers.add(one.get());
            }
        } catch (ExecutionException e) {
            throw new AssertionError(e);
        }
        assertThat(answers).containsExactlyInAnyOrder(ADA, "404", "404");
        assertThat(at.events()).hasSize(1);
    }

    @Test
    void theLinkCountsForADay() {
        String secret = openLink();
        at.clock.advance(Duration.ofHours(24).minusMillis(1));
        assertThat(at.setup.isOpen(secret)).isTrue();
        at.clock.advance(Duration.ofMillis(1));
        assertThat(at.setup.isOpen(secret)).isFalse();
        assertThatThrownBy(() -> complete(secret)).isInstanceOf(Problem.class);
        assertThat(at.setup.account()).isEmpty();
    }

    @Test
    void aNewLinkReplacesTheOneBefore() {
        String before = openLink();
        String now = openLink();
        assertThat(at.setup.isOpen(before)).isFalse();
        assertThat(at.setup.isOpen(now)).isTrue();
    }

    @Test
    void thereIsNoLinkWhenThereIsAnAccount() {
        complete(openLink());
        assertThat(at.setup.openLink()).isEmpty();
    }

    @Test
    void theLinksSecretIsNotInTheDatabase() {
        String secret = openLink();
        String kept = at.database.read(handle -> handle.createQuery("select link_hash from setup_link")
                .mapTo(String.class)
                .one());
        assertThat(kept).isNotEqualTo(secret).doesNotContain(secret);
    }

    @Test
    void everythingThatIsNotValidIsToldAtOnceAndTheLinkStays() {
        String secret = openLink();
        Problem problem = catchThrowableOfType(
                Problem.class, () -> at.setup.complete(secret, " ", "not an email", "", "short", HOME));
        assertThat(problem.status()).isEqualTo(422);
        assertThat(problem.errors())
                .extracting(Problem.FieldError::field)
                .containsExactly("accountName", "email", "name", "password");
        assertThat(at.setup.isOpen(secret)).isTrue();
        assertThat(at.setup.account()).isEmpty();
    }

    @Test
    void aWrongLinkIsRefusedBeforeAnythingElseIsSaid() {
        openLink();
        Problem problem = catchThrowableOfType(Problem.class, () -> at.setup.complete("guessed", "", "", "", "", HOME));
        assertThat(problem.status()).isEqualTo(404);
    }

    @Test
    void unattendedSetUpHappensOnce() {
        at.setup.completeUnattended("Example", ADA, PASSWORD);
        at.setup.completeUnattended("Other", "other@example.com", "other plain words");
        assertThat(at.setup.account().orElseThrow().name()).isEqualTo("Example");
        assertThat(at.canSignIn(ADA, PASSWORD)).isTrue();
        assertThat(at.canSignIn("other@example.com", "other plain words")).isFalse();
        assertThat(at.events())
                .filteredOn(event -> event.type() == EventType.ACCOUNT_SETUP)
                .hasSize(1);
    }

    @Test
    void unattendedSetUpEndsAnOpenLink() {
        String secret = openLink();
        at.setup.completeUnattended("Example", ADA, PASSWORD);
        assertThat(at.setup.isOpen(secret)).isFalse();
    }

    @Test
    void unattendedSetUpRefusesABadPasswordAndMakesNothing() {
        assertThatThrownBy(() -> at.setup.completeUnattended("Example", ADA, "short"))
                .isInstanceOf(Problem.class)
                .hasMessageContaining("password");
        assertThat(at.setup.account()).isEmpty();
    }

    @Test
    void theFirstAdministratorIsAPersonLikeOthers() {
        complete(openLink());
        Caller ada = at.ada();
        assertThat(at.users.find(ada, ada.id()).status()).isEqualTo(User.Status.ACTIVE);
        assertThat(at.users.find(ada, ada.id()).version()).isEqualTo(1);
    }
}
