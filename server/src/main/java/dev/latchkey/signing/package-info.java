/** Signing keys and their life: announced, signing, verifying, withdrawn, ended. */
@NullMarked
package dev.latchkey.signing;

import org.jspecify.annotations.NullMarked;
