package dev.latchkey.gate;

import dev.latchkey.access.Caller;
import dev.latchkey.access.Privilege;

/** Whether a call may be made, with its reason. */
public sealed interface Decision {

    record Allowed(Caller caller) implements Decision {}

    /** Nobody, or a credential that does not count: 401. */
    record Unauthenticated(Identification why) implements Decision {}

    /** Somebody without the privilege: 403. */
    record Forbidden(Caller caller, Privilege missing) implements Decision {}

    /** A browser's change that another site may have sent: 403. */
    record Forged() implements Decision {}
}
