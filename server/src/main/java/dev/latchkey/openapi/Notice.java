package dev.latchkey.openapi;

/**
 * Something in a document that people should look at.
 *
 * @param where in plain words
 */
public record Notice(String where, String message) {}
