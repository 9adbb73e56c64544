-- What each token did on the last seven days, for the list of tokens: written about once an hour, and only where it changed. Older
-- nodes leave it as it is.

-- Zero for a token without calls, which is most of very many.
alter table api_token add column week_calls bigint not null default 0;
alter table api_token add column week_refused bigint not null default 0;
alter table api_token add column week_limited bigint not null default 0;
-- How many different endpoints; null where calls were counted without their endpoint.
alter table api_token add column week_endpoints bigint default 0;

-- The list in the order of the calls.
create index api_token_week_index on api_token (week_calls, client_id);
-- The tokens with calls, which the next count compares with theirs.
create index api_token_called_index on api_token (client_id) where week_calls > 0;
-- What lists narrow to: perhaps few of very many.
create index api_token_refused_index on api_token (week_refused, week_calls, client_id) where week_refused >= 10;
create index api_token_limited_index on api_token (week_limited, client_id) where week_limited > 0;

-- The hour for which a node last began to count, so that each hour one node does.
create table last_week_pass (
    singleton integer primary key check (singleton = 1),
    at bigint not null
);
insert into last_week_pass (singleton, at) values (1, 0);

-- How many calls all API tokens made to each API on each day, for the chart of an API: a few rows for each API and day, kept as long as
-- the usage by the day. Older nodes do not add their calls.
create table usage_api_day (
    api_name text not null,
    -- When the day begins.
    at bigint not null,
    outcome text not null,
    calls bigint not null,
    primary key (api_name, at, outcome)
);
insert into usage_api_day (api_name, at, outcome, calls)
select api_name, at, outcome, sum(calls) from usage_day where api_name <> '' group by api_name, at, outcome;
