package dev.latchkey.http;

/** How foreign text appears inside our own sentences: short, on one line, in quotation marks. */
final class Text {
    private Text() {}

    static String quote(String foreign) {
        String line = foreign.replaceAll("\\p{Cntrl}", "?");
        return "\"" + (line.length() <= 60 ? line : line.substring(0, 60) + "...") + "\"";
    }
}
