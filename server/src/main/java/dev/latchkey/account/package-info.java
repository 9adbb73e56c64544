/** People: the account, its users, how they sign in, and their sessions. */
@NullMarked
package dev.latchkey.account;

import org.jspecify.annotations.NullMarked;
