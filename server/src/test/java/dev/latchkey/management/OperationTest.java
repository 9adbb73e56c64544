package dev.latchkey.management;

import static dev.latchkey.access.ManagementApi.TOKENS_READ;
import static dev.latchkey.access.ManagementApi.TOKENS_REVOKE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.management.Operation.Declaration;
import dev.latchkey.management.Operation.Guarded;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OperationTest {
    private static final Guarded HANDLER = (caller, request) -> Response.noContent();

    private static final Map<String, Consumer<Declaration>> REQUIRED = Map.of(
            "id", declaration -> declaration.id("changeThing"),
            "tag", declaration -> declaration.tag(Tag.TOKENS),
            "privilege", declaration -> declaration.needs(TOKENS_READ),
            "summary", declaration -> declaration.summary("Change a thing"),
            "answer", declaration -> declaration.answers(ThingReply.class));

    private static final Map<String, Consumer<Declaration>> OPTIONAL = Map.of(
            "description", declaration -> declaration.description("It changes at once."),
            "body", declaration -> declaration.takes(ChangeThing.class),
            "parameter search", declaration -> declaration.query("search", "Part of a name"),
            "parameter pageSize", Declaration::paged,
            "ETag", Declaration::versioned,
            "If-Match", Declaration::ifMatch,
            "Idempotency-Key", Declaration::idempotent,
            "Retry-After", Declaration::throttled,
            "end", Declaration::ends,
            "place in calls", Declaration::awaitedByCalls);

    record ThingReply(String name) {}

    record ChangeThing(String name) {}

    static final class Other {
        record ChangeThing(String name) {}
    }

    @Test
    void anOperationIsWhatItsDeclarationSays() {
        Operation operation = Operation.post("/things/{thing}/change")
                .id("changeThing")
                .tag(Tag.SIGNING_KEYS)
                .needs(TOKENS_REVOKE)
                .summary("Change a thing")
                .description("It changes at once.")
                .query("search", "Part of a name")
                .paged()
                .takes(ChangeThing.class, 5_000_000)
                .answers(202, ThingReply.class)
                .versioned()
                .ifMatch()
                .idempotent()
                .throttled()
                .ends()
                .awaitedByCalls()
                .by(HANDLER);
        assertThat(operation.method()).isEqualTo("POST");
        assertThat(operation.path()).isEqualTo("/things/{thing}/change");
        assertThat(operation.id()).isEqualTo("changeThing");
        assertThat(operation.tag()).isEqualTo("Signing keys");
        assertThat(operation.privilege()).isEqualTo(TOKENS_REVOKE);
        assertThat(operation.summary()).isEqualTo("Change a thing");
        assertThat(operation.description()).isEqualTo("It changes at once.");
        assertThat(operation.query())
                .extracting(QueryParameter::name)
                .containsExactly("search", "pageSize", "pageToken");
        assertThat(operation.body()).isEqualTo(ChangeThing.class);
        assertThat(operation.maxBodyBytes()).isEqualTo(5_000_000);
        assertThat(operation.status()).isEqualTo(202);
        assertThat(operation.reply()).isEqualTo(ThingReply.class);
        assertThat(operation.headerFields())
                .containsExactlyInAnyOrder(
                        HeaderField.ETAG,
                        HeaderField.IF_MATCH,
                        HeaderField.IDEMPOTENCY_KEY,
                        HeaderField.IDEMPOTENCY_REPLAYED,
                        HeaderField.RETRY_AFTER);
        assertThat(operation.endsSomething()).isTrue();
        assertThat(operation.isAwaitedByCalls()).isTrue();
        assertThat(operation.handler()).isSameAs(HANDLER);
    }

    @Test
    void anOperationHasNothingThatItDoesNotDeclare() {
        Operation operation = Operation.put("/things")
                .id("changeThing")
                .tag(Tag.TOKENS)
                .needsNoPrivilege()
                .summary("Change a thing")
                .answersNothing()
                .by(HANDLER);
        assertThat(operation.privilege()).isNull();
        assertThat(operation.description()).isEmpty();
        assertThat(operation.query()).isEmpty();
        assertThat(operation.body()).isNull();
        assertThat(operation.maxBodyBytes()).isEqualTo(Routes.DEFAULT_MAX_BODY_BYTES);
        assertThat(operation.status()).isEqualTo(204);
        assertThat(operation.reply()).isNull();
        assertThat(operation.headerFields()).isEmpty();
        assertThat(operation.endsSomething()).isFalse();
        assertThat(operation.isAwaitedByCalls()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"id", "tag", "privilege", "summary", "answer"})
    void aMissingPartStopsTheStart(String part) {
        Map<String, Consumer<Declaration>> others = new HashMap<>(REQUIRED);
        others.remove(part);
        Declaration declaration = Operation.patch("/things/{thing}");
        others.values().forEach(other -> other.accept(declaration));
        assertThatThrownBy(() -> declaration.by(HANDLER))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("PATCH /things/{thing} does not declare its " + part + ".");
        REQUIRED.getOrDefault(part, unknown -> {}).accept(declaration);
        assertThat(declaration.by(HANDLER).id()).isEqualTo("changeThing");
    }

    @Test
    void nothingIsDeclaredTwice() {
        Map<String, Consumer<Declaration>> parts = new HashMap<>(REQUIRED);
        parts.putAll(OPTIONAL);
        parts.put("table", Declaration::orCsv);
        parts.forEach((name, part) -> {
            Declaration declaration = Operation.post("/things");
            part.accept(declaration);
            assertThatThrownBy(() -> part.accept(declaration))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("POST /things declares its " + name + " twice, or too late.");
        });
    }

    @Test
    void aPartThatIsDeclaredInTwoWaysIsDeclaredTwice() {
        assertThatThrownBy(() -> Operation.get("/things").needs(TOKENS_READ).needsNoPrivilege())
                .hasMessageContaining("its privilege twice");
        assertThatThrownBy(
                        () -> Operation.post("/things").takes(ChangeThing.class).takesDocument(10))
                .hasMessageContaining("its body twice");
        assertThatThrownBy(() ->
                        Operation.post("/things").creates(ThingReply.class).answersNothing())
                .hasMessageContaining("its answer twice");
        assertThatThrownBy(() -> Operation.delete("/things").ends()).hasMessageContaining("its end twice");
    }

    @Test
    void nothingIsAddedToAnOperationThatIsComplete() {
        Declaration declaration = Operation.post("/things");
        REQUIRED.values().forEach(part -> part.accept(declaration));
        Operation operation = declaration.by(HANDLER);
        assertThatThrownBy(declaration::ends).hasMessageContaining("too late");
        assertThatThrownBy(() -> declaration.by(HANDLER)).hasMessageContaining("too late");
        assertThat(operation.endsSomething()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " "})
    void noTextIsEmpty(String empty) {
        for (Consumer<Declaration> part : List.<Consumer<Declaration>>of(
                declaration -> declaration.id(empty),
                declaration -> declaration.summary(empty),
                declaration -> declaration.description(empty))) {
            assertThatThrownBy(() -> part.accept(Operation.get("/things"))).hasMessageContaining("empty");
        }
    }

    @Test
    void aDeletionEndsSomethingWithoutSayingSo() {
        assertThat(complete(Operation.delete("/things/{thing}")).endsSomething())
                .isTrue();
        assertThat(complete(Operation.post("/things")).endsSomething()).isFalse();
    }

    @Test
    void callersWhoReadAVersionMayAskWhetherItIsStillTheSame() {
        assertThat(complete(Operation.get("/things").versioned()).headerFields())
                .containsExactlyInAnyOrder(HeaderField.ETAG, HeaderField.IF_NONE_MATCH);
        assertThat(complete(Operation.put("/things").versioned()).headerFields())
                .containsExactly(HeaderField.ETAG);
    }

    @Test
    void anOperationThatCanAnswerWithATableSaysSoInTheDocument() {
        Map<String, Object> document =
                OpenApi.document(List.of(complete(Operation.get("/things").orCsv())), "https://latchkey.example", "1");
        assertThat(document.toString()).contains("text/csv", "name=format");
    }

    @Test
    void whatIsCreatedHasAPlace() {
        Operation operation = Operation.post("/things")
                .id("createThing")
                .tag(Tag.TOKENS)
                .needs(TOKENS_READ)
                .summary("Create a thing")
                .creates(ThingReply.class)
                .by(HANDLER);
        assertThat(operation.status()).isEqualTo(201);
        assertThat(operation.headerFields()).containsExactly(HeaderField.LOCATION);
    }

    @Test
    void twoOperationsOfOneIdStopTheStart() {
        List<Operation> operations = List.of(complete(Operation.get("/things")), complete(Operation.get("/others")));
        assertThatThrownBy(() -> OpenApi.document(operations, "https://latchkey.example", "1"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Two operations have the id changeThing.");
    }

    /** Two features may each have a record of the same name, but the document has only one place for it. */
    @Test
    void twoRecordsOfOneNameStopTheStart() {
        Operation one = complete(Operation.post("/things").takes(ChangeThing.class));
        Operation other = Operation.post("/others")
                .id("changeOther")
                .tag(Tag.TOKENS)
                .needs(TOKENS_READ)
                .summary("Change another thing")
                .takes(Other.ChangeThing.class)
                .answersNothing()
                .by(HANDLER);
        assertThatThrownBy(() -> OpenApi.document(List.of(one, other), "https://latchkey.example", "1"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Other$ChangeThing");
    }

    private static Operation complete(Declaration declaration) {
        REQUIRED.values().forEach(part -> part.accept(declaration));
        return declaration.by(HANDLER);
    }
}
