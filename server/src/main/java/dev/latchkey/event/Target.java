package dev.latchkey.event;

/**
 * What an event is about.
 *
 * @param kind such as {@code api_token}, {@code role}, {@code user}
 * @param name how people knew it when it happened
 */
public record Target(String kind, String id, String name) {}
