package dev.latchkey.event;

import dev.latchkey.http.Request;

/**
 * From where a request came.
 *
 * @param userAgent what the caller says it is, at most 200 characters; empty when it says nothing
 */
public record Origin(String address, String userAgent) {

    public static Origin of(Request request) {
        return new Origin(request.remoteAddress(), request.userAgent().orElse(""));
    }
}
