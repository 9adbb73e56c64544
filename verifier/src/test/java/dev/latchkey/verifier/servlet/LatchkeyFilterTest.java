package dev.latchkey.verifier.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.latchkey.verifier.Client;
import dev.latchkey.verifier.Decision;
import dev.latchkey.verifier.PlayedLatchkey;
import dev.latchkey.verifier.SigningKey;
import dev.latchkey.verifier.TestClock;
import dev.latchkey.verifier.Verifier;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The filter in a servlet container. */
class LatchkeyFilterTest {
    private static final String INVALID = "Bearer realm=\"latchkey\", error=\"invalid_token\", error_description=\""
            + "The access token is not from this issuer, or was altered.\"";

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final TestClock clock = new TestClock();
    private final PlayedLatchkey latchkey = new PlayedLatchkey(clock, SigningKey.es256("one"));
    private final AtomicInteger calls = new AtomicInteger();
    private final Server server = new Server(0);
    private Verifier verifier;

    @BeforeEach
    void open() throws Exception {
        verifier = latchkey.start();
        ServletContextHandler context = new ServletContextHandler();
        ServletHolder application = new ServletHolder(new Application());
        application.setAsyncSupported(true);
        context.addServlet(application, "/*");
        Filter before = (request, response, chain) -> {
            HttpServletRequest http = (HttpServletRequest) request;
            String prefix = http.getHeader("X-Forwarded-Prefix");
            String method = http.getHeader("Hidden-Method");
            // Something in the application says that the call was allowed; only the filter itself may know that.
            if ("yes".equals(http.getHeader("Pretend"))) {
                request.setAttribute(
                        LatchkeyFilter.class.getName() + ".allowed", verifier.decide("GET", "/v1/health", null));
            }
            chain.doFilter(
                    new HttpServletRequestWrapper(http) {
                        @Override
                        public String getRequestURI() {
                            return (prefix == null ? "" : prefix) + super.getRequestURI();
                        }

                        @Override
                        public String getMethod() {
                            return method == null ? super.getMethod() : method;
                        }
                    },
                    response);
        };
        context.addFilter(asynchronous(before), "/*", EnumSet.of(DispatcherType.REQUEST));
        context.addFilter(asynchronous(new LatchkeyFilter(verifier)), "/v1/*", EnumSet.allOf(DispatcherType.class));
        server.setHandler(context);
        server.start();
    }

    @AfterEach
    void close() throws Exception {
        server.stop();
        verifier.close();
        latchkey.close();
    }

    private static FilterHolder asynchronous(Filter filter) {
        FilterHolder holder = new FilterHolder(filter);
        holder.setAsyncSupported(true);
        return holder;
    }

