package dev.latchkey.verifier.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.config.Customizer.withDefaults;

import dev.latchkey.verifier.PlayedLatchkey;
import dev.latchkey.verifier.SigningKey;
import dev.latchkey.verifier.TestClock;
import dev.latchkey.verifier.Verifier;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.EnumSet;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.context.support.AnnotationConfigWebApplicationContext;

/** The filter with Spring Security behind it, as in Spring Boot. */
class SpringSecurityTest {
    private final PlayedLatchkey latchkey = new PlayedLatchkey(new TestClock(), SigningKey.es256("one")).takingKeys();
    private final Verifier verifier = latchkey.start();
    private final Server server = new Server(0);

    /** What Spring Boot sets up by default: anyone who is signed in may do everything. */
    @Configuration
    @EnableWebSecurity
    static class Default {
        @Bean
        SecurityFilterChain chain(HttpSecurity http) throws Exception {
            return http.authorizeHttpRequests(calls -> calls.anyRequest().authenticated())
                    .formLogin(withDefaults())
                    .httpBasic(withDefaults())
                    .build();
        }

        @Bean
        UserDetailsService people() {
            return new InMemoryUserDetailsManager();
        }
    }

    /** As the README says for APIs with public endpoints. */
    @Configuration
    @EnableWebSecurity
    static class AsLatchkeyDecided {
        @Bean
        SecurityFilterChain chain(HttpSecurity http) throws Exception {
            return http.authorizeHttpRequests(calls -> calls.requestMatchers("/v1/moves")
                            .hasRole("writer")
                            .requestMatchers(LatchkeyFilter::isAllowed)
                            .permitAll()
                            .anyRequest()
                            .denyAll())
                    .build();
        }

        @Bean
        UserDetailsService people() {
            return new InMemoryUserDetailsManager();
        }
    }

    private static final class Application extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.getWriter()
                    .print((request.getUserPrincipal() == null
                                    ? "anonymous"
                                    : request.getUserPrincipal().getName())
                            + " " + request.isUserInRole("reader") + " " + (request.getSession(false) != null));
        }
    }

    private void start(Class<?> configuration) throws Exception {
        AnnotationConfigWebApplicationContext spring = new AnnotationConfigWebApplicationContext();
        ServletContextHandler context = new ServletContextHandler(ServletContextHandler.SESSIONS);
        context.addServlet(new ServletHolder(new Application()), "/*");
        server.setHandler(context);
        spring.setServletContext(context.getServletContext());
        spring.register(configuration);
        spring.refresh();
        context.addFilter(new FilterHolder(new LatchkeyFilter(verifier)), "/v1/*", EnumSet.of(DispatcherType.REQUEST));
        context.addFilter(
                new FilterHolder(spring.getBean("springSecurityFilterChain", Filter.class)),
                "/*",
                EnumSet.of(DispatcherType.REQUEST));
        server.start();
    }

    @AfterEach
    void close() throws Exception {
        server.stop();
        verifier.close();
        latchkey.close();
    }

    private HttpResponse<String> call(String method, String path, String role) throws Exception {
        return role == null ? send(method, path) : send(method, path, "Authorization", latchkey.bearer(role));
    }

    private HttpResponse<String> send(String method, String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(server.getURI().resolve("/").toString().replaceFirst("/$", "") + path))
                .method(method, BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
    }

    @Test
    void theDefaultChainLetsThroughWhatWasAllowedAndKnowsWhoCalls() throws Exception {
        start(Default.class);
        assertThat(call("GET", "/v1/invoices/7", "reader").body()).isEqualTo("abc123.program true false");
        assertThat(call("POST", "/v1/invoices", "writer").body()).isEqualTo("abc123.program false false");
    }

    @Test
    void whatWasRefusedStaysRefusedAndNothingElseIsOpened() throws Exception {
        start(Default.class);
        assertThat(call("POST", "/v1/invoices", "reader").statusCode()).isEqualTo(403);
        assertThat(call("GET", "/v1/invoices/7", null).statusCode()).isEqualTo(401);
        // Paths that the filter is not for are Spring's, which does not know access tokens.
        assertThat(call("GET", "/elsewhere", "reader").statusCode()).isIn(302, 401);
        assertThat(call("POST", "/elsewhere", "reader").statusCode()).isEqualTo(403);
    }

    @Test
    void aChainMayAskWhatWasDecidedAndAskForMore() throws Exception {
        start(AsLatchkeyDecided.class);
        assertThat(call("GET", "/v1/health", null).body()).isEqualTo("anonymous false false");
        assertThat(call("GET", "/v1/me", "reader").body()).isEqualTo("abc123.program true false");
        assertThat(call("POST", "/v1/moves", "mover").statusCode()).isEqualTo(403);
        assertThat(call("GET", "/elsewhere", "reader").statusCode()).isEqualTo(403);
    }

    /** A browser repeats a user name and a password on its own, even if another site made it send the request. */
    @Test
    void aKeyInHttpBasicDoesNotLiftTheProtectionAgainstForgedRequests() throws Exception {
        start(AsLatchkeyDecided.class);
        latchkey.know("lkk_nightly", "abc123.nightly", "writer");
        String basic =
                "Basic " + Base64.getEncoder().encodeToString("lkk_nightly:".getBytes(StandardCharsets.US_ASCII));
        assertThat(send("POST", "/v1/invoices", "X-API-Key", "lkk_nightly").body())
                .isEqualTo("abc123.nightly false false");
        assertThat(latchkey.questions.element()).as("where the call came from").contains("\"address\":\"");
        assertThat(send("GET", "/v1/invoices/7", "Authorization", basic).body())
                .isEqualTo("abc123.nightly false false");
        assertThat(send("POST", "/v1/invoices", "Authorization", basic).statusCode())
                .isEqualTo(403);
    }

    /** Most APIs have no Spring: nothing of it may be needed to load or run the filter. */
    @Test
    void withoutSpringTheFilterWorksAsBefore() throws Exception {
        URL classes = LatchkeyFilter.class.getProtectionDomain().getCodeSource().getLocation();
        try (URLClassLoader withoutSpring =
                new URLClassLoader(new URL[] {classes}, getClass().getClassLoader()) {
                    @Override
                    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
                        if (name.startsWith("org.springframework.")) {
                            throw new ClassNotFoundException(name);
                        }
                        return name.startsWith(LatchkeyFilter.class.getPackageName() + ".")
                                ? findClassOnce(name)
                                : super.loadClass(name, resolve);
                    }

                    private Class<?> findClassOnce(String name) throws ClassNotFoundException {
                        Class<?> known = findLoadedClass(name);
                        return known != null ? known : findClass(name);
                    }
                }) {
            Filter filter = (Filter) withoutSpring
                    .loadClass(LatchkeyFilter.class.getName())
                    .getConstructor(Verifier.class)
                    .newInstance(verifier);
            assertThat(filter.getClass()).isNotSameAs(LatchkeyFilter.class);
            ServletContextHandler context = new ServletContextHandler();
            context.addServlet(new ServletHolder(new Application()), "/*");
            context.addFilter(new FilterHolder(filter), "/v1/*", EnumSet.of(DispatcherType.REQUEST));
            server.setHandler(context);
            server.start();
            assertThat(call("GET", "/v1/invoices/7", "reader").body()).isEqualTo("abc123.program false false");
        }
    }
}
