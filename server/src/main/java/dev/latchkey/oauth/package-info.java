/** OAuth 2.0: access tokens, and a class for each endpoint, grant and way of client authentication of the RFCs. */
@NullMarked
package dev.latchkey.oauth;

import org.jspecify.annotations.NullMarked;
