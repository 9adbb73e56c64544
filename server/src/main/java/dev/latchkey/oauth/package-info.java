/** The OAuth 2.0 face: access tokens, and one class for each endpoint of the RFCs. */
@NullMarked
package dev.latchkey.oauth;

import org.jspecify.annotations.NullMarked;
