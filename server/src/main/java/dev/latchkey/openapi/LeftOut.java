package dev.latchkey.openapi;

/**
 * An operation that a document has and that cannot be read or taken; all others are.
 *
 * @param method upper case; empty when it is about all operations of the path
 * @param path in our spelling when it can be spelled, as it stands in the document otherwise
 * @param where in plain words, with line and column
 * @param reason why, beginning with a small letter
 * @param possible whether an endpoint can have this method and path, so that people may say what it needs
 */
public record LeftOut(String method, String path, String where, String reason, boolean possible) {}
