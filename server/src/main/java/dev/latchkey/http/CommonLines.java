package dev.latchkey.http;

import dev.latchkey.trace.CurrentRequest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The request log in the format that most web servers share, with the client id as the user's name, the route's template in
 * place of the path, and two more fields at the end: the request's id, and how many seconds it took.
 */
public final class CommonLines implements RequestLog.Format {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss xx", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    /** A method may have characters that would end the field in which it is written. */
    private static final Pattern STRANGE = Pattern.compile("[^A-Za-z-]");

    @Override
    public String line(RequestLog.Entry entry) {
        RequestLog.Call call = entry.call();
        CurrentRequest request = entry.request();
        return orDash(call.address()) + " - " + orDash(request.clientId()) + " ["
                + TIME.format(Instant.ofEpochMilli(entry.at())) + "] \""
                + STRANGE.matcher(call.method()).replaceAll("?") + " " + orDash(call.route()) + " " + call.protocol()
                + "\" " + entry.status() + " " + (entry.bytes() == 0 ? "-" : Long.toString(entry.bytes())) + " \""
                + request.id() + "\" " + seconds(entry.nanos());
    }

    private static String orDash(@Nullable String text) {
        return text == null || text.isEmpty() ? "-" : text;
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.6f", nanos / 1e9);
    }
}
