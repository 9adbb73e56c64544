package dev.latchkey.event;

/**
 * Where a request came from.
 *
 * @param userAgent the caller's own name for itself, at most 200 characters; empty when it sends none
 */
public record Origin(String address, String userAgent) {}
