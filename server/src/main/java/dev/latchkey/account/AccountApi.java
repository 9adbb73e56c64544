package dev.latchkey.account;

import static dev.latchkey.access.ManagementApi.ACCOUNT_MANAGE;

import dev.latchkey.access.Caller;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.management.Doc;
import dev.latchkey.management.ETag;
import dev.latchkey.management.LimitsBody;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Tag;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The management API's calls for the account itself. */
public final class AccountApi {
    private static final String LIMITS = "How much may be called, with all API tokens of the account together";

    private final Accounts accounts;

    public AccountApi(Accounts accounts) {
        this.accounts = accounts;
    }

    /** The account. */
    public record AccountReply(
            @Doc("The first part of every client id") String key,
            String name,
            Instant createdAt,

            @Doc("The longest life of a new API token, in days; absent for no limit") @Nullable Integer longestTokenDays,

            @Doc("The longest life of a new API key, in days; absent for that of any token") @Nullable Integer longestKeyDays,

            @Doc("Whether a new API key must name the addresses that it is used from")
            boolean keysNeedAddresses,

            @Doc(LIMITS) @Nullable LimitsBody limits) {

        static AccountReply of(Account account) {
            return new AccountReply(
                    account.key(),
                    account.name(),
                    account.createdAt(),
                    account.longestTokenDays(),
                    account.keyPolicy().longestDays(),
                    account.keyPolicy().needsAddresses(),
                    LimitsBody.of(account.limits()));
        }
    }

    /** Changes to the account; an absent field stays as it is. */
    public record UpdateAccount(
            @Doc("1 to 100 characters") @Nullable String name,

            @Doc(value = "1 to 3653; null for no limit. Existing tokens keep their expiry", clearable = true) @Nullable Integer longestTokenDays,

            @Doc(value = "1 to 3653; null for that of any token. Existing keys keep their expiry", clearable = true)
            @Nullable Integer longestKeyDays,

            @Doc("Whether a new API key must name the addresses that it is used from") @Nullable Boolean keysNeedAddresses,

            @Doc(value = LIMITS + ", in full; null for none", clearable = true) @Nullable LimitsBody limits) {}

    public List<Operation> operations() {
        return List.of(
                Operation.get("/account")
                        .id("getAccount")
                        .tag(Tag.ACCOUNT)
                        .needsNoPrivilege()
                        .summary("Get the account")
                        .answers(AccountReply.class)
                        .versioned()
                        .by((caller, request) -> reply(accounts.get())),
                Operation.patch("/account")
                        .id("updateAccount")
                        .tag(Tag.ACCOUNT)
                        .needs(ACCOUNT_MANAGE)
                        .summary("Change the account")
                        .takes(UpdateAccount.class)
                        .answers(AccountReply.class)
                        .versioned()
                        .ifMatch()
                        .by(this::update));
    }

    private Response update(Caller caller, Request request) {
        UpdateAccount body = request.json(UpdateAccount.class);
        Set<String> given = request.jsonNames();
        return reply(accounts.edit(
                caller,
                old -> new AccountTerms(
                        body.name() == null ? old.name() : body.name(),
                        given.contains("longestTokenDays") ? body.longestTokenDays() : old.longestTokenDays(),
                        new KeyPolicy(
                                given.contains("longestKeyDays")
                                        ? body.longestKeyDays()
                                        : old.keyPolicy().longestDays(),
                                body.keysNeedAddresses() == null
                                        ? old.keyPolicy().needsAddresses()
                                        : body.keysNeedAddresses()),
                        given.contains("limits") ? LimitsBody.limits(body.limits()) : old.limits()),
                ETag.expected(request)));
    }

    private static Response reply(Account account) {
        return ETag.on(Response.json(200, AccountReply.of(account)), account.version());
    }
}
