package dev.latchkey.console;

import dev.latchkey.http.Response;
import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.TemplateOutput;
import gg.jte.output.StringOutput;
import java.util.HashMap;
import java.util.Map;

/** Renders a template into a response, with the headers that all pages have. */
final class Html {
    /** Nothing from other sites and nothing inline: an injected tag can neither load nor run anything. */
    private static final String CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self';"
            + " img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none';"
            + " frame-ancestors 'none'";

    private final TemplateEngine templates =
            TemplateEngine.createPrecompiled(null, ContentType.Html, null, "dev.latchkey.console.template");

    Response page(int status, String template, Frame frame, Map<String, Object> parameters) {
        Map<String, Object> all = new HashMap<>(parameters);
        all.put("frame", frame);
        TemplateOutput output = frame.base().isRoot() ? new StringOutput(16 * 1024) : new LinksBelowPath(frame.base());
        templates.render(template + ".jte", all, output);
        return Response.html(status, output.toString())
                .with("Content-Security-Policy", CONTENT_SECURITY_POLICY)
                // Without it browsers do not say which site sent a form. Over plain HTTP nothing else does.
                .with("Referrer-Policy", "same-origin")
                .with("Cache-Control", "no-store");
    }
}
