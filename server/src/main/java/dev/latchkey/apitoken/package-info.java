/** Credentials of programs: API tokens, their life from draft to revoked, and when each was last used. */
@NullMarked
package dev.latchkey.apitoken;

import org.jspecify.annotations.NullMarked;
