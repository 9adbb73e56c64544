package dev.latchkey.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.problem.Problem;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoutesTest {
    private static final Handler OK = request -> Response.noContent();

    @Test
    void twoRoutesForTheSameRequestsAreRefused() {
        Routes.Builder routes = Routes.builder().add("GET", "/a/{x}", OK);
        assertThatThrownBy(() -> routes.add("GET", "/a/{y}", OK))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("GET /a/{y}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"get", "HEAD", "OPTIONS", "TRACE", "CONNECT", ""})
    void aRouteHasOneOfTheUsualMethods(String method) {
        assertThatThrownBy(() -> Routes.builder().add(method, "/a", OK)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void otherMethodsOfAPathAreTold() {
        Routes routes = Routes.builder()
                .add("GET", "/a", OK)
                .add("PUT", "/a", OK)
                .add("POST", "/b", OK)
                .build();
        assertThat(routes.find("DELETE", "/a"))
                .isInstanceOfSatisfying(
                        Routes.Destination.OtherMethods.class,
                        other -> assertThat(other.methods()).containsExactly("GET", "HEAD", "OPTIONS", "PUT"));
        assertThat(routes.find("HEAD", "/a")).isInstanceOf(Routes.Destination.Found.class);
        assertThat(routes.find("HEAD", "/b")).isInstanceOf(Routes.Destination.OtherMethods.class);
    }

    @Test
    void aPathThatNoRouteHasIsAnsweredOtherwise() {
        Routes.Builder routes = Routes.builder().add("GET", "/a", OK);
        assertThatThrownBy(() -> answer(routes.build(), "/c"))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.status()).isEqualTo(404));
        Response lost = Response.text(404, "lost");
        assertThat(answer(routes.otherwise(request -> lost).build(), "/c")).isSameAs(lost);
    }

    private static Response answer(Routes routes, String path) {
        Routes.Destination.Found found = (Routes.Destination.Found) routes.find("GET", path);
        return found.route()
                .handler()
                .handle(new Request(
                        "GET",
                        new Request.Resource(path, path, Map.of(), Parameters.NONE),
                        Headers.of(Map.of()),
                        new byte[0],
                        new Request.Sender("127.0.0.1", false, List.of()),
                        BasePath.ROOT));
    }
}
