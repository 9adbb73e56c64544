package dev.latchkey.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.http.BasePath;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a page's text is rewritten, piece by piece as the templates write it. */
class LinksBelowPathTest {
    private final LinksBelowPath page = new LinksBelowPath(new BasePath("/auth"));

    /** A template's own text. */
    private LinksBelowPathTest text(String text) {
        page.writeBinaryContent(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** What a template takes from elsewhere, into an attribute. */
    private LinksBelowPathTest value(String tag, String attribute, String value) {
        page.setContext(tag, attribute);
        page.writeUserContent(value);
        page.setContext(tag, null);
        return this;
    }

    /** The same as text of the page. */
    private LinksBelowPathTest content(String value) {
        page.setContext("p", null);
        page.writeUserContent(value);
        return this;
    }

    private void assertIs(String expected) {
        assertThat(page.toString()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            <a href="/tokens">                             | <a href="/auth/tokens">
            <a href='/tokens'>                             | <a href='/auth/tokens'>
            <a class="x" href="/"><a href="/b">            | <a class="x" href="/auth/"><a href="/auth/b">
            <form method="post" action="/a" hx-post="/b">  | <form method="post" action="/auth/a" hx-post="/auth/b">
            <button formaction="/a">                       | <button formaction="/auth/a">
            <script src="/a.js" defer></script>            | <script src="/auth/a.js" defer></script>
            <dialog data-back="/a"><i data-discard="/b">   | <dialog data-back="/auth/a"><i data-discard="/auth/b">
            <div hx-get="/a?b=/c">                         | <div hx-get="/auth/a?b=/c">
            """)
    void everyAttributeThatHoldsAnAddressOfOursGetsThePath(String written, String expected) {
        text(written).assertIs(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<a href=\"#main\">",
                "<a href=\"?page=2\">",
                "<a href=\"\">",
                "<a href=\"//example.com/x\">",
                "<a href=\"https://example.com/x\">",
                "<input value=\"/tokens\" data-copy=\"/tokens\">",
                "<a data-href=\"/tokens\">",
                "<p>a = /tokens and \"/tokens\"</p>"
            })
    void everythingElseStaysAsItIs(String written) {
        text(written).assertIs(written);
    }

    @Test
    void anAddressMayComeWholeOrInParts() {
        text("<a href=\"").value("a", "href", "/roles?a=b&c=d").text("\"><a href=\"/roles/");
        value("a", "href", "/x")
                .text("/y\"><a href=\"")
                .value("a", "href", "#x")
                .value("a", "href", "/y")
                .text("\">");
        assertIs("<a href=\"/auth/roles?a=b&amp;c=d\"><a href=\"/auth/roles//x/y\"><a href=\"#x/y\">");
    }

    /** As around {@code @if} and {@code @else}. */
    @Test
    void anAddressMayBeginInAnotherPieceThanItsAttribute() {
        text("<a href=\"")
                .text("/tokens")
                .text("/x")
                .text("\"><a href=\"")
                .value("a", "href", "")
                .text("/y\">");
        assertIs("<a href=\"/auth/tokens/x\"><a href=\"/auth/y\">");
    }

    @Test
    void anotherHostsAddressIsNotMadeOneOfOurs() {
        text("<a href=\"").value("a", "href", "//evil.example/").text("\"><a href=\"/");
        value("a", "href", "/evil.example/").text("\">");
        assertIs("<a href=\"//evil.example/\"><a href=\"/auth//evil.example/\">");
    }

    @Test
    void whatPeopleTypedIsWrittenAsItIsWhateverItLooksLike() {
        String hostile = "x\" href=\"/tokens\" action='/a' <a href=\"/b\"> href=\"";
        text("<p>")
                .content(hostile)
                .text("/c</p><input value=\"")
                .value("input", "value", hostile)
                .text("/d\"><a href=\"");
        value("a", "href", hostile).text("\">").content("/e").content("href=\"").content("/f");
        String attribute = "x&#34; href=&#34;/tokens&#34; action=&#39;/a&#39; &lt;a href=&#34;/b&#34;> href=&#34;";
        assertIs("<p>x\" href=\"/tokens\" action='/a' &lt;a href=\"/b\"&gt; href=\"/c</p><input value=\"" + attribute
                + "/d\"><a href=\"" + attribute + "\">/ehref=\"/f");
    }

    @Test
    void aScriptsAddressIsStillNone() {
        text("<a href=\"").value("a", "href", "javascript:alert(1)").text("\">");
        assertIs("<a href=\"\">");
    }
}
