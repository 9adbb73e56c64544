/** Paths: templates, the one plain spelling of requests, and which template a request matches. */
@NullMarked
package dev.latchkey.path;

import org.jspecify.annotations.NullMarked;
