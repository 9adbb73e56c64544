/** Checks Latchkey's access tokens inside an API: who calls, and may they, without a call per request. */
@NullMarked
package dev.latchkey.verifier;

import org.jspecify.annotations.NullMarked;
