package dev.latchkey.account;

/** A person's new name. */
public record UpdateUser(String name) {}
