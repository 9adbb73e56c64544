package dev.latchkey.verifier.servlet;

import dev.latchkey.verifier.Client;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.security.Principal;
import java.util.List;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.authentication.preauth.PreAuthenticatedAuthenticationToken;
import org.springframework.security.web.context.RequestAttributeSecurityContextRepository;
import org.springframework.security.web.csrf.CsrfFilter;

/**
 * Tells Spring Security, if it is present, who calls. Its own filters come after ours and would otherwise see no
 * caller: they would refuse the call, and the principal would be null.
 */
final class SpringSecurity {
    private static final boolean IS_THERE = isThere();

    private SpringSecurity() {}

    private static boolean isThere() {
        try {
            Class.forName(
                    "org.springframework.security.web.context.RequestAttributeSecurityContextRepository",
                    false,
                    SpringSecurity.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    /** For this request only; nothing is kept in a session. */
    static void tell(Client client, Principal principal, HttpServletRequest request, HttpServletResponse response) {
        if (IS_THERE) {
            Telling.tell(client, principal, request, response);
        }
    }

    /**
     * Takes the protection against forged requests off a request that browsers do not send on their own: no other site can have
     * made one send it.
     */
    static void skipCsrf(HttpServletRequest request) {
        if (IS_THERE) {
            Telling.skipCsrf(request);
        }
    }

    /** A class of its own, so that no class of Spring is loaded where Spring is missing. */
    private static final class Telling {
        private static final RequestAttributeSecurityContextRepository CONTEXTS =
                new RequestAttributeSecurityContextRepository();

        static void tell(Client client, Principal principal, HttpServletRequest request, HttpServletResponse response) {
            List<GrantedAuthority> roles = client.roles().stream()
                    .<GrantedAuthority>map(role -> new SimpleGrantedAuthority("ROLE_" + role))
                    .toList();
            SecurityContext context = SecurityContextHolder.createEmptyContext();
            context.setAuthentication(new PreAuthenticatedAuthenticationToken(principal, "", roles));
            CONTEXTS.saveContext(context, request, response);
        }

        static void skipCsrf(HttpServletRequest request) {
            CsrfFilter.skipRequest(request);
        }
    }
}
