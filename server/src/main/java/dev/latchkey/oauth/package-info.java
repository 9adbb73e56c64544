/** The OAuth 2.0 face: access tokens, and one class for each endpoint, each grant and each proof of the RFCs. */
@NullMarked
package dev.latchkey.oauth;

import org.jspecify.annotations.NullMarked;
