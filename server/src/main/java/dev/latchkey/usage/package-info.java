/** What API tokens are used for: how often which token called which endpoint with which outcome. */
@NullMarked
package dev.latchkey.usage;

import org.jspecify.annotations.NullMarked;
