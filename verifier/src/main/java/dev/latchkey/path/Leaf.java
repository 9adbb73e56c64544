package dev.latchkey.path;

import org.jspecify.annotations.Nullable;

/** A template's end; without a value it means that the path does not match exactly. */
record Leaf<T>(PathTemplate template, @Nullable T value) {}
