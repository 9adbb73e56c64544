-- How much may be called: with each token of a role, of an API, with all tokens of the account, and with a token, in JSON; null for no
-- limits. Older nodes count no calls, so limits hold once all nodes are upgraded.

-- In the order in which readers come to these tables, so that none of them holds one and waits for another.
alter table role add column call_limits text;
alter table api add column call_limits text;
alter table account add column call_limits text;
alter table api_token add column call_limits text;

-- What the nodes have got of each limit, at most a row for each.
create table limit_count (
    -- token, role, api or account.
    whose text not null,
    -- A client id, also for a role; the name of an API; empty for the account.
    id text not null,
    measure text not null,
    -- When the period of a quota begins; 0 for a rate.
    period bigint not null,
    -- Of a quota, how much of it the nodes have got; of a rate, when the next call would be due if all came at the allowed rate, in
    -- nanoseconds since 1970.
    taken bigint not null,
    -- The period in which people were warned that most of the quota is used; 0 for none.
    warned bigint not null default 0,
    primary key (whose, id, measure)
);

-- The nodes that share limits, and when each last asked for a part, in the database's time.
create table limit_node (
    node_id text primary key,
    seen_at bigint not null
);
