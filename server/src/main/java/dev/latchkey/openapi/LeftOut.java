package dev.latchkey.openapi;

/**
 * An operation of a document that cannot be read or imported; all others are.
 *
 * @param method upper case; empty when it concerns all operations of the path
 * @param path in our spelling if it has one, otherwise as the document spells it
 * @param where in plain words, with line and column
 * @param reason why, beginning with a lower-case letter
 * @param possible whether an endpoint can have this method and path, so that people can add it themselves
 */
public record LeftOut(String method, String path, String where, String reason, boolean possible) {}
