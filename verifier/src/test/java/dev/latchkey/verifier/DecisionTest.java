package dev.latchkey.verifier;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.latchkey.verifier.Decision.Allowed;
import dev.latchkey.verifier.Decision.Forbidden;
import dev.latchkey.verifier.Decision.Unauthenticated;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may call what. */
class DecisionTest {
    private static final TestClock CLOCK = new TestClock();
    private static final PlayedLatchkey LATCHKEY = new PlayedLatchkey(CLOCK, SigningKey.es256("one"));
    private static Verifier verifier;

    @BeforeAll
    static void open() {
        verifier = LATCHKEY.start();
    }

    @AfterAll
    static void close() {
        verifier.close();
        LATCHKEY.close();
    }

    private static Decision as(JWTClaimsSet.Builder claims, String method, String target) {
        return verifier.decide(method, target, "Bearer " + LATCHKEY.key().sign(claims.build()));
    }

    private static Decision as(String role, String method, String target) {
        return as(LATCHKEY.claims(role), method, target);
    }

    @ParameterizedTest
    @CsvSource({
        "reader, GET, /v1/invoices/7",
        "reader, GET, /v1/invoices/7?full=1&x=/../..",
        "reader, HEAD, /v1/invoices/7",
        "writer, GET, /v1/invoices/7",
        "writer, POST, /v1/invoices",
        "unknown, GET, /v1/me",
        "unknown, HEAD, /v1/me",
        "unknown, GET, /v1/health"
    })
    void aRoleMayCallWhatItsPrivilegesAllow(String role, String method, String target) {
        assertThat(as(role, method, target)).isInstanceOf(Allowed.class);
    }