    /** Says who it thinks is calling. */
    private final class Application extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response)
                throws IOException, ServletException {
            calls.incrementAndGet();
            String how = request.getHeader("How");
            boolean first = request.getDispatcherType() == DispatcherType.REQUEST;
            if ("async".equals(how) && first) {
                AsyncContext async = request.startAsync();
                async.start(async::dispatch);
            } else if ("async elsewhere".equals(how) && first) {
                AsyncContext async = request.startAsync();
                async.start(() -> async.dispatch("/v1/no/endpoint"));
            } else if ("forward".equals(how) && first) {
                request.getRequestDispatcher("/v1/no/endpoint").forward(request, response);
            } else if ("into".equals(how) && first) {
                request.getRequestDispatcher("/v1/invoices/7").forward(request, response);
            } else if ("error".equals(how) && first) {
                response.sendError(418);
            } else {
                Client client = (Client) request.getAttribute("dev.latchkey.client");
                byte[] body = request.getInputStream().readAllBytes();
                String text = (client == null ? "anonymous" : client.clientId()) + ", "
                        + (request.getUserPrincipal() == null
                                ? "anonymous"
                                : request.getUserPrincipal().getName())
                        + ", " + request.getRemoteUser() + ", " + new String(body, StandardCharsets.UTF_8);
                response.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private HttpResponse<String> send(String method, String target, String... headers) throws Exception {
        int port = ((ServerConnector) server.getConnectors()[0]).getLocalPort();
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + target))
                .method(method, method.equals("POST") ? BodyPublishers.ofString("_method=x") : BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.send(request.build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> sendAs(String role, String method, String target) throws Exception {
        return send(method, target, "Authorization", latchkey.bearer(role));
    }

    private static String header(HttpResponse<String> response, String name) {
        return response.headers().firstValue(name).orElse("none");
    }

    private void assertProblem(HttpResponse<String> response, int status, String challenge, Map<String, Object> members)
            throws Exception {
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(header(response, "WWW-Authenticate")).isEqualTo(challenge);
        assertThat(header(response, "Content-Type")).isEqualTo("application/problem+json");
        assertThat(header(response, "Cache-Control")).isEqualTo("no-store");
        Map<String, Object> problem = JSONObjectUtils.parse(response.body());
        assertThat(problem).containsAllEntriesOf(members).containsKeys("title", "detail");
        assertThat(problem.get("type")).isEqualTo("about:blank");
        assertThat(((Number) problem.get("status")).intValue()).isEqualTo(status);
        assertThat(problem.get("api")).isEqualTo("billing");
        assertThat(calls.get()).as("the application was not asked").isZero();
    }

    @Test
    void whatIsAllowedReachesTheApplicationWhichKnowsWhoCalls() throws Exception {
        HttpResponse<String> response = sendAs("reader", "GET", "/v1/invoices/7?full=1");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("abc123.program, abc123.program, abc123.program, ");
        assertThat(sendAs("reader", "HEAD", "/v1/invoices/7").statusCode()).isEqualTo(200);
    }

    @Test
    void aPublicEndpointIsReachedAnonymously() throws Exception {
        assertThat(send("GET", "/v1/health").body()).isEqualTo("anonymous, anonymous, null, ");
        assertThat(send("GET", "/v1/health", "Authorization", "Bearer x").body())
                .startsWith("anonymous, anonymous");
    }

    @Test
    void theFormIsLeftToTheApplication() throws Exception {
        assertThat(send(
                                "POST",
                                "/v1/invoices",
                                "Authorization",
                                latchkey.bearer("writer"),
                                "Content-Type",
                                "application/x-www-form-urlencoded")
                        .body())
                .endsWith("_method=x");
    }

    @Test
    void noOneIsAskedToSayWhoTheyAre() throws Exception {
        assertProblem(
                send("GET", "/v1/invoices/7"),
                401,
                "Bearer realm=\"latchkey\"",
                Map.of("code", "unauthenticated", "title", "Unauthorized"));
    }

    @Test
    void aBadAccessTokenIsCalledInvalid() throws Exception {
        assertProblem(
                send("GET", "/v1/invoices/7", "Authorization", "Bearer x.y.z"),
                401,
                INVALID,
                Map.of("code", "invalid_token"));
    }

    @Test
    void aMissingPrivilegeIsNamed() throws Exception {
        assertProblem(
                sendAs("reader", "POST", "/v1/invoices"),
                403,
                "Bearer realm=\"latchkey\", error=\"insufficient_scope\", scope=\"invoices:write\"",
                Map.of("code", "missing_privilege", "privilege", "invoices:write", "endpoint", "POST /invoices"));
    }

    @Test
    void whatIsNoEndpointIsForbidden() throws Exception {
        assertProblem(sendAs("reader", "GET", "/v1/x"), 403, "none", Map.of("code", "no_endpoint"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/invoices/7;x=1", "/v1/invoices/%37", "/v1/invoices/7/", "/v1/Invoices/7"})
    void thePathIsTheOneThatWasSent(String target) throws Exception {
        assertProblem(sendAs("reader", "GET", target), 403, "none", Map.of("code", "doubtful_request"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/../v1/invoices/7", "/v1//invoices/7", "/v1/.;/invoices/7", "/v1/invoices%2F7"})
    void whatTheContainerLetsThroughOrNotNeverReachesTheApplication(String target) throws Exception {
        assertThat(sendAs("reader", "GET", target).statusCode()).isBetween(400, 404);
        assertThat(calls.get()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-HTTP-Method-Override", "x-http-method", "X-METHOD-OVERRIDE"})
    void aHeaderThatAsksForAnotherMethodIsForbidden(String name) throws Exception {
        String bearer = latchkey.bearer("reader");
        assertProblem(
                send("GET", "/v1/invoices/7", "Authorization", bearer, name, "DELETE"),
                403,
                "none",
                Map.of("code", "doubtful_request"));
        assertProblem(
                send("GET", "/v1/invoices/7", "Authorization", bearer, name, "GET", name, "PUT"),
                403,
                "none",
                Map.of());
        assertThat(send("GET", "/v1/invoices/7", "Authorization", bearer, name, "GET")
                        .statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"_method=DELETE", "a=b&%5Fmethod=DELETE"})
    void aQueryThatAsksForAnotherMethodIsForbidden(String query) throws Exception {
        assertProblem(
                sendAs("reader", "GET", "/v1/invoices/7?" + query), 403, "none", Map.of("code", "doubtful_request"));
        assertThat(sendAs("reader", "GET", "/v1/invoices/7?_method=GET").statusCode())
                .isEqualTo(200);
    }

    @Test
    void twoAuthorizationHeadersAreNone() throws Exception {
        String bearer = latchkey.bearer("reader");
        assertProblem(
                send("GET", "/v1/invoices/7", "Authorization", bearer, "Authorization", bearer),
                401,
                INVALID,
                Map.of());
    }

    @Test
    void withoutAFreshPolicyItSaysWhenToTryAgain() throws Exception {
        String bearer = latchkey.bearer("reader");
        clock.advance(Duration.ofMinutes(6));
        HttpResponse<String> response = send("GET", "/v1/invoices/7", "Authorization", bearer);
        assertProblem(response, 503, "none", Map.of("code", "unavailable"));
        assertThat(header(response, "Retry-After")).isEqualTo("5");
    }

    @ParameterizedTest
    @ValueSource(strings = {"async", "async elsewhere", "forward"})
    void whatTheApplicationDoesWithACallThatWasAllowedIsItsOwnAffair(String how) throws Exception {
        HttpResponse<String> response =
                send("GET", "/v1/invoices/7", "How", how, "Authorization", latchkey.bearer("reader"));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("abc123.program, abc123.program, abc123.program, ");
        assertThat(send("GET", "/v1/health", "How", how).body()).isEqualTo("anonymous, anonymous, null, ");
    }

    @Test
    void aForwardFromOutsideOfTheGuardedPathsIsDecided() throws Exception {
        assertThat(send("GET", "/open", "How", "into").statusCode()).isEqualTo(401);
        assertThat(calls.get()).isEqualTo(1);
        assertThat(send("GET", "/open", "How", "into", "Authorization", latchkey.bearer("reader"))
                        .body())
                .startsWith("abc123.program");
    }

    @Test
    void anErrorPageOfACallThatWasAllowedIsShown() throws Exception {
        assertThat(send("GET", "/v1/invoices/7", "How", "error", "Authorization", latchkey.bearer("reader"))
                        .statusCode())
                .isEqualTo(418);
    }

    @Test
    void whatComesFromOutsideIsDecidedWhateverTheRequestCarries() throws Exception {
        assertThat(verifier.decide("GET", "/v1/health", null)).isInstanceOf(Decision.Allowed.class);
        assertProblem(send("GET", "/v1/invoices/7", "Pretend", "yes"), 401, "Bearer realm=\"latchkey\"", Map.of());
    }

    @Test
    void aFilterBeforeThatLetsTheCallerChangeThePathOrTheMethodChangesNothing() throws Exception {
        String bearer = latchkey.bearer("reader");
        assertThat(send("GET", "/v1/invoices/7", "X-Forwarded-Prefix", "/app", "Authorization", bearer)
                        .statusCode())
                .isEqualTo(200);
        calls.set(0);
        assertProblem(
                send("GET", "/v1/secret", "X-Forwarded-Prefix", "/v1/files", "Authorization", bearer),
                403,
                "none",
                Map.of("code", "no_endpoint"));
        assertProblem(
                send("GET", "/v1/invoices/7", "Hidden-Method", "PUT", "Authorization", bearer),
                403,
                "none",
                Map.of("code", "doubtful_request"));
    }

    @Test
    void onlyHttpIsGuarded() {
        assertThatThrownBy(() -> new LatchkeyFilter(verifier).doFilter(null, null, null))
                .isInstanceOf(ServletException.class);
    }
}
