/** Reads foreign OpenAPI documents, as far as they are about endpoints. */
@NullMarked
package dev.latchkey.openapi;

import org.jspecify.annotations.NullMarked;
