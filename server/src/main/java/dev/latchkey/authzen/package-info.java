/** The OpenID AuthZEN Authorization API 1.0: answers what an API token or a role may call, as the gate would decide. */
@NullMarked
package dev.latchkey.authzen;

import org.jspecify.annotations.NullMarked;
