/**
 * The thin wall around the HTTP server: a request parsed once into a record, a response, routes, problems rendered in
 * one place. It names headers and statuses that no feature owns, and knows no feature.
 */
@NullMarked
package dev.latchkey.http;

import org.jspecify.annotations.NullMarked;
