/**
 * The thin wall around the HTTP server: requests parsed once into a record, responses, routes, and the one place that
 * renders problems. It names headers and statuses that no feature owns, and is independent of all features.
 */
@NullMarked
package dev.latchkey.http;

import org.jspecify.annotations.NullMarked;