    @ParameterizedTest
    @CsvSource({
        "reader, POST, /v1/invoices, invoices:write",
        "unknown, GET, /v1/invoices/7, invoices:read",
        "unknown, HEAD, /v1/invoices/7, invoices:read",
        "READER, GET, /v1/invoices/7, invoices:read"
    })
    void aRoleThatLacksThePrivilegeIsToldWhichOneItIs(String role, String method, String target, String privilege) {
        assertThat(as(role, method, target)).isInstanceOfSatisfying(Forbidden.class, forbidden -> {
            assertThat(forbidden.missing()).containsExactly(privilege);
            assertThat(forbidden.endpoint()).isNotNull();
            assertThat(forbidden.reason()).contains(privilege, "which the role " + role + " does not have");
        });
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /",
        "GET, /v1",
        "GET, /invoices/7",
        "GET, /v1/invoices",
        "GET, /v1/invoices/7/lines",
        "DELETE, /v1/invoices/7",
        "OPTIONS, /v1/invoices/7",
        "TRACE, /v1/health",
        "HEAD, /v1/invoices",
        "get, /v1/invoices/7"
    })
    void anUnknownEndpointIsForbiddenEvenToCallersWhoMayDoEverything(String method, String target) {
        assertThat(as("writer", method, target))
                .isEqualTo(new Forbidden("no_endpoint", null, List.of(), "The API has no endpoint for this request."));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/Invoices/7",
                "/V1/invoices/7",
                "/v1/invoices/7/",
                "/v1/Invoices/7/",
                "/v1/health/",
                "/v1/HEALTH",
                "/v1/../v1/health",
                "/v1//health",
                "//v1/health",
                "/v1/health;x=1",
                "/v1/./health",
                "/v1/%68ealth",
                "/v1%2Fhealth",
                "/v1\\health",
                "/v1/health%00",
                "/v1/health#x",
                "http://billing.example/v1/health",
                "v1/health",
                "*",
                "",
                "/v1/health?_method=DELETE",
                "/v1/health?a=b&_method=DELETE",
                "/v1/health?a;_method=DELETE",
                "/v1/health?%5Fmethod=DELETE",
                "/v1/health?%5fm%65thod=D%45LETE",
                "/v1/health?_METHOD=delete",
                "/v1/health?_method",
                "/v1/health?_method=",
                "/v1/health?_method=GET&_method=PUT",
                "/v1/health?_method=GET?_method=GET",
                "/v1/health?+_method=PUT",
                "/v1/health?.method=PUT",
                "/v1/health?_method[]=PUT",
                "/v1/health?_method%5B0%5D=PUT",
                "/v1/health?x=%zz&_method=%zz",
                "/v1/health?%&%5&_method=%5"
            })
    void aRequestWithTwoReadingsIsForbiddenEvenOnAPublicEndpointButOnlyToldWhoSaysWhoTheyAre(String target) {
        assertThat(as("writer", "GET", target)).isInstanceOfSatisfying(Forbidden.class, forbidden -> {
            assertThat(forbidden.code()).isEqualTo("doubtful_request");
            assertThat(forbidden.endpoint()).isNull();
            assertThat(forbidden.missing()).isEmpty();
            assertThat(forbidden.reason()).startsWith("The request is refused because ");
        });
        assertThat(verifier.decide("GET", target, null)).isInstanceOf(Unauthenticated.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "_method=GET",
                "_method=get",
                "_method=+GET%20",
                "method=PUT",
                "a=_method",
                "",
                "&;=",
                "%zz=%zz",
                "%"
            })
    void aQueryThatNamesTheMethodItselfOrSomethingElseIsFine(String query) {
        assertThat(verifier.decide("GET", "/v1/health?" + query, null)).isInstanceOf(Allowed.class);
    }

    @Test
    void anEndpointThatDiffersOnlyInSpellingIsNamed() {
        assertThat(((Forbidden) as("reader", "GET", "/v1/Invoices/7/")).reason())
                .contains("GET /v1/invoices/{id}", "letter case");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/v1/me", "/v1/invoices/7", "/v1/nothing", "/v1/Health", "/v1/health/", "/v1/health?_method=x"})
    void whoDoesNotSayWhoTheyAreLearnsNothing(String target) {
        assertThat(verifier.decide("GET", target, null))
                .isEqualTo(new Unauthenticated(
                        false, "Send an access token for https://billing.example as Authorization: Bearer."));
        assertThat(verifier.decide("GET", target, "Bearer x.y.z"))
                .isEqualTo(new Unauthenticated(true, "The access token is not from this issuer, or was altered."));
    }

    @Test
    void aPublicEndpointKnowsCallersWithATokenButDoesNotNeedOne() {
        assertThat(verifier.decide("GET", "/v1/health", null))
                .isInstanceOfSatisfying(
                        Allowed.class, allowed -> assertThat(allowed.client()).isNull());
        assertThat(verifier.decide("GET", "/v1/health", "Bearer x.y.z"))
                .isInstanceOfSatisfying(
                        Allowed.class, allowed -> assertThat(allowed.client()).isNull());
        assertThat(as("reader", "GET", "/v1/health"))
                .isInstanceOfSatisfying(
                        Allowed.class,
                        allowed -> assertThat(allowed.client().clientId()).isEqualTo("abc123.program"));
    }

    @Test
    void aRequestThatAsksForAnotherMethodIsForbidden() {
        String bearer = LATCHKEY.bearer("reader");
        for (List<String> overrides :
                List.of(List.of("POST"), List.of("DELETE"), List.of(""), List.of("GET", "POST"), List.of("GET,POST"))) {
            assertThat(verifier.decide(new Call("GET", "/v1/invoices/7", bearer, overrides)))
                    .as(overrides.toString())
                    .isInstanceOf(Forbidden.class);
            assertThat(verifier.decide(new Call("GET", "/v1/health", bearer, overrides)))
                    .isInstanceOf(Forbidden.class);
            assertThat(verifier.decide(new Call("GET", "/v1/health", null, overrides)))
                    .isInstanceOf(Unauthenticated.class);
        }
        for (List<String> overrides : List.of(List.<String>of(), List.of("GET"), List.of("get", "GET"))) {
            assertThat(verifier.decide(new Call("GET", "/v1/invoices/7", bearer, overrides)))
                    .isInstanceOf(Allowed.class);
        }
    }

    @Test
    void anEndpointThatNeedsSeveralPrivilegesNeedsAllOfThem() {
        assertThat(as("mover", "POST", "/v1/moves")).isInstanceOf(Allowed.class);
        assertThat(as("writer", "POST", "/v1/moves")).isInstanceOfSatisfying(Forbidden.class, forbidden -> {
            assertThat(forbidden.missing()).containsExactly("fleet:read");
            assertThat(verifier.answer(forbidden).body()).contains("\"privilege\":\"fleet:read\"");
            assertThat(verifier.answer(forbidden).headers().get("WWW-Authenticate"))
                    .contains("scope=\"fleet:read invoices:write\"");
        });
        assertThat(as("reader", "POST", "/v1/moves")).isInstanceOfSatisfying(Forbidden.class, forbidden -> {
            assertThat(forbidden.missing()).containsExactly("fleet:read", "invoices:write");
            assertThat(forbidden.reason())
                    .isEqualTo(
                            "POST /moves needs the privileges fleet:read and invoices:write, which the role reader does"
                                    + " not have.");
            assertThat(verifier.answer(forbidden).body())
                    .contains("\"privileges\":[\"fleet:read\",\"invoices:write\"]");
        });
        JWTClaimsSet.Builder narrowed = LATCHKEY.claims("mover").claim("scope_limited", true);
        assertThat(as(narrowed.claim("scope", "fleet:read"), "POST", "/v1/moves"))
                .isInstanceOfSatisfying(Forbidden.class, forbidden -> {
                    assertThat(forbidden.missing()).containsExactly("invoices:write");
                    assertThat(forbidden.reason()).contains("which is not in the scope");
                });
        assertThat(as(narrowed.claim("scope", "invoices:write fleet:read"), "POST", "/v1/moves"))
                .isInstanceOf(Allowed.class);
    }

    @Test
    void aScopeThatWasAskedForNarrowsAndNeverWidens() {
        JWTClaimsSet.Builder narrowed = LATCHKEY.claims("writer").claim("scope_limited", true);
        assertThat(as(narrowed.claim("scope", "invoices:read"), "GET", "/v1/invoices/7"))
                .isInstanceOf(Allowed.class);
        assertThat(as(narrowed.claim("scope", "invoices:read"), "POST", "/v1/invoices"))
                .isInstanceOfSatisfying(Forbidden.class, forbidden -> {
                    assertThat(forbidden.missing()).containsExactly("invoices:write");
                    assertThat(forbidden.reason()).contains("limited to");
                });
        assertThat(as(narrowed.claim("scope", "other invoices:write invoices:write"), "POST", "/v1/invoices"))
                .isInstanceOf(Allowed.class);
        assertThat(as(narrowed.claim("scope", "invoices:writer invoices"), "POST", "/v1/invoices"))
                .isInstanceOf(Forbidden.class);
        for (String nothing : new String[] {"", " ", null}) {
            assertThat(as(narrowed.claim("scope", nothing), "GET", "/v1/invoices/7"))
                    .isInstanceOf(Forbidden.class);
            assertThat(as(narrowed.claim("scope", nothing), "GET", "/v1/me")).isInstanceOf(Allowed.class);
        }
        JWTClaimsSet.Builder wide = LATCHKEY.claims("reader").claim("scope", "invoices:read invoices:write");
        assertThat(as(wide, "POST", "/v1/invoices")).isInstanceOf(Forbidden.class);
        assertThat(as(wide.claim("scope_limited", true), "POST", "/v1/invoices"))
                .isInstanceOf(Forbidden.class);
    }

    @Test
    void aScopeThatWasNotAskedForDoesNotBind() {
        JWTClaimsSet.Builder before = LATCHKEY.claims("writer").claim("scope", "invoices:read");
        assertThat(as(before, "POST", "/v1/invoices")).isInstanceOf(Allowed.class);
        assertThat(as(before.claim("scope_limited", false), "POST", "/v1/invoices"))
                .isInstanceOf(Allowed.class);
    }

    @Test
    void ofSeveralRolesOneThatAllowsIsEnoughAndOfNoneNothing() {
        assertThat(as(LATCHKEY.claims("x").claim("roles", List.of("unknown", "writer")), "POST", "/v1/invoices"))
                .isInstanceOfSatisfying(
                        Allowed.class,
                        allowed -> assertThat(allowed.client().roles()).isEqualTo(Set.of("unknown", "writer")));
        for (List<String> none : new List[] {List.of(), null}) {
            assertThat(as(LATCHKEY.claims("x").claim("roles", none), "GET", "/v1/invoices/7"))
                    .isInstanceOf(Forbidden.class);
            assertThat(as(LATCHKEY.claims("x").claim("roles", none), "GET", "/v1/me"))
                    .isInstanceOf(Allowed.class);
        }
    }
}
