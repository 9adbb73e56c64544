package dev.latchkey.http;

/** The reason phrases of RFC 9110 for the statuses that we send. */
public final class HttpStatus {
    private HttpStatus() {}

    public static String title(int status) {
        return org.eclipse.jetty.http.HttpStatus.getMessage(status);
    }
}
