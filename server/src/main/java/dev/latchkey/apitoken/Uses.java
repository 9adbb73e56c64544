package dev.latchkey.apitoken;

import dev.latchkey.access.Caller;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Origin;
import dev.latchkey.problem.Text;
import dev.latchkey.trace.CurrentRequest;

/**
 * The one place that learns of every use of an API token. Each endpoint reports here, once, that a program got what it asked for;
 * a refused request is not a use. It is on the path of every request, so nothing here writes or waits.
 */
public final class Uses {
    private final LastAccess lastAccess;

    public Uses(LastAccess lastAccess) {
        this.lastAccess = lastAccess;
    }

    /** A program was allowed to call an API, ours or another. A person's call uses no API token. */
    public void note(Caller caller) {
        Origin from = caller.origin();
        if (caller.kind() == Actor.Kind.PROGRAM && from != null) {
            lastAccess.note(caller.id(), from);
        }
    }

    /** A program that proved its API token got an answer from an OAuth endpoint. */
    public void note(ApiToken apiToken, Origin from) {
        CurrentRequest.isBy(apiToken.clientId());
        lastAccess.note(apiToken.clientId(), from);
    }

    /**
     * An API presented an access token that a program had presented to it. Only the API knows the program's address.
     *
     * @param asker the API's own API token
     * @param address the API's own
     */
    public void noteIntrospected(ApiToken apiToken, ApiToken asker, String address) {
        lastAccess.note(apiToken.clientId(), new Origin(address, "introspected by " + asker.description()));
    }

    /**
     * An API asked about a call with a credential that a program had presented to it, and the call is allowed.
     *
     * @param program whose credential it is
     * @param address the program's, as the asker says, or else the asker's own
     */
    public void noteVerified(Caller program, Caller asker, String address) {
        lastAccess.note(program.id(), new Origin(address, Text.cut("verified by " + asker.name(), 200)));
    }
}
