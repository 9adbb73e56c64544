package dev.latchkey.apitoken;

import dev.latchkey.access.Caller;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Origin;

/**
 * The one place that hears of every use of an API token. Each door says here, once, that a program got what it came for;
 * one that was refused has used nothing. It is on the path of every request, so nothing here writes or waits.
 */
public final class Uses {
    private final LastAccess lastAccess;

    public Uses(LastAccess lastAccess) {
        this.lastAccess = lastAccess;
    }

    /** A program calls an API, ours or another, and may. When people do, no API token is used. */
    public void note(Caller caller) {
        Origin from = caller.origin();
        if (caller.kind() == Actor.Kind.PROGRAM && from != null) {
            lastAccess.note(caller.id(), from);
        }
    }

    /** A program got an answer of an OAuth endpoint, where it proved which API token it is. */
    public void note(ApiToken apiToken, Origin from) {
        lastAccess.note(apiToken.clientId(), from);
    }

    /**
     * An API showed an access token that some program showed to it. Where the program is, only the API knows.
     *
     * @param asker the API's own API token
     * @param address the API's
     */
    public void noteIntrospected(ApiToken apiToken, ApiToken asker, String address) {
        lastAccess.note(apiToken.clientId(), new Origin(address, "introspected by " + asker.description()));
    }
}
