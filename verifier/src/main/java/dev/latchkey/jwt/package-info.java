/** JWTs in their one exact spelling, for the server and for the library. */
@NullMarked
package dev.latchkey.jwt;

import org.jspecify.annotations.NullMarked;
