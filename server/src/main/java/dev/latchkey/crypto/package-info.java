/** Everything that touches key material: secrets, keyed hashes, the master key, passwords, the choice of a provider. */
@NullMarked
package dev.latchkey.crypto;

import org.jspecify.annotations.NullMarked;
