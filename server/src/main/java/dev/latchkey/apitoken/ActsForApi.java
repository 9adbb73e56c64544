package dev.latchkey.apitoken;

import dev.latchkey.database.Transaction;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Change;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.registry.ApiUse;
import java.util.List;

/** Ends what API tokens that act for an API see of its callers when it is deleted, even if another API takes its name later. */
public final class ActsForApi implements ApiUse {
    private final EventLog log;
    private final ApiTokenStore store = new ApiTokenStore();

    public ActsForApi(EventLog log) {
        this.log = log;
    }

    @Override
    public void ended(Transaction transaction, String api, Actor actor) {
        for (ApiToken apiToken : store.actingFor(transaction.handle(), api)) {
            store.update(transaction, apiToken, apiToken.on(apiToken.terms().actingFor(null)));
            log.append(
                    transaction,
                    actor,
                    EventType.API_TOKEN_UPDATE,
                    apiToken.target(),
                    List.of(Change.from("acts for", api, null)));
        }
    }
}
