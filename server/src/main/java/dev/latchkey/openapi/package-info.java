/** Reads other people's OpenAPI documents, as far as endpoints go. */
@NullMarked
package dev.latchkey.openapi;

import org.jspecify.annotations.NullMarked;
