package dev.latchkey.usage;

import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.Barred;
import dev.latchkey.apitoken.LastAccess;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Origin;
import dev.latchkey.problem.Text;
import dev.latchkey.trace.CurrentRequest;

/**
 * The one place that learns of every use of an API token. Each endpoint reports here, once, what a program called and what became
 * of it: a call that was allowed is also the token's last access, a refused one is only counted. It is on the path of every
 * request, so nothing here writes or waits.
 */
public final class Uses {
    private final LastAccess lastAccess;
    private final UsageCounter counter;

    public Uses(LastAccess lastAccess, UsageCounter counter) {
        this.lastAccess = lastAccess;
        this.counter = counter;
    }

    /** A program was allowed to call an API, ours or another. A person's call uses no API token. */
    public void note(Caller caller) {
        Origin from = caller.origin();
        if (caller.kind() == Actor.Kind.PROGRAM && from != null) {
            lastAccess.note(caller.id(), from);
        }
    }

    /** Counts a program's call. A person's call uses no API token. */
    public void count(Caller caller, Called called, Outcome outcome) {
        if (caller.kind() == Actor.Kind.PROGRAM) {
            Origin from = caller.origin();
            counter.count(caller.id(), from == null ? CalledFrom.UNKNOWN : from.address(), called, outcome);
        }
    }

    /**
     * Counts a call of a program that proved which API token it has and was refused nevertheless. It is not a use: the last access
     * stays as it is.
     */
    public void count(Barred barred, Called called) {
        counter.count(barred.clientId(), barred.from().address(), called, Outcome.of(barred.why()));
    }

    /** A program got an access token. */
    public void noteIssued(ApiToken apiToken, Origin from, Called issued) {
        CurrentRequest.isBy(apiToken.clientId());
        lastAccess.note(apiToken.clientId(), from);
        counter.count(apiToken.clientId(), from.address(), issued, Outcome.ALLOWED);
    }

    /** A program got no access token, because a limit was reached. */
    public void noteLimited(ApiToken apiToken, Origin from, Called issuing) {
        CurrentRequest.isBy(apiToken.clientId());
        counter.count(apiToken.clientId(), from.address(), issuing, Outcome.LIMITED);
    }

    /**
     * A program that proved its API token got an answer from an OAuth endpoint.
     *
     * @param path the endpoint's
     */
    public void note(ApiToken apiToken, Origin from, String path) {
        CurrentRequest.isBy(apiToken.clientId());
        lastAccess.note(apiToken.clientId(), from);
        counter.count(
                apiToken.clientId(), from.address(), new Called(ManagementApi.NAME, "POST", path), Outcome.ALLOWED);
    }

    /**
     * An API presented an access token that a program had presented to it. Only the API knows the program's address.
     *
     * @param api the API's name
     * @param asker the API's own API token
     * @param address the API's own
     */
    public void noteIntrospected(ApiToken apiToken, String api, ApiToken asker, String address) {
        lastAccess.note(apiToken.clientId(), new Origin(address, "introspected by " + asker.description()));
        counter.count(apiToken.clientId(), CalledFrom.UNKNOWN, Called.api(api), Outcome.ALLOWED);
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
