package dev.latchkey.console;

import dev.latchkey.http.BasePath;
import gg.jte.TemplateOutput;
import gg.jte.html.OwaspHtmlTemplateOutput;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A page of a Latchkey below a path: a link that a template writes as {@code /tokens} becomes {@code /auth/tokens}. So no
 * template has to know the path.
 *
 * <p>Only a template's own text says where a link begins. Values are written as they are; a value that is itself the link
 * follows the quotation mark in the template.
 */
final class LinksBelowPath extends OwaspHtmlTemplateOutput {
    /** Every attribute that holds an address: of HTML, of htmx, and of the console's script. */
    private static final Set<String> LINKS =
            Set.of("href", "src", "action", "formaction", "hx-get", "hx-post", "data-back", "data-discard");

    private static final int NOWHERE = -1;

    private final BasePath base;
    private final Page page;
    /** The length of the page at which an address may begin with the next text. */
    private int opening = NOWHERE;

    LinksBelowPath(BasePath base) {
        this(base, new Page(new StringBuilder(16 * 1024)));
    }

    private LinksBelowPath(BasePath base, Page page) {
        super(page);
        this.base = base;
        this.page = page;
    }

    /** Collects what is written, already escaped. */
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

    /** Writes the path if an address of the console begins here. */
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
