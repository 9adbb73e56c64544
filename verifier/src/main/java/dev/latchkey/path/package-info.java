/** Paths: templates, requests in their one plain spelling, and which template a request matches. */
@NullMarked
package dev.latchkey.path;

import org.jspecify.annotations.NullMarked;
