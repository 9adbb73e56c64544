package dev.latchkey.management;

/** A query parameter of an operation, for the OpenAPI document. */
public record QueryParameter(String name, String type, String description) {}
