package dev.latchkey.event;

/**
 * From where a request came.
 *
 * @param userAgent what the caller says it is, at most 200 characters; empty when it says nothing
 */
public record Origin(String address, String userAgent) {}
