package dev.latchkey.console;

import dev.latchkey.http.BasePath;
import gg.jte.TemplateOutput;
import gg.jte.html.OwaspHtmlTemplateOutput;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A page of a Latchkey below a path: whatever link a template writes as {@code /tokens} becomes {@code /auth/tokens}. So
 * templates know nothing of the path, and none can forget it.
 *
 * <p>Only the templates' own text says where a link begins. What people have typed is written as it is, and where it is the
 * link itself it comes after the quotation mark of the template.
 */
final class LinksBelowPath extends OwaspHtmlTemplateOutput {
    /** Every attribute of ours that holds an address: HTML's, htmx's, and those that the script follows. */
    private static final Set<String> LINKS =
            Set.of("href", "src", "action", "formaction", "hx-get", "hx-post", "data-back", "data-discard");

    private static final int NOWHERE = -1;

    private final BasePath base;
    private final Page page;
    /** How long the page is where an address may begin that is not written yet. */
    private int opening = NOWHERE;

    LinksBelowPath(BasePath base) {
        this(base, new Page(new StringBuilder(16 * 1024)));
    }

    private LinksBelowPath(BasePath base, Page page) {
        super(page);
        this.base = base;
        this.page = page;
    }

    /** Takes what is written, escaped where it must be. */
    private record Page(StringBuilder text) implements TemplateOutput {
        @Override
        public void writeContent(String value) {
            text.append(value);
        }

        @Override
        public void writeContent(String value, int begin, int end) {
            text.append(value, begin, end);
        }
    }

    @Override
    public void writeBinaryContent(byte[] template) {
        writeContent(new String(template, StandardCharsets.UTF_8));
    }

    @Override
    public void writeContent(String template, int begin, int end) {
        writeContent(template.substring(begin, end));
    }

    @Override
    public void writeContent(String template) {
        if (template.isEmpty()) {
            return;
        }
        int written = 0;
        beginAddress(template, 0);
        for (int equals = template.indexOf('='); equals >= 0; equals = template.indexOf('=', equals + 1)) {
            int value = equals + 2;
            if (value <= template.length() && isQuote(template.charAt(equals + 1)) && isLink(template, equals)) {
                page.writeContent(template, written, value);
                written = value;
                opening = page.text().length();
                beginAddress(template, value);
            }
        }
        page.writeContent(template, written, template.length());
    }

    @Override
    public void writeUserContent(@Nullable String value) {
        if (value != null) {
            beginAddress(value, 0);
        }
        super.writeUserContent(value);
    }

    /** Writes the path if an address begins here and is one of ours. */
    private void beginAddress(String text, int from) {
        if (opening == page.text().length() && from < text.length() && BasePath.isOurs(text, from)) {
            page.writeContent(base.path());
        }
    }

    private static boolean isQuote(char c) {
        return c == '"' || c == '\'';
    }

    private static boolean isLink(String template, int equals) {
        int start = equals;
        while (start > 0 && !Character.isWhitespace(template.charAt(start - 1))) {
            start--;
        }
        return LINKS.contains(template.substring(start, equals));
    }

    @Override
    public String toString() {
        return page.text().toString();
    }
}
