package dev.latchkey.account;

/** What about a person is to change. */
public record UpdateUser(String name) {}
