package dev.latchkey.verifier.servlet;

import dev.latchkey.verifier.Answer;
import dev.latchkey.verifier.Call;
import dev.latchkey.verifier.Client;
import dev.latchkey.verifier.Decision;
import dev.latchkey.verifier.Verifier;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.util.Collections;

/**
 * Lets calls through that Latchkey's policy allows, and answers the others itself. The application finds the caller as
 * the request attribute {@value #CLIENT}, a {@link Client}, and as the request's principal. Where Spring Security comes
 * after it, that knows the caller too, with its role as {@code ROLE_...}.
 */
public final class LatchkeyFilter implements Filter {
    /** The request attribute with the {@link Client}; not set when the caller has no access token. */
    public static final String CLIENT = "dev.latchkey.client";

    private static final String ALLOWED = LatchkeyFilter.class.getName() + ".allowed";

    private final Verifier verifier;

    /** @param verifier is not closed by this filter */
    public LatchkeyFilter(Verifier verifier) {
        this.verifier = verifier;
    }

    /**
     * Whether this filter let the request through: to a public endpoint, or because the caller is allowed. For filters
     * after this one that decide as well, such as Spring Security's.
     */
    public static boolean isAllowed(HttpServletRequest request) {
        return request.getAttribute(ALLOWED) instanceof Decision.Allowed;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (!(request instanceof HttpServletRequest http) || !(response instanceof HttpServletResponse answer)) {
            throw new ServletException("Only HTTP can be guarded.");
        }
        Decision decision = decide(http);
        if (decision instanceof Decision.Refused refused) {
            write(verifier.answer(refused), answer);
        } else if (decision instanceof Decision.Allowed allowed) {
            http.setAttribute(ALLOWED, allowed);
            http.setAttribute(CLIENT, allowed.client());
            Client client = allowed.client();
            if (client == null) {
                chain.doFilter(http, answer);
            } else {
                CalledBy called = new CalledBy(client, http);
                SpringSecurity.tell(client, called.getUserPrincipal(), http, answer);
                if (!mayBeSentByABrowser(http)) {
                    SpringSecurity.skipCsrf(http);
                }
                chain.doFilter(called, answer);
            }
        }
    }

    /**
     * What the application does with a call that was allowed, such as finishing it on another thread or forwarding it,
     * is its own affair. A request from outside is decided on again, whatever attributes it has.
     */
    private Decision decide(HttpServletRequest request) {
        if (request.getDispatcherType() == DispatcherType.REQUEST) {
            // Filters before this one may have let a header of the caller's change the path or the method.
            return verifier.decide(call(asItCame(request)).orWithMethod(request.getMethod()));
        }
        return request.getAttribute(ALLOWED) instanceof Decision.Allowed before
                ? before
                : verifier.decide(call(request));
    }

    /** Browsers repeat a user name and a password on their own, even in a request that another site made them send. */
    private static boolean mayBeSentByABrowser(HttpServletRequest request) {
        String authorization = request.getHeader("Authorization");
        return authorization != null && authorization.regionMatches(true, 0, "Basic ", 0, 6);
    }

    private static HttpServletRequest asItCame(HttpServletRequest request) {
        ServletRequest inner = request;
        while (inner instanceof HttpServletRequestWrapper wrapper) {
            inner = wrapper.getRequest();
        }
        return inner instanceof HttpServletRequest http ? http : request;
    }

    /** Path and query as they were sent: other methods decode, and asking for a parameter would read a form. */
    private static Call call(HttpServletRequest request) {
        String query = request.getQueryString();
        return Call.of(
                        request.getMethod(),
                        query == null ? request.getRequestURI() : request.getRequestURI() + "?" + query,
                        name -> Collections.list(request.getHeaders(name)))
                .from(request.getRemoteAddr());
    }

    private static void write(Answer answer, HttpServletResponse response) throws IOException {
        response.setStatus(answer.status());
        answer.headers().forEach(response::setHeader);
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }

    /** The program that calls, under its client id. */
    private record ClientPrincipal(Client client) implements Principal {
        @Override
        public String getName() {
            return client.clientId();
        }
    }

    /** A request whose principal is the program that calls. */
    private static final class CalledBy extends HttpServletRequestWrapper {
        private final Client client;

        CalledBy(Client client, HttpServletRequest request) {
            super(request);
            this.client = client;
        }

        @Override
        public Principal getUserPrincipal() {
            return new ClientPrincipal(client);
        }

        @Override
        public String getRemoteUser() {
            return client.clientId();
        }
    }
}
