/** The kit that our own API is made of: operations declared by name, the OpenAPI document, ETags, idempotency, line rules. */
@NullMarked
package dev.latchkey.management;

import org.jspecify.annotations.NullMarked;
